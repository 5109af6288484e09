package shard

// Close says that a session's socket has closed without a goodbye: the device lingers, never past
// its deadline, so that a reload makes no event. A session that no longer holds the device changes
// nothing.
func (p *Partition) Close(now Tick, k Key, deviceID string, session Version) Outcome {
	who, d, o := p.held(k, deviceID, session)
	if o != Done || p.device(d).status != live {
		return o
	}
	p.renew(d)
	p.device(d).status = lingering
	p.lingerUntil(d, now.after(p.settings.Linger))
	p.note(who)
	return Done
}

// held finds the device of a session, or says why it isn't the session's any more.
func (p *Partition) held(k Key, deviceID string, session Version) (who, d uint32, o Outcome) {
	if who = p.find(k); who == none {
		return none, none, Gone
	}
	if d = p.findDevice(who, deviceID); d == none {
		return who, none, Gone
	}
	switch dev := p.device(d); {
	case dev.status == signedOut && session <= dev.session():
		return who, d, Gone
	case session < dev.session():
		return who, d, Replaced
	default:
		return who, d, Done
	}
}

// Goodbye signs a device out at the word of its own session; stamp is the time of the word. A
// session that no longer holds the device changes nothing.
func (p *Partition) Goodbye(k Key, deviceID string, session, stamp Version) Outcome {
	who, d, o := p.held(k, deviceID, session)
	if o == Done {
		p.signOut(who, d, max(session, stamp))
	}
	return o
}

// SignOut signs a device out whichever session holds it. An unknown device is signed out too: the
// word may be ahead of the device.
func (p *Partition) SignOut(k Key, deviceID string, stamp Version) Outcome {
	who := p.find(k)
	d := none
	if who != none {
		d = p.findDevice(who, deviceID)
	}
	if d != none {
		p.signOut(who, d, max(stamp, p.device(d).session()))
		return Done
	}
	if !p.hasRoom() {
		return Full
	}
	if who == none {
		who = p.addParticipant(k)
	}
	d = p.addDevice(who, deviceID)
	p.signOut(who, d, stamp)
	return Done
}

func (p *Partition) signOut(who, d uint32, stamp Version) {
	before := p.look(who)
	if p.device(d).status.present() {
		p.counts.Devices--
	}
	p.device(d).status = signedOut
	p.device(d).setSession(stamp)
	p.renew(d)
	p.trim(who)
	p.file(who)
	p.settle(who, before)
}

// trim drops the oldest sign-outs of a participant that has more of them than it may have devices:
// a client that signs out ever new ids must not fill the memory. The next oldest inherits the last
// sign of life.
func (p *Partition) trim(who uint32) {
	for {
		n, oldest, next := 0, none, none
		for d := p.firstOf(who); d&isParticipant == 0; d = p.nextOf(d) {
			if p.device(d).status != signedOut {
				continue
			}
			n++
			if oldest == none || p.device(d).session() < p.device(oldest).session() {
				oldest, next = d, oldest
			} else if next == none || p.device(d).session() < p.device(next).session() {
				next = d
			}
		}
		if n <= p.settings.MaxDevices {
			return
		}
		p.pulse(next).deadline = max(p.pulse(next).deadline, p.pulse(oldest).deadline)
		p.dropDevice(who, oldest)
	}
}
