package hub

func (n *names) add(v *Viewer) {
	n.mu.Lock()
	defer n.mu.Unlock()
	v.next = n.all[v.key.Hash]
	n.all[v.key.Hash] = v
}

func (n *names) remove(v *Viewer) {
	n.mu.Lock()
	defer n.mu.Unlock()
	switch first := n.all[v.key.Hash]; {
	case first != v:
		for first.next != v {
			first = first.next
		}
		first.next = v.next
	case v.next != nil:
		n.all[v.key.Hash] = v.next
	default:
		delete(n.all, v.key.Hash)
	}
}

func (n *names) get(hash uint64) (all []*Viewer) {
	n.mu.Lock()
	defer n.mu.Unlock()
	for v := n.all[hash]; v != nil; v = v.next {
		all = append(all, v)
	}
	return all
}
