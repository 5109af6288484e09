package shard

// Advance brings the partition to tick now: what is due by then expires. TakeChanges tells what
// that did. Before tick Next there is nothing to do, and Advance need not be called.
func (p *Partition) Advance(now Tick) {
	w := &p.wheel
	for w.next <= now {
		p.again(w.cascade())
		p.fire(w.turn())
		w.seek()
	}
	w.now = max(w.now, now)
	p.endLingers(now)
	p.forgetMerged(now)
	p.forgetErasures(now)
	p.warmed(now)
	p.tidy()
}

// Next is the first tick at which something may have to be done.
func (p *Partition) Next() Tick {
	next := min(p.wheel.next, p.erasuresEnd)
	if len(p.lingers) > 0 {
		next = min(next, p.lingers[0].until)
	}
	if p.warming != 0 {
		next = min(next, p.warming)
	}
	return next
}

// again files a far chain under the true due ticks.
func (p *Partition) again(chain uint32) {
	if chain != none && p.wheel.parked > len(p.participants)/2 {
		p.readAll() // likely a good part of them is in the chain
	}
	p.each(chain, func(ref uint32) {
		p.wheel.parked--
		p.wheel.file(ref, p.linkOf(ref), p.due(ref))
	})
}

// fire looks at everything in a chain that the wheel says is due, and files what isn't.
func (p *Partition) fire(chain uint32) {
	p.each(chain, func(ref uint32) {
		switch due := p.due(ref); {
		case due > p.wheel.now:
			p.wheel.file(ref, p.linkOf(ref), due)
		case ref&isWindow != 0:
			p.closeWindow(ref &^ isWindow)
		default:
			p.participants[ref].info &^= infoFiled
			p.visit(p.wheel.now, ref)
		}
	})
}

// each takes a chain apart. It reads ahead, since the things of a chain lie all over the memory:
// with one miss at a time the wheel cost more than the heartbeats (120 ns a touch at a million
// devices; it is 30 so).
func (p *Partition) each(chain uint32, do func(ref uint32)) {
	var refs [64]uint32
	for chain != none {
		n := 0
		for ; n < len(refs) && chain != none; n++ {
			refs[n] = chain
			chain = *p.linkOf(chain)
		}
		p.wheel.size -= n
		p.readAhead(refs[:n])
		for _, ref := range refs[:n] {
			do(ref)
		}
	}
}

// readAhead asks for the devices of participants.
func (p *Partition) readAhead(refs []uint32) {
	for _, ref := range refs {
		if ref&isWindow == 0 {
			p.ahead += p.AheadDevice(p.participants[ref].first)
		}
	}
}

// readAll asks for the participants' records in their order in memory, which is much faster than in
// that of a chain.
func (p *Partition) readAll() {
	const perLine = 4
	for i := 0; i < len(p.participants); i += perLine {
		p.ahead += p.participants[i].link
	}
}

func (p *Partition) linkOf(ref uint32) *uint32 {
	if ref&isWindow != 0 {
		return &p.windows[ref&^isWindow].link
	}
	return &p.participants[ref].link
}

// due is when something has to be looked at next.
func (p *Partition) due(ref uint32) Tick {
	if ref&isWindow != 0 {
		return p.settings.tickAfter(p.windows[ref&^isWindow].at + p.settings.WindowMillis)
	}
	// A device that joins later must find its participant filed early enough, so nobody is filed
	// beyond a deadline.
	return min(p.dueParticipant(ref), p.wheel.now.after(p.settings.Deadline))
}

// dueParticipant is when something happens to a participant: at once if nothing is left of it but
// its place in the wheel.
func (p *Partition) dueParticipant(who uint32) Tick {
	if p.participants[who].first == none && p.factOf(who) == nil {
		return 0
	}
	return min(p.devicesEnd(who), p.factEnd(who))
}

// devicesEnd is when the first of a participant's devices changes its status.
func (p *Partition) devicesEnd(who uint32) Tick {
	due := never
	for d := p.participants[who].first; d&isParticipant == 0; d = p.devices[d].link {
		due = min(due, p.deviceEnd(d))
	}
	return due
}

// deviceEnd is when a device's status ends: from present to expired, or from gone to forgotten.
func (p *Partition) deviceEnd(d uint32) Tick {
	if p.devices[d].status.present() {
		if p.copy {
			return never // its owner says when it is gone
		}
		return p.pulses[d].deadline
	}
	end := p.lastSign(d).after(p.settings.RecordTTL)
	if p.devices[d].status == signedOut {
		end = max(end, p.settings.tickAfter(p.devices[d].session.Millis()).after(p.settings.Tombstone))
	}
	return end
}

// file puts a participant in the wheel if it isn't there and has something to wait for.
func (p *Partition) file(who uint32) {
	person := &p.participants[who]
	if person.has(infoFiled) || p.dueParticipant(who) == never {
		return
	}
	person.info |= infoFiled
	p.wheel.file(who, &person.link, p.due(who))
}

// visit ends what is over at a participant, which isn't filed, and files or forgets it.
func (p *Partition) visit(now Tick, who uint32) {
	before := p.look(who)
	p.expireDevices(now, who)
	p.settle(who, before)
	if p.factEnd(who) <= now {
		p.dropFact(who)
	}
	if p.participants[who].first == none && p.factOf(who) == nil {
		p.dropParticipant(who)
		return
	}
	p.file(who)
}

func (p *Partition) expireDevices(now Tick, who uint32) {
	for d := p.participants[who].first; d&isParticipant == 0; {
		next := p.devices[d].link
		if p.deviceEnd(d) <= now {
			if p.devices[d].status.present() {
				p.expire(d)
			} else {
				p.dropDevice(who, d)
			}
		}
		d = next
	}
	p.dropOutdated(who)
}

// expire demotes a device that gave no sign of life for too long. Its record stays for last_seen.
func (p *Partition) expire(d uint32) {
	p.devices[d].status = expired
	p.renew(d)
	p.counts.Devices--
}

// dropOutdated drops expired devices that say nothing about last_seen, since another one was seen
// later.
func (p *Partition) dropOutdated(who uint32) {
	seen := p.lastSeen(who)
	for d := p.participants[who].first; d&isParticipant == 0; {
		next := p.devices[d].link
		if p.devices[d].status == expired && p.lastSign(d) < seen {
			p.dropDevice(who, d)
		}
		d = next
	}
}

// endLingers expires the devices whose linger is over and that have not come back.
func (p *Partition) endLingers(now Tick) {
	n := 0
	for ; n < len(p.lingers) && p.lingers[n].until <= now; n++ {
		l := p.lingers[n]
		if p.pulses[l.device].generation != l.generation || p.devices[l.device].status != lingering {
			continue
		}
		who := p.participantOf(l.device)
		before := p.look(who)
		p.expire(l.device)
		p.dropOutdated(who)
		p.settle(who, before)
	}
	p.lingers = p.lingers[:copy(p.lingers, p.lingers[n:])]
	if len(p.lingers) == 0 {
		p.lingers = nil
	}
}
