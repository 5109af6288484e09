package shard

import "slices"

// tidyFloor keeps small partitions from being tidied for a few bytes.
const tidyFloor = 64

// tidy gives back the memory of a crowd that has left: names when half of them are dead, slots when
// three quarters are free. In between, free slots and the arena's growth serve the next ones. The
// memory may be that of others, too; each moves its own.
func (p *Partition) tidy() {
	if all := p.names.both; all.dead > all.written/2 && all.written > namesPage {
		p.evacuate(p.names.wasteful(len(p.names.pages)))
	}
	if p.people.sparse() || p.extras.sparse() || p.facts.sparse() || p.windows.sparse() ||
		p.lists.sparse() || p.cells.sparse() || p.blocks.sparse() || p.statements.sparse() {
		p.renumber()
	}
	if p.index.isSparse() {
		p.index.resize(p.index.count+p.index.count/10, p.hashOf)
	}
	if p.firstSaid.isSparse() {
		p.resizeFirst()
	}
}

// isSparse reports whether an index has several times the cells that it needs.
func (x *index) isSparse() bool { n := len(x.cells); return n > tidyFloor && x.count < n/4 }

// renumber moves what has a page before its own with room in it. Handles of the devices that move
// become stale.
func (p *Partition) renumber() {
	moved := p.orphans > 0
	if moved {
		p.refile() // they have the slots to which others should move
	}
	for _, who := range slices.Collect(p.index.all) {
		p.renumberDevices(who)
		if person := p.people.at(who); person.has(infoFact) && p.facts.isHigh(person.names) {
			p.moveFact(person)
		}
		p.renumberList(who)
		p.renumberSaid(who)
		if p.people.isHigh(who) {
			p.moveParticipant(who)
			moved = true
		}
	}
	for _, w := range slices.Collect(p.allWindows) {
		if p.windows.isHigh(w) {
			p.moveWindow(w)
			moved = true
		}
	}
	if moved {
		p.refile()
	}
}

func (p *Partition) renumberDevices(who uint32) {
	for d := p.nextOf(who); d&isParticipant == 0; {
		next := p.nextOf(d)
		if p.extras.isHigh(d &^ isExtra) {
			p.moveExtra(who, d)
		}
		d = next
	}
}

// moveFact gives what was said about a participant another slot.
func (p *Partition) moveFact(person *person) {
	from := person.names
	person.names, _ = p.facts.take()
	*p.facts.at(person.names) = *p.facts.at(from)
	p.facts.give(from)
}

// renumberList moves the list of a participant, and its cells.
func (p *Partition) renumberList(who uint32) {
	l := p.listOf(who)
	if l == nil {
		return
	}
	if f := p.factOf(who); p.lists.isHigh(f.list) {
		p.moveList(f)
		l = p.lists.at(f.list)
	}
	if l.cells > 0 && p.cells.isHigh(l.block) {
		l.block = p.cells.resize(l.block, int(l.cells), len(p.cells.at(l.block)))
	}
	for i, c := range p.cellsOf(who) {
		if isBlocked(c) && p.blocks.isHigh(c.slot()) {
			p.moveBlock(&p.cells.in(l)[i])
		}
	}
}

// moveBlock gives the record of a block another slot.
func (p *Partition) moveBlock(c *cell) {
	from := c.slot()
	to, _ := p.blocks.take()
	*p.blocks.at(to) = *p.blocks.at(from)
	p.blocks.give(from)
	c.word = uint64(to)<<kindBits | cellBlocked
}

// moveList gives the exceptions of a participant another slot.
func (p *Partition) moveList(f *fact) {
	from := f.list
	f.list, _ = p.lists.take()
	*p.lists.at(f.list) = *p.lists.at(from)
	p.lists.give(from)
}

// moveWindow gives a window another slot. It has to be filed anew.
func (p *Partition) moveWindow(from uint32) {
	to, _ := p.windows.take()
	w := p.windows.at(from)
	l := p.listOf(w.participant)
	p.unlinkWindow(l, from)
	*p.windows.at(to) = *w
	p.linkWindow(l, to)
	hash := p.hashOfWindow(to)
	place, _ := p.cells.find(l, hash, cellWindow)
	p.cells.in(l)[place] = windowCell(hash, to)
	w.participant = none
	p.orphans++ // until all is filed anew
}

// moveExtra gives a device another slot.
func (p *Partition) moveExtra(who, from uint32) {
	to, prev := p.takeExtra(), who
	for p.nextOf(prev) != from {
		prev = p.nextOf(prev)
	}
	*p.device(to) = *p.device(from)
	p.setNext(prev, to)
	p.moveDevice(from, to)
}

// moveDevice gives the slot of a device back that another one has the record of.
func (p *Partition) moveDevice(from, to uint32) {
	p.pulse(to).deadline = p.pulse(from).deadline
	for i := range p.lingers {
		if l := &p.lingers[i]; p.waits(l) && l.device == from {
			l.device, l.generation = to, p.pulse(to).generation
		}
	}
	p.give(from)
}

// waits reports whether a linger is still that of its device.
func (p *Partition) waits(l *linger) bool {
	beat := p.pulseIf(l.device)
	return beat != nil && beat.generation == l.generation && p.device(l.device).status == lingering
}

// moveParticipant gives a participant another slot, and its first device with it. What is filed
// has to be filed anew.
func (p *Partition) moveParticipant(from uint32) {
	to, hash := p.takePerson(), p.hashOf(from)
	p.index.remove(hash, from, p.hashOf)
	*p.people.at(to) = *p.people.at(from)
	last := to
	for d := p.nextOf(to); d&isParticipant == 0; d = p.nextOf(d) {
		last = d
	}
	p.setNext(last, isParticipant|to)
	if l := p.listOf(to); l != nil {
		for w := range p.windowsOf(l) {
			p.windows.at(w).participant = to
		}
	}
	p.moveSaid(from, to)
	p.moveDevice(from, to)
	p.index.add(hash, to, p.hashOf)
}

// renumberSaid moves the statements of a participant.
func (p *Partition) renumberSaid(who uint32) {
	for slot := range p.allSaid(who) {
		if p.statements.isHigh(slot) {
			p.moveStatement(who, slot)
		}
	}
}

// moveStatement gives a statement another slot.
func (p *Partition) moveStatement(who, from uint32) {
	to, _ := p.statements.take()
	*p.statements.at(to) = *p.statements.at(from)
	if at := p.saidBy(who); at != from {
		for p.statements.at(at).next != from {
			at = p.statements.at(at).next
		}
		p.statements.at(at).next = to
	} else {
		p.firstSaid.remove(hashOfSlot(who), from, p.hashOfFirst)
		p.addFirst(to)
	}
	p.statements.give(from)
}

// moveSaid gives the statements of a participant to its new slot.
func (p *Partition) moveSaid(from, to uint32) {
	first := p.saidBy(from)
	if first == none {
		return
	}
	p.firstSaid.remove(hashOfSlot(from), first, p.hashOfFirst)
	for slot := first; slot != none; slot = p.statements.at(slot).next {
		p.statements.at(slot).participant = to
	}
	p.addFirst(first)
}
