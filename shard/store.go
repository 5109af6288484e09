package shard

// hasRoom reports whether a participant, a device and their names can be added.
func (p *Partition) hasRoom() bool {
	return len(p.participants) < maxSlots && len(p.devices) < maxSlots && len(p.facts) < maxSlots &&
		len(p.windows) < maxSlots && len(p.names.bytes) < maxArena
}

// reserve makes room in the arena for n more bytes. Names may move: take offsets afterwards.
func (p *Partition) reserve(n int) {
	if p.names.fits(n) {
		return
	}
	if p.names.worn() {
		p.compactNames(n)
		return
	}
	size := len(p.names.bytes) + n
	p.names.bytes = append(room[byte](size+size/128+64), p.names.bytes...)
}

// compactNames moves the names of all that is there to a new array with room for n more bytes.
func (p *Partition) compactNames(n int) {
	size := len(p.names.bytes) - p.names.dead + n
	old := p.names
	p.names = arena{bytes: room[byte](size + size/32 + 64)}
	for i := range p.participants {
		if person := &p.participants[i]; person.has(infoUsed) {
			from := person.names
			person.names = uint32(len(p.names.bytes))
			p.names.bytes = append(p.names.bytes, old.bytes[from:p.namesEnd(&old, from, person.first)]...)
		}
	}
	for i := range p.windows {
		if w := &p.windows[i]; w.participant != none {
			w.peer = p.names.push(string(old.name(w.peer)))
		}
	}
}

// namesEnd is the offset behind a participant's names: its own at from, then one for each device.
func (p *Partition) namesEnd(a *arena, from, device uint32) uint32 {
	at := a.after(from)
	for ; device&isParticipant == 0; device = p.devices[device].link {
		at = a.after(at)
	}
	return at
}

func (p *Partition) addParticipant(k Key) uint32 {
	p.reserve(1 + len(k.ID))
	who := p.freeParticipant
	if who != none {
		p.freeParticipant = p.participants[who].link
	} else {
		who = uint32(len(p.participants))
		p.participants = extend(p.participants)
	}
	person := &p.participants[who]
	*person = participant{names: p.names.push(k.ID), first: none, link: none, info: infoUsed}
	if p.settings.hasAIPrefix(k.ID) {
		person.info |= infoPrefixAI
	}
	p.index.add(k.Hash, who, p.hashOf)
	p.counts.Participants++
	return who
}

// dropParticipant forgets one that has neither devices nor facts and isn't filed.
func (p *Partition) dropParticipant(who uint32) {
	hash := p.hashOf(who)
	p.left = append(p.left, hash)
	p.index.remove(hash, who, p.hashOf)
	p.names.dead += int(p.names.after(p.participants[who].names) - p.participants[who].names)
	p.participants[who] = participant{first: none, link: p.freeParticipant}
	p.freeParticipant = who
	p.counts.Participants--
}

// addDevice appends a record, still without a status, to a participant's devices.
func (p *Partition) addDevice(who uint32, id string) uint32 {
	end := p.namesEnd(&p.names, p.participants[who].names, p.participants[who].first)
	p.reserve(int(end-p.participants[who].names) + 1 + len(id))
	person := &p.participants[who]
	end = p.namesEnd(&p.names, person.names, person.first)
	person.names = p.names.last(person.names, end)
	p.names.push(id)

	d := p.newDevice()
	p.devices[d].link = who | isParticipant
	p.linkTo(who, p.lastDevice(who), d)
	p.counts.Records++
	return d
}

func (p *Partition) newDevice() uint32 {
	for d := p.freeDevice; d != none; d = p.freeDevice {
		p.freeDevice = p.devices[d].link
		if p.pulses[d].generation != 0 { // else it retires
			p.devices[d], p.pulses[d].deadline = device{}, 0
			return d
		}
	}
	d := uint32(len(p.devices))
	p.devices = extend(p.devices)
	p.pulses = extend(p.pulses)
	p.pulses[d].generation = p.generation
	return d
}

// lastDevice is the last in a participant's list, or none.
func (p *Partition) lastDevice(who uint32) uint32 {
	last := none
	for d := p.participants[who].first; d&isParticipant == 0; d = p.devices[d].link {
		last = d
	}
	return last
}

// linkTo makes next follow device prev; prev none stands for the participant.
func (p *Partition) linkTo(who, prev, next uint32) {
	switch {
	case prev != none:
		p.devices[prev].link = next
	case next&isParticipant != 0:
		p.participants[who].first = none
	default:
		p.participants[who].first = next
	}
}

// dropDevice frees a device record, its name and its slot.
func (p *Partition) dropDevice(who, d uint32) {
	person := &p.participants[who]
	prev, at := none, p.names.after(person.names)
	for i := person.first; i != d; i = p.devices[i].link {
		prev, at = i, p.names.after(at)
	}
	p.names.cut(at, p.namesEnd(&p.names, person.names, person.first))
	p.linkTo(who, prev, p.devices[d].link)
	if p.devices[d].status.present() {
		p.counts.Devices--
	}
	p.renew(d)
	p.devices[d] = device{link: p.freeDevice}
	p.freeDevice = d
	p.counts.Records--
}
