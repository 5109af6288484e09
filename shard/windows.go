package shard

// OpenWindow lets peer see through a participant's appear_offline until Settings.WindowMillis after
// atMillis, the Unix time of a direct message between the two; the latest message counts. The
// peer's own side of the window lies in the peer's partition. A message that isn't later than the
// erasure of one of the two is Erased.
func (p *Partition) OpenWindow(now Tick, k, peer Key, atMillis int64) Outcome {
	if p.isOver(now, atMillis) {
		return Done
	}
	at, ok := p.sentAfter(k, peer, atMillis)
	if !ok {
		return Erased
	}
	who := p.find(k)
	if p.isFull(k, who) && p.findWindow(who, p.settings.Viewer(peer.ID).Hash) == none {
		return Full
	}
	return p.storeWindow(k, peer, at)
}

// mergeWindow takes in a window of another account, unless it was there at the erasure of one of
// the two.
func (p *Partition) mergeWindow(now Tick, k, peer Key, atMillis int64) {
	switch {
	case p.isOver(now, atMillis):
		p.left = append(p.left, k.Hash, peer.Hash)
	case p.erasedWindow(k, peer, atMillis):
		p.struck++
	default:
		p.storeWindow(k, peer, atMillis)
	}
}

// isOver reports whether the window that a message opened has ended.
func (p *Partition) isOver(now Tick, atMillis int64) bool {
	return p.settings.tickAfter(atMillis+p.settings.WindowMillis) <= now
}

func (p *Partition) storeWindow(k, peer Key, atMillis int64) Outcome {
	who, out := p.findOrAdd(k)
	if out != Done {
		return out
	}
	return p.openWindow(who, peer, atMillis)
}

func (p *Partition) openWindow(who uint32, peer Key, atMillis int64) Outcome {
	viewer := p.settings.Viewer(peer.ID)
	if w := p.findWindow(who, viewer.Hash); w != none {
		if atMillis > p.windows.at(w).at {
			l := p.listOf(who)
			p.unlinkWindow(l, w)
			p.windows.at(w).at = atMillis
			p.linkWindow(l, w)
			p.noteWindow(who, w)
		}
		return Done
	}
	w, l := none, p.listOf(who)
	switch {
	case l == nil || int(l.windows+l.others) < p.settings.MaxExceptions:
		w = p.newWindow(atMillis)
	case l.windows == 0:
		return TooManyExceptions
	default:
		if w = p.oldestWindow(l); !p.outranks([]byte(peer.ID), atMillis, w) {
			return Done
		}
		p.closeEarly(w) // it stays filed, and at its own, earlier tick is filed again under the new one
	}
	before := p.trust(who, viewer.Hash)
	p.attachWindow(who, w, viewer, atMillis)
	p.noteWindow(who, w)
	p.pairChanged(who, viewer.Hash, before)
	return Done
}

// findWindow is the slot of a participant's window for a viewer, or none.
func (p *Partition) findWindow(who uint32, hash uint64) uint32 {
	l := p.listOf(who)
	if l == nil {
		return none
	}
	if place, found := p.cells.find(l, hash, cellWindow); found {
		return p.cells.in(l)[place].slot()
	}
	return none
}

// closeEarly takes a window from its participant, and reports that. Its slot stays.
func (p *Partition) closeEarly(w uint32) {
	who, hash := p.windows.at(w).participant, p.hashOfWindow(w)
	before := p.trust(who, hash)
	p.detachWindow(w)
	p.pairChanged(who, hash, before)
}

// newWindow takes a slot and files it.
func (p *Partition) newWindow(atMillis int64) uint32 {
	w, _ := p.windows.take()
	p.windows.at(w).participant = none
	p.wheel.file(w|isWindow, p.settings.tickAfter(atMillis+p.settings.WindowMillis))
	return w
}

func (p *Partition) attachWindow(who, w uint32, peer Viewer, atMillis int64) {
	p.reserve(1 + len(peer.ID))
	p.windows.at(w).at, p.windows.at(w).participant, p.windows.at(w).peer = atMillis, who, p.names.push(peer.ID)
	l, c := p.makeList(who), windowCell(peer.Hash, w)
	p.cells.insert(l, c)
	p.addWeight(who, p.weigh(c))
	l.windows++
	p.counts.Windows++
	p.linkWindow(l, w)
}

func (p *Partition) detachWindow(w uint32) {
	who := p.windows.at(w).participant
	l := p.listOf(who)
	p.unlinkWindow(l, w)
	place, _ := p.cells.find(l, p.hashOfWindow(w), cellWindow)
	p.addWeight(who, -p.weigh(p.cells.in(l)[place]))
	p.cells.remove(l, place)
	peer := p.names.name(p.windows.at(w).peer)
	p.left = append(p.left, hashOfName(peer))
	p.names.kill(p.windows.at(w).peer, 1+len(peer))
	p.windows.at(w).participant = none
	l.windows--
	p.counts.Windows--
	p.dropEmptyList(p.factOf(who))
}

// hashOfWindow is the hash of the viewer whose window it is.
func (p *Partition) hashOfWindow(w uint32) uint64 {
	return p.settings.viewerHash(sumOf(p.names.name(p.windows.at(w).peer)))
}

// endWindow ends a window before its time. It is filed still: the slot is free when the wheel lets
// it go, or when all is filed anew.
func (p *Partition) endWindow(w uint32) {
	p.closeEarly(w)
	p.orphans++
}

// closeWindow ends a window whose time has come, which the wheel has just let go.
func (p *Partition) closeWindow(w uint32) {
	if who := p.windows.at(w).participant; who != none {
		p.closeEarly(w)
		p.file(who) // the fact may be forgettable now
		p.orphans++
	}
	p.dropOrphan(w | isWindow)
}

// dropOrphan frees the slot of a window that has ended, and isn't filed any more.
func (p *Partition) dropOrphan(ref uint32) {
	if w := ref &^ isWindow; ref&isWindow != 0 && p.windows.at(w).participant == none {
		p.windows.give(w)
		p.orphans--
	}
}
