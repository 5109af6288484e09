package hub

import (
	"slices"
)

func (n *names) add(v *Viewer) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.all[v.key.ID] = append(n.all[v.key.ID], v)
}

func (n *names) remove(v *Viewer) {
	n.mu.Lock()
	defer n.mu.Unlock()
	left := slices.DeleteFunc(n.all[v.key.ID], func(other *Viewer) bool { return other == v })
	if n.all[v.key.ID] = left; len(left) == 0 {
		delete(n.all, v.key.ID)
	}
}

func (n *names) get(id string) []*Viewer {
	n.mu.Lock()
	defer n.mu.Unlock()
	return slices.Clone(n.all[id])
}
