package shard

// hasRoom reports whether a participant, a device and their names can be added.
func (m *Memory) hasRoom() bool {
	return m.people.used < maxSlots && m.extras.used < maxSlots && m.facts.used < maxSlots &&
		m.lists.used < maxSlots && m.windows.used < maxSlots &&
		m.blocks.used < maxSlots && m.statements.used < maxSlots && len(m.names.pages) < maxNames
}

// reserve makes room in the arena for n more bytes. Names may move: take offsets afterwards.
func (m *Memory) reserve(n int) {
	if m.names.fits(n) {
		return
	}
	if m.names.worn() {
		m.evacuate(m.names.wasteful(max(leastEvacuated, len(m.names.pages)/8)))
	}
	if !m.names.fits(n) {
		m.names.grow(n)
	}
}

// leastEvacuated is of how many pages names are moved at a time: to look for them takes as long for
// one.
const leastEvacuated = 8

// evacuate moves the names out of pages, and so lets them go.
func (m *Memory) evacuate(pages []int) {
	leaves := make([]bool, len(m.names.pages))
	for _, n := range pages {
		leaves[n] = true
	}
	moved := func(from, to uint32) uint32 {
		if !m.names.fits(int(to - from)) {
			m.names.grow(int(to - from))
		}
		return m.names.move(from, to)
	}
	for who := range m.people.all {
		if p := m.people.at(who); p.has(infoUsed) {
			if at := m.namesAt(p); leaves[m.names.pageAt(*at)] {
				*at = moved(*at, m.namesEnd(who))
			}
		}
	}
	for i := range m.windows.all {
		if w := m.windows.at(i); w.participant != none && leaves[m.names.pageAt(w.peer)] {
			w.peer = moved(w.peer, m.names.after(w.peer))
		}
	}
	m.evacuateSaid(leaves, moved)
}

// evacuateSaid is evacuate for what was said.
func (m *Memory) evacuateSaid(leaves []bool, moved func(from, to uint32) uint32) {
	for i := range m.blocks.all {
		if b := m.blocks.at(i); leaves[m.names.pageAt(b.name)] {
			b.name = moved(b.name, m.names.after(b.name))
		}
	}
	for i := range m.statements.all {
		if s := m.statements.at(i); s.words != none && leaves[m.names.pageAt(s.words)] {
			s.words = moved(s.words, m.wordsEnd(s))
		}
	}
}

// purge leaves no dead name in memory.
func (m *Memory) purge() {
	if len(m.names.count) > 0 && m.names.count[m.names.open].dead > 0 {
		m.names.grow(1)
	}
	m.evacuate(m.names.wasteful(len(m.names.pages)))
}

// namesEnd is the offset behind a participant's names: its own, then one for each device.
func (m *Memory) namesEnd(who uint32) uint32 {
	at := m.names.after(m.namesOf(who))
	for d := m.firstOf(who); d&isParticipant == 0; d = m.nextOf(d) {
		at = m.names.after(at)
	}
	return at
}

func (p *Partition) addParticipant(k Key) uint32 {
	p.reserve(1 + len(k.ID))
	who := p.takePerson()
	person := p.people.at(who)
	person.names = p.names.push(k.ID)
	if p.settings.hasAIPrefix(k.ID) {
		person.link |= infoPrefixAI
	}
	if p.index.full() {
		p.readNames()
	}
	p.index.add(k.Hash, who, p.hashOf)
	p.counts.Participants++
	return who
}

// readNames asks for all participants' names: they lie all over the memory.
func (p *Partition) readNames() {
	for who := range p.index.all {
		p.ahead += p.people.at(who).names
	}
	for who := range p.index.all {
		p.ahead += p.names.ahead(p.namesOf(who), MaxParticipantID/4)
	}
}

// dropParticipant forgets one that has neither devices nor facts and isn't filed.
func (p *Partition) dropParticipant(who uint32) {
	hash := p.hashOf(who)
	p.left = append(p.left, hash)
	p.index.remove(hash, who, p.hashOf)
	at := p.namesOf(who)
	p.names.kill(at, int(p.names.after(at)-at))
	p.give(who)
	p.counts.Participants--
}

// addDevice appends a record of one that has gone to a participant's devices.
func (p *Partition) addDevice(who uint32, id string) uint32 {
	p.reserve(int(p.namesEnd(who)-p.namesOf(who)) + 1 + len(id))
	end, at := p.namesEnd(who), p.namesAt(p.people.at(who))
	*at = p.names.last(*at, end)
	p.names.push(id)
	d := p.newDevice(who)
	p.device(d).status = expired
	p.counts.Records++
	return d
}

// newDevice is a slot behind a participant's devices. The first has the participant's own, unless
// that has retired.
func (p *Partition) newDevice(who uint32) uint32 {
	if !p.hasDevices(who) && p.pulse(who).generation != 0 {
		return who
	}
	last := who
	for d := p.nextOf(who); d&isParticipant == 0; d = p.nextOf(d) {
		last = d
	}
	d := p.takeExtra()
	p.setNext(d, p.nextOf(last))
	p.setNext(last, d)
	return d
}

// dropDevice frees a device record, its name and its slot.
func (p *Partition) dropDevice(who, d uint32) {
	at := p.names.after(p.namesOf(who))
	for i := p.firstOf(who); i != d; i = p.nextOf(i) {
		at = p.names.after(at)
	}
	p.names.cut(at, p.namesEnd(who))
	if p.device(d).status.present() {
		p.counts.Devices--
	}
	p.counts.Records--
	if d == who {
		p.renew(d)
		p.people.at(who).device = device{link: p.people.at(who).link}
		p.pulse(d).deadline = 0
		return
	}
	prev := who
	for p.nextOf(prev) != d {
		prev = p.nextOf(prev)
	}
	p.setNext(prev, p.nextOf(d))
	p.give(d)
}

// Leave has all ids leave that are here, and frees their memory: this partition isn't used any
// more.
func (p *Partition) Leave(take func(hash uint64)) {
	p.TakeLeft(take)
	p.wheel.clear(p.dropOrphan)
	p.leaveExceptions(take)
	for who := range p.index.all {
		take(p.hashOf(who))
		p.giveSaid(who)
		at := p.namesOf(who)
		p.names.kill(at, int(p.namesEnd(who)-at))
		if person := p.people.at(who); person.has(infoFact) {
			p.giveList(p.facts.at(person.names).list)
			p.facts.give(person.names)
		}
		for d := p.nextOf(who); d&isParticipant == 0; {
			next := p.nextOf(d)
			p.give(d)
			d = next
		}
		p.give(who)
	}
	if p.opaque != nil {
		for hash := range p.opaque.of {
			take(hash)
		}
	}
	p.index, p.listed, p.ends, p.opaque = index{}, 0, nil, nil
	p.weight, p.weights = 0, nil
}

// leaveExceptions is Leave for the records of windows and blocks.
func (p *Partition) leaveExceptions(take func(hash uint64)) {
	for who := range p.allLists {
		for _, c := range p.cellsOf(who) {
			if isBlocked(c) {
				take(hashOfName(p.nameOfBlock(c)))
				p.giveBlock(c.slot())
			}
		}
	}
	for w := range p.allWindows {
		peer := p.windows.at(w).peer
		take(hashOfName(p.names.name(peer)))
		p.names.kill(peer, int(p.names.after(peer)-peer))
		p.windows.give(w)
	}
}
