package shard

import "bytes"

// The windows of a participant are in order by age, for the oldest makes room. They are a tree:
// below each window the older ones are on one side, and the newer ones on the other. No window has
// one of a higher rank below it. Ranks are spread evenly, so the tree is shallow in whichever order
// messages come: of 10,000 windows one is some 20 steps down. In a chain it took as many steps as
// there are newer ones.

// rankOf is as good as random. Nobody chooses slots.
func rankOf(w uint32) uint32 {
	mixed := (uint64(w) + 1) * 0x9e3779b97f4a7c15
	mixed = (mixed ^ mixed>>32) * 0x9e3779b97f4a7c15
	return uint32(mixed >> 32)
}

// linkWindow puts a window in its place by age.
func (p *Partition) linkWindow(l *list, w uint32) {
	at := &l.tree
	for *at != none && rankOf(*at) >= rankOf(w) {
		at = p.towards(*at, w)
	}
	p.windows.at(w).older, p.windows.at(w).newer = p.split(*at, w)
	*at = w
}

// unlinkWindow takes out a window whose time is the one with which it was put in.
func (p *Partition) unlinkWindow(l *list, w uint32) {
	at := &l.tree
	for *at != w {
		at = p.towards(*at, w)
	}
	*at = p.unite(p.windows.at(w).older, p.windows.at(w).newer)
}

// towards is the side of a window on which another one is.
func (p *Partition) towards(at, w uint32) *uint32 {
	if p.isNewer(w, at) {
		return &p.windows.at(at).newer
	}
	return &p.windows.at(at).older
}

// split makes two trees of one: what is older than a window, and what is newer.
func (p *Partition) split(tree, w uint32) (older, newer uint32) {
	toOlder, toNewer := &older, &newer
	for tree != none {
		if at := p.windows.at(tree); p.isNewer(w, tree) {
			*toOlder, toOlder, tree = tree, &at.newer, at.newer
		} else {
			*toNewer, toNewer, tree = tree, &at.older, at.older
		}
	}
	*toOlder, *toNewer = none, none
	return older, newer
}

// unite makes one tree of two, of which one has the older windows.
func (p *Partition) unite(older, newer uint32) (tree uint32) {
	at := &tree
	for older != none && newer != none {
		if rankOf(older) > rankOf(newer) {
			*at, at = older, &p.windows.at(older).newer
			older = *at
		} else {
			*at, at = newer, &p.windows.at(newer).older
			newer = *at
		}
	}
	*at = min(older, newer) // none is the greatest number
	return tree
}

// oldestWindow is the one that makes room, or none.
func (p *Partition) oldestWindow(l *list) uint32 {
	w := l.tree
	for w != none && p.windows.at(w).older != none {
		w = p.windows.at(w).older
	}
	return w
}

// newestTime is that of the latest message of a list that has windows.
func (p *Partition) newestTime(l *list) int64 {
	w := l.tree
	for p.windows.at(w).newer != none {
		w = p.windows.at(w).newer
	}
	return p.windows.at(w).at
}

// windowsOf goes through the windows of a list, the newest first. Each may be given back meanwhile.
func (p *Partition) windowsOf(l *list) func(yield func(w uint32) bool) {
	return func(yield func(w uint32) bool) { p.walk(l.tree, yield) }
}

func (p *Partition) walk(tree uint32, yield func(w uint32) bool) bool {
	if tree == none {
		return true
	}
	older := p.windows.at(tree).older
	return p.walk(p.windows.at(tree).newer, yield) && yield(tree) && p.walk(older, yield)
}

func (p *Partition) isNewer(a, b uint32) bool {
	w := p.windows.at(a)
	return p.outranks(p.names.name(w.peer), w.at, b)
}

// allWindows goes through the windows. Each may be given back meanwhile, if its list stays.
func (p *Partition) allWindows(yield func(w uint32) bool) {
	for _, l := range p.allLists {
		if !p.walk(l.tree, yield) {
			return
		}
	}
}

// outranks reports whether a window of peer and at is newer than w. Of one time the ids decide, so
// that all nodes keep the same ones.
func (p *Partition) outranks(peer []byte, atMillis int64, w uint32) bool {
	if atMillis != p.windows.at(w).at {
		return atMillis > p.windows.at(w).at
	}
	return bytes.Compare(peer, p.names.name(p.windows.at(w).peer)) > 0
}
