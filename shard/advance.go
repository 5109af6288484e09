package shard

// Advance brings the partition to tick now: what is due by then expires. TakeChanges tells what
// that did. Before tick Next there is nothing to do, and Advance need not be called.
func (p *Partition) Advance(now Tick) {
	w := &p.wheel
	for w.next <= now {
		p.again(w.cascade())
		w.turn()
		p.fire()
		w.seek()
	}
	w.now = max(w.now, now)
	p.endLingers(now)
	p.End(now)
	p.forgetMerged(now)
	p.forgetErasures(now)
	p.forgetOpaque(now)
	p.warmed(now)
	p.tidy()
}

// Next is the first tick at which something may have to be done.
func (p *Partition) Next() Tick {
	next := min(p.wheel.next, p.erasuresEnd, p.nextEnd(), p.nextOpaque())
	if len(p.lingers) > 0 {
		next = min(next, p.lingers[0].until)
	}
	if p.warming != 0 {
		next = min(next, p.warming)
	}
	return next
}

// lookAhead is how many things of the wheel are looked at together. They lie all over the memory:
// with one miss at a time the wheel cost more than the heartbeats (120 ns a touch at a million
// devices; it is 30 so).
const lookAhead = 64

// again files a far chain under the true due ticks.
func (p *Partition) again(chain uint32) {
	var refs [lookAhead]uint32
	for n := 0; chain != 0; {
		n, chain = p.wheel.some(chain, refs[:])
		p.readAhead(refs[:n])
		for _, ref := range refs[:n] {
			p.wheel.file(ref, p.due(ref))
		}
	}
}

// fire looks at everything that the wheel says is due, and files what isn't.
func (p *Partition) fire() {
	var refs [lookAhead]uint32
	for n := p.wheel.due(refs[:]); n > 0; n = p.wheel.due(refs[:]) {
		p.readAhead(refs[:n])
		for _, ref := range refs[:n] {
			p.fireOne(ref)
		}
	}
}

func (p *Partition) fireOne(ref uint32) {
	switch due := p.due(ref); {
	case due > p.wheel.now:
		p.wheel.file(ref, due)
	case ref&isWindow != 0:
		p.closeWindow(ref &^ isWindow)
	default:
		p.people.at(ref).link &^= infoFiled
		p.visit(p.wheel.now, ref)
	}
}

// readAhead asks for participants and their first devices.
func (p *Partition) readAhead(refs []uint32) {
	for _, ref := range refs {
		if ref&isWindow == 0 {
			p.ahead += p.people.at(ref).link + uint32(p.pulse(ref).deadline)
		}
	}
}

// due is when something has to be looked at next.
func (p *Partition) due(ref uint32) Tick {
	if ref&isWindow != 0 {
		return p.settings.tickAfter(p.windows.at(ref&^isWindow).at + p.settings.WindowMillis)
	}
	// A device that joins later must find its participant filed early enough, so nobody is filed
	// beyond a deadline.
	return min(p.dueParticipant(ref), p.wheel.now.after(p.settings.Deadline))
}

// dueParticipant is when something happens to a participant: at once if nothing is left of it but
// its place in the wheel.
func (p *Partition) dueParticipant(who uint32) Tick {
	if p.isEmpty(who) {
		return 0
	}
	return min(p.devicesEnd(who), p.factEnd(who))
}

// devicesEnd is when the first of a participant's devices changes its status.
func (p *Partition) devicesEnd(who uint32) Tick {
	due := never
	for d := p.firstOf(who); d&isParticipant == 0; d = p.nextOf(d) {
		due = min(due, p.deviceEnd(d))
	}
	return due
}

// deviceEnd is when a device's status ends: from present to expired, or from gone to forgotten.
func (p *Partition) deviceEnd(d uint32) Tick {
	if p.device(d).status.present() {
		if p.copy {
			return never // its owner says when it is gone
		}
		return p.pulse(d).deadline
	}
	end := p.lastSign(d).after(p.settings.RecordTTL)
	if p.device(d).status == signedOut {
		end = max(end, p.settings.tickAfter(p.device(d).session().Millis()).after(p.settings.Tombstone))
	}
	return end
}

// file puts a participant in the wheel if it isn't there and has something to wait for.
func (p *Partition) file(who uint32) {
	person := p.people.at(who)
	if person.has(infoFiled) || p.dueParticipant(who) == never {
		return
	}
	person.link |= infoFiled
	p.wheel.file(who, p.due(who))
}

// visit ends what is over at a participant, which isn't filed, and files or forgets it.
func (p *Partition) visit(now Tick, who uint32) {
	before := p.look(who)
	p.expireDevices(now, who)
	p.settle(who, before)
	if p.factEnd(who) <= now {
		p.dropFact(who)
	}
	if p.isEmpty(who) {
		p.dropParticipant(who)
		return
	}
	p.file(who)
}

func (p *Partition) expireDevices(now Tick, who uint32) {
	for d := p.firstOf(who); d&isParticipant == 0; {
		next := p.nextOf(d)
		if p.deviceEnd(d) <= now {
			if p.device(d).status.present() {
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
	p.device(d).status = expired
	p.renew(d)
	p.counts.Devices--
}

// dropOutdated drops expired devices that say nothing about last_seen, since another one was seen
// later.
func (p *Partition) dropOutdated(who uint32) {
	seen := p.lastSeen(who)
	for d := p.firstOf(who); d&isParticipant == 0; {
		next := p.nextOf(d)
		if p.device(d).status == expired && p.lastSign(d) < seen {
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
		if !p.waits(&l) {
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
