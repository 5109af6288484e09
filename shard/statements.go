package shard

import "strings"

// saidBy is the first statement of a participant, or none.
func (m *Memory) saidBy(who uint32) (slot uint32) {
	if m.firstSaid.count == 0 {
		return none
	}
	hash := hashOfSlot(who)
	for i := m.firstSaid.home(hash); ; i = m.firstSaid.next(i) {
		slot, at := m.firstSaid.candidate(hash, i)
		if slot == none || m.statements.at(slot).participant == who {
			return slot
		}
		i = at
	}
}

// hashOfSlot spreads the slots of participants over the index.
func hashOfSlot(who uint32) uint64 { return uint64(who+1) * 0x9e3779b97f4a7c15 }

// hashOfFirst is the hash of the participant whose first statement it is.
func (m *Memory) hashOfFirst(slot uint32) uint64 {
	return hashOfSlot(m.statements.at(slot).participant)
}

// addFirst puts a first statement into the index. Half of its cells stay empty: most of those who
// are asked about have said nothing, and each cell that isn't empty would be one more step.
func (m *Memory) addFirst(slot uint32) {
	if x := &m.firstSaid; 2*(x.count+1) > len(x.cells) {
		m.resizeFirst()
	}
	m.firstSaid.add(m.hashOfFirst(slot), slot, m.hashOfFirst)
}

func (m *Memory) resizeFirst() {
	m.firstSaid.resize(2*(m.firstSaid.count+m.firstSaid.count/8+4), m.hashOfFirst)
}

// statement is the one in a slot, or silence.
func (m *Memory) statement(slot uint32) *statement {
	if slot == none {
		return &silence
	}
	return m.statements.at(slot)
}

// allSaid goes through the statements of a participant. One may be removed while it is looked at.
func (m *Memory) allSaid(who uint32) func(yield func(slot uint32, s *statement) bool) {
	return func(yield func(slot uint32, s *statement) bool) {
		for slot := m.saidBy(who); slot != none; {
			s := m.statements.at(slot)
			next := s.next
			if !yield(slot, s) {
				return
			}
			slot = next
		}
	}
}

// findSaid is the slot of a participant's statement, or none.
func (m *Memory) findSaid(who uint32, kind uint8, source string) uint32 {
	for slot, s := range m.allSaid(who) {
		if s.kind == kind && (kind != saidClaim || m.names.equal(s.words, source)) {
			return slot
		}
	}
	return none
}

// comesBefore reports whether a statement stands before one of a kind and source.
func (m *Memory) comesBefore(s *statement, kind uint8, source string) bool {
	if s.kind != kind || kind != saidClaim {
		return s.kind < kind
	}
	return strings.Compare(string(m.names.name(s.words)), source) < 0
}

// addSaid adds a statement to a participant that has none of its kind and source.
func (p *Partition) addSaid(who uint32, in *saying) {
	slot, _ := p.statements.take()
	s := p.statements.at(slot)
	*s = statement{participant: who, words: none, kind: in.kind}
	p.said++
	p.addWeight(who, p.weighSaid(s))
	p.writeSaid(s, in)

	before := none
	for at, other := range p.allSaid(who) {
		if !p.comesBefore(other, in.kind, in.source) {
			break
		}
		before = at
	}
	if before != none {
		s.next, p.statements.at(before).next = p.statements.at(before).next, slot
		return
	}
	p.setFirst(who, p.saidBy(who), slot)
}

// storeNewer puts a saying in the place of what is older.
func (p *Partition) storeNewer(who uint32, in *saying) bool {
	slot := p.findSaid(who, in.kind, in.source)
	if slot == none {
		p.addSaid(who, in)
		return true
	}
	known := p.sayingOf(p.statements.at(slot))
	if in.compare(&known) <= 0 {
		return false
	}
	p.writeSaid(p.statements.at(slot), in)
	return true
}

// setFirst puts a statement before the first one of a participant, if there is one. When to look at
// them goes with it.
func (p *Partition) setFirst(who, old, slot uint32) {
	s := p.statements.at(slot)
	if s.next = old; old != none {
		s.await, p.statements.at(old).await = p.statements.at(old).await, 0
		p.firstSaid.remove(hashOfSlot(who), old, p.hashOfFirst)
	}
	p.addFirst(slot)
}

// removeSaid forgets a statement.
func (p *Partition) removeSaid(who, slot uint32) {
	s := p.statements.at(slot)
	if first := p.saidBy(who); first != slot {
		for p.statements.at(first).next != slot {
			first = p.statements.at(first).next
		}
		p.statements.at(first).next = s.next
	} else {
		p.firstSaid.remove(hashOfSlot(who), slot, p.hashOfFirst)
		if s.next != none {
			p.statements.at(s.next).await = s.await
			p.addFirst(s.next)
		}
	}
	p.killWords(s)
	p.addWeight(who, -p.weighSaid(s))
	p.statements.give(slot)
	p.said--
}

// writeSaid makes a statement say what a saying of its kind and source does. That it stood stays.
func (p *Partition) writeSaid(s *statement, in *saying) {
	s.version, s.until, s.mark = in.version, in.until, in.mark&^markStood|s.mark&markStood
	p.killWords(s)
	names, room := in.names(), 0
	for _, name := range names {
		room += 1 + len(name)
	}
	p.reserve(room)
	for i, name := range names {
		if at := p.names.push(name); i == 0 {
			s.words = at
		}
	}
	p.addWeight(s.participant, p.weighWords(s))
}

// endSaid leaves of a statement what is remembered. A claim keeps its source.
func (p *Partition) endSaid(s *statement) {
	if s.mark |= markOver; s.kind <= saidStood {
		p.killWords(s)
	}
}

func (p *Partition) killWords(s *statement) {
	if s.words != none {
		p.addWeight(s.participant, -p.weighWords(s))
		p.names.kill(s.words, int(p.wordsEnd(s)-s.words))
		s.words = none
	}
}

// hasSaid reports whether there is a statement of a participant.
func (p *Partition) hasSaid(who uint32) bool { return p.said > 0 && p.saidBy(who) != none }

// giveSaid gives back all statements of a participant.
func (p *Partition) giveSaid(who uint32) {
	for slot := range p.allSaid(who) {
		p.removeSaid(who, slot)
	}
}

// allFirst goes through the first statements of participants.
func (p *Partition) allFirst(yield func(who uint32, first *statement) bool) {
	if p.said == 0 {
		return
	}
	for who := range p.index.all {
		if first := p.statement(p.saidBy(who)); first != &silence && !yield(who, first) {
			return
		}
	}
}
