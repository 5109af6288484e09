package shard

// Edges, statuses, overrides and claims have ends, and what was forgotten is remembered for
// Settings.FactTTL. Each list has the time at which the first of that comes, and so has the first
// statement of a participant. By it there is a place in a heap of the partition. What gets an
// earlier time gets another place; the old one means nothing when its time comes.
//
// Times are Unix times, not ticks: after a gap a tick is another time. An end that has passed in
// the gap is told at once, while a device's deadline moves by the gap.

// endSlotBits is how many bits of a number in the heap are the slot of a participant. Above it are
// milliseconds since 2000, until 2069.
const (
	endSlotBits = 23
	lastEnd     = 1<<(64-endSlotBits) - 1
)

// await has a list looked at when a time has come; 0 is never.
func (p *Partition) await(who uint32, at int64) {
	l := p.listOf(who)
	if at == 0 || l.next != 0 && l.next <= at {
		return
	}
	l.next = at
	p.awaitAt(who, at)
}

// awaitSaid is await for the statements of a participant.
func (p *Partition) awaitSaid(who uint32) {
	if !p.hasSaid(who) {
		return
	}
	first, at := p.statements.at(p.saidBy(who)), int64(0)
	for _, s := range p.allSaid(who) {
		if end := p.saidEnd(who, s); end != 0 && (at == 0 || end < at) {
			at = end
		}
	}
	if at == 0 || first.await != 0 && first.await <= at {
		return
	}
	first.await = at
	p.awaitAt(who, at)
}

func (p *Partition) awaitAt(who uint32, at int64) {
	p.ends.push(endOf(who, at))
	if len(p.ends) > 2*(p.listed+p.said)+keptChanges {
		p.awaitAnew()
	}
}

func endOf(who uint32, at int64) uint64 {
	return uint64(min(max(at-versionEpochMillis, 0), lastEnd))<<endSlotBits | uint64(who)
}

// awaitAnew leaves one place in the heap to each list, and to each first statement.
func (p *Partition) awaitAnew() {
	p.ends = p.ends[:0]
	for who, l := range p.allLists {
		if l.next != 0 {
			p.ends.push(endOf(who, l.next))
		}
	}
	for who, first := range p.allFirst {
		if first.await != 0 {
			p.ends.push(endOf(who, first.await))
		}
	}
}

// nextEnd is the tick at which the first of them has to be looked at.
func (p *Partition) nextEnd() Tick {
	if len(p.ends) == 0 {
		return never
	}
	return p.settings.tickAfter(int64(p.ends[0]>>endSlotBits) + versionEpochMillis)
}

// End ends what is over by the wall clock, as Advance does. It is for who may not call anybody
// gone.
func (p *Partition) End(now Tick) {
	for len(p.ends) > 0 && p.nextEnd() <= now {
		v := p.ends.pop()
		who := uint32(v % (1 << endSlotBits))
		person := p.people.atIf(who)
		if person == nil || !person.has(infoUsed) || p.find(KeyOf(string(p.id(who)))) != who {
			continue // the slot is free, or another partition's by now
		}
		if l := p.listOf(who); l != nil && l.next != 0 && endOf(who, l.next) == v {
			p.lapse(now, who, l)
		}
		if first := p.statement(p.saidBy(who)); first.await != 0 && endOf(who, first.await) == v {
			p.lapseSaid(now, who)
		}
	}
	if len(p.ends) == 0 {
		p.ends = nil
	}
}

// lapse ends what is over of one list, and has it looked at again.
func (p *Partition) lapse(now Tick, who uint32, l *list) {
	time, next, over := p.settings.Time(now), int64(0), false
	l.next = 0
	for place := range int(l.cells) {
		end := p.cellEnd(l, place)
		if end != 0 && end <= time {
			end, over = p.endCell(who, l, place), true
		}
		if end != 0 && (next == 0 || end < next) {
			next = end
		}
	}
	if over {
		p.cells.keep(l, func(c cell) bool { return c.kind() != cellOver })
		p.limitStones(who, l)
	}
	p.await(who, next)
	p.dropEmptyList(p.factOf(who))
	p.file(who) // the fact may be forgettable now
}

// cellEnd is when something happens to a cell: an edge ends, or what was forgotten need not be
// remembered any longer. 0: never.
func (p *Partition) cellEnd(l *list, place int) int64 {
	c := p.cells.in(l)[place]
	switch kind := c.kind(); {
	case isStone(c):
		return p.forgetAt(p.versionOf(c))
	case c.hash != noViewer && (kind == cellAllowed || kind == cellDenied):
		return p.untilOf(l, place)
	default:
		return 0
	}
}

// isStone reports whether a cell only remembers that something was said once.
func isStone(c cell) bool {
	if c.hash == noViewer {
		return isUnset(c)
	}
	return c.kind() == cellForgotten || c.kind() == cellUnblocked
}

// forgetAt is until when a value must be remembered that means nothing any more.
func (p *Partition) forgetAt(v Version) int64 {
	return v.Millis() + int64(p.settings.FactTTL+1)*p.settings.TickMillis
}

// forgetSaid is until when it must be remembered that something was said.
func (p *Partition) forgetSaid(version Version, until int64) int64 {
	return p.forgetAt(max(version, lastOf(until)))
}

// endCell ends an edge, which is remembered as forgotten, or what was forgotten already. It returns
// when that ends. What is over stays in its place, as the others do, until all are looked at.
func (p *Partition) endCell(who uint32, l *list, place int) (again int64) {
	cells := p.cells.in(l)
	c := &cells[place]
	p.countCell(who, l, *c, -1)
	if isStone(*c) {
		c.word = cellOver
		return 0
	}
	before := p.trust(who, c.hash)
	version := p.versionOf(*c)
	c.word = wordOf(version, cellForgotten)
	cells[place+1].word = cellOver // its end
	p.countCell(who, l, *c, 1)
	p.pairChanged(who, c.hash, before)
	return p.forgetAt(version)
}
