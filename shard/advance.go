package shard

// Advance brings the partition to tick now: what is due by then expires. Changes reports what that did.
func (p *Partition) Advance(now Tick) {
	if p.wheel.size == 0 {
		p.wheel.now = max(p.wheel.now, now)
	}
	for p.wheel.now < now {
		p.again(p.wheel.cascade())
		p.fire(p.wheel.turn())
	}
	p.endLingers(now)
	p.forgetMerged(now)
	p.tidy()
}

// again files a chain under the true due ticks.
func (p *Partition) again(chain uint32) {
	for ref := chain; ref != none; {
		next := *p.linkOf(ref)
		p.wheel.size--
		p.wheel.file(ref, p.linkOf(ref), p.due(ref))
		ref = next
	}
}

// fire looks at everything in a chain that the wheel says is due, and files what isn't.
func (p *Partition) fire(chain uint32) {
	for ref := chain; ref != none; {
		next := *p.linkOf(ref)
		p.wheel.size--
		switch due := p.due(ref); {
		case due > p.wheel.now:
			p.wheel.file(ref, p.linkOf(ref), due)
		case ref&isWindow != 0:
			p.closeWindow(ref &^ isWindow)
		default:
			p.participants[ref].info &^= infoFiled
			p.visit(p.wheel.now, ref)
		}
		ref = next
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
	// A device that joins later must find its participant filed early enough, so nobody is filed beyond a deadline.
	return min(p.dueParticipant(ref), p.wheel.now.after(p.settings.Deadline))
}

func (p *Partition) dueParticipant(who uint32) Tick {
	due := p.factEnd(who)
	for d := p.participants[who].first; d&isParticipant == 0; d = p.devices[d].link {
		due = min(due, p.deviceEnd(d))
	}
	return due
}

// deviceEnd is when a device's status ends: from present to expired, or from gone to forgotten.
func (p *Partition) deviceEnd(d uint32) Tick {
	if p.devices[d].status.present() {
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

// dropOutdated drops expired devices that say nothing about last_seen, since another one was seen later.
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
