package hub

func (n *names) add(v *Viewer) {
	n.mu.Lock()
	defer n.mu.Unlock()
	v.next = n.all[v.key.ID]
	n.all[v.key.ID] = v
}

func (n *names) remove(v *Viewer) {
	n.mu.Lock()
	defer n.mu.Unlock()
	switch first := n.all[v.key.ID]; {
	case first != v:
		for first.next != v {
			first = first.next
		}
		first.next = v.next
	case v.next != nil:
		n.all[v.key.ID] = v.next
	default:
		delete(n.all, v.key.ID)
	}
}

func (n *names) get(id string) (all []*Viewer) {
	n.mu.Lock()
	defer n.mu.Unlock()
	for v := n.all[id]; v != nil; v = v.next {
		all = append(all, v)
	}
	return all
}
