package shard

// A participant has Settings.MaxExceptions windows, edges and blocks together. The oldest window
// makes room for what is new, an edge or a block never does.

// makeRoom reports whether there is room for one more exception. The oldest window may have gone
// for it.
func (p *Partition) makeRoom(who uint32) bool {
	l := p.listOf(who)
	switch {
	case l == nil || int(l.windows+l.others) < p.settings.MaxExceptions:
		return true
	case l.windows == 0:
		return false
	}
	p.endWindow(l.oldest) // which is still filed
	p.refile()
	return true
}

// HasRoom reports whether a participant can take the window that a message opens for a viewer. It
// may have one already, or need none: the window of an old message is over.
func (p *Partition) HasRoom(now Tick, k Key, viewer Viewer, atMillis int64) bool {
	who := p.find(k)
	l := p.listOf(who)
	return l == nil || p.isOver(now, atMillis) || int(l.windows+l.others) < p.settings.MaxExceptions || l.windows > 0 ||
		p.findWindow(who, viewer.Hash) != none
}

// crowdOut ends the oldest windows of a participant that has more exceptions than it may, as it
// may where those of two nodes come together. Edges and blocks are facts, and stay.
func (p *Partition) crowdOut(who uint32) {
	evicted := false
	for l := p.listOf(who); l.windows > 0 && int(l.windows+l.others) > p.settings.MaxExceptions; {
		p.endWindow(l.oldest) // which is still filed
		evicted = true
	}
	if evicted {
		p.refile()
	}
}

// countCell counts one cell more, or less.
func (p *Partition) countCell(l *list, c cell, by int32) {
	switch {
	case c.hash == noViewer:
	case isStone(c):
		l.stones += by
	default:
		l.others += by
		p.counts.Edges += int(by) * count(isEdge(c))
		p.counts.Blocks += int(by) * count(isBlock(c))
	}
}

// limitStones forgets the oldest of what is remembered as forgotten: a participant that unblocks
// ever new ids must not fill the memory.
func (p *Partition) limitStones(l *list) {
	for int(l.stones) > p.settings.MaxExceptions {
		oldest := -1
		for i, c := range p.cells.in(l) {
			if c.hash == noViewer || !isStone(c) {
				continue
			}
			if oldest < 0 || p.versionOf(c) < p.versionOf(p.cells.in(l)[oldest]) {
				oldest = i
			}
		}
		p.countCell(l, p.cells.in(l)[oldest], -1)
		p.cells.remove(l, oldest)
	}
}

// versionOf is the version of an edge or a block, the low bits cleared.
func (p *Partition) versionOf(c cell) Version {
	if isBlocked(c) {
		return p.blocks.at(c.slot()).version
	}
	return Version(c.word &^ kindMask)
}
