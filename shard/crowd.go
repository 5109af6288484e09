package shard

import "slices"

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
	p.endWindow(p.oldestWindow(l))
	p.dropOrphans()
	return true
}

// dropOrphans files all anew once a third of it are windows that have ended. So each of many that
// make room costs the same. To file all for each took a second for 1,000.
func (p *Partition) dropOrphans() {
	if p.orphans > p.wheel.size/3+keptChanges {
		p.refile()
	}
}

// HasRoom reports whether a participant can take the window that a message opens for a peer: Done,
// TooManyExceptions, Full or Erased. It may have one already, or need none: that of an old message
// is over.
func (p *Partition) HasRoom(now Tick, k, peer Key, atMillis int64) Outcome {
	if p.isOver(now, atMillis) {
		return Done
	}
	if _, counts := p.sentAfter(k, peer, atMillis); !counts {
		return Erased
	}
	who := p.find(k)
	l := p.listOf(who)
	switch {
	case p.findWindow(who, p.settings.Viewer(peer.ID).Hash) != none:
		return Done
	case p.isFull(k, who) || who == none && !p.hasRoom():
		return Full
	case l == nil || int(l.windows+l.others) < p.settings.MaxExceptions || l.windows > 0:
		return Done
	default:
		return TooManyExceptions
	}
}

// crowdOut ends the oldest windows of a participant that has more exceptions than it may, as it
// may where those of two nodes come together. Edges and blocks are facts, and stay.
func (p *Partition) crowdOut(who uint32) {
	for l := p.listOf(who); l.windows > 0 && int(l.windows+l.others) > p.settings.MaxExceptions; {
		p.endWindow(p.oldestWindow(l))
	}
	p.dropOrphans()
}

// countCell counts one cell more, or less, that isn't a window's. A block has its record.
func (p *Partition) countCell(who uint32, l *list, c cell, by int32) {
	p.addWeight(who, int(by)*p.weigh(c))
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
// ever new ids must not fill the memory. The latest Settings.MaxExceptions stay. Before any goes
// there are twice as many, so that each of many costs the same.
func (p *Partition) limitStones(who uint32, l *list) {
	most := p.settings.MaxExceptions
	if int(l.stones) <= 2*most {
		return
	}
	versions := make([]Version, 0, l.stones)
	for _, c := range p.cells.in(l) {
		if c.hash != noViewer && isStone(c) {
			versions = append(versions, p.versionOf(c))
		}
	}
	slices.Sort(versions)
	oldest := versions[len(versions)-most]
	p.cells.keep(l, func(c cell) bool {
		if c.hash == noViewer || !isStone(c) || p.versionOf(c) >= oldest {
			return true
		}
		p.countCell(who, l, c, -1)
		return false
	})
}
