package shard

import "slices"

// Merge takes in a snapshot of the same partition: in any order, and any number of times, the
// result is the same. A snapshot that is damaged, or has a version above ceiling, changes nothing.
// top is the highest version in it.
//
// Facts (overrides, kinds, windows, sign-outs, erasures) go by version. Expiry is not a fact: it
// says only that nothing was heard, and something may have been heard elsewhere; so a device that
// is live in either is live.
func (p *Partition) Merge(now Tick, snapshot []byte, ceiling Version) (top Version, err error) {
	id, err := checkSnapshot(now, snapshot, ceiling)
	if err != nil {
		return 0, err
	}
	_, repeated := p.merged[id]
	_, top, err = readSnapshot(now, 0, snapshot, taking{
		p.takeErasures,
		func(_ Version, in incoming) { p.mergeParticipant(now, in, repeated) },
		func(in incomingExtra) { p.mergeExtra(now, in) },
		func(in opaque) { p.mergeOpaque(now, in) },
		func(in saying) { p.mergeSaid(now, &in) },
	})
	p.noteMerged(now, id)
	p.refile()
	return top, err
}

// mergeParticipant takes in one participant. Remaining times count once: the second time the same
// snapshot comes, its devices are older than it says.
func (p *Partition) mergeParticipant(now Tick, in incoming, repeated bool) {
	k := KeyOf(in.id)
	in = p.unerased(k, in)
	if p.find(k) == none && (repeated && in.overrideVersion|in.kindVersion == 0 && len(in.windows) == 0 ||
		!p.hasRoom()) {
		return
	}
	who, _ := p.findOrAdd(k)
	before := p.look(who)
	p.mergeFacts(now, who, k, in)
	if !repeated {
		for _, d := range in.devices {
			p.mergeDevice(now, who, d)
		}
		p.dropOutdated(who)
		p.trim(who)
	}
	p.settle(who, before)
	p.forgetEmpty(who)
}

func (p *Partition) mergeFacts(now Tick, who uint32, k Key, in incoming) {
	if in.overrideVersion != 0 {
		p.mergeOverride(who, in.override, in.overrideVersion, in.frozen)
	}
	if in.kindVersion != 0 {
		p.mergeKind(who, in.kind, in.kindVersion)
	}
	for _, w := range in.windows {
		p.mergeWindow(now, k, KeyOf(w.peer), w.at)
	}
}

// forgetEmpty forgets a participant of which nothing is left. One that is filed has to wait for the
// wheel.
func (p *Partition) forgetEmpty(who uint32) {
	if p.isEmpty(who) && !p.people.at(who).has(infoFiled) {
		p.dropParticipant(who)
	}
}

// isEmpty reports whether nothing is left of a participant.
func (p *Partition) isEmpty(who uint32) bool {
	return !p.hasDevices(who) && !p.people.at(who).has(infoFact) && !p.hasSaid(who)
}

// mergeDevice joins two accounts of one device. A sign-out refuses every session up to its own; of
// live ones the higher session counts, then the later flip, then the more awake; the latest sign of
// life is kept whatever wins.
func (p *Partition) mergeDevice(now Tick, who uint32, in incomingDevice) {
	if in.status == inherited {
		in.status = live // this is no copy
	}
	deadline := p.deadlineOf(in.lastSign)
	if in.status.present() && deadline <= now {
		in.status = expired // its time ran out on the way
	}
	d := p.findDevice(who, in.id)
	switch {
	case d == none && in.status == expired && p.remembered(now, in.lastSign) == 0 || !p.hasRoom():
		return
	case d == none:
		d = p.addDevice(who, in.id)
		p.adoptDevice(d, in)
	case in.status == expired && p.device(d).status.present():
		return // not even when it was seen: another order of merging might have forgotten that
	// an erasure between the two sessions means one of them
	case in.status == expired && p.device(d).status == expired:
		p.device(d).setSession(max(p.device(d).session(), in.session))
	case p.beats(in, d):
		if p.device(d).status == expired && in.status.present() {
			p.pulse(d).deadline = 0 // likewise
		}
		p.counts.Devices -= count(p.device(d).status.present())
		p.adoptDevice(d, in)
	}
	p.pulse(d).deadline = max(p.pulse(d).deadline, deadline)
}

func (p *Partition) deadlineOf(sign Tick) Tick {
	if sign == 0 {
		return 0
	}
	return sign.after(p.settings.Deadline)
}

// beats reports whether what came is more than what is known.
func (p *Partition) beats(in incomingDevice, d uint32) bool {
	mine := p.device(d)
	switch {
	case in.status == expired:
		return false
	case mine.status == expired:
		return true
	case in.session != mine.session():
		return in.session > mine.session()
	case in.status != mine.status && (in.status == signedOut || mine.status == signedOut):
		return in.status == signedOut
	case in.flips != mine.flips:
		return in.flips > mine.flips
	case in.activity != mine.said.activity():
		return in.activity > mine.said.activity()
	default:
		return mine.status == lingering && (in.status == live || in.until > p.lingerEnd(d))
	}
}

func (p *Partition) adoptDevice(d uint32, in incomingDevice) {
	dev := p.device(d)
	dev.status, dev.said, dev.flips = in.status, said(in.activity), in.flips
	dev.setSession(in.session)
	p.renew(d)
	p.counts.Devices += count(in.status.present())
	if in.status == lingering && !p.copy {
		p.lingerUntil(d, in.until)
	}
}

// lingerEnd is when a lingering device goes.
func (p *Partition) lingerEnd(d uint32) Tick {
	i := slices.IndexFunc(p.lingers, func(l linger) bool {
		return l.device == d && l.generation == p.pulse(d).generation
	})
	return p.lingers[i].until
}

// lingerUntil files the end of a linger. Nearly always it is the last to come, since all last
// equally long.
func (p *Partition) lingerUntil(d uint32, until Tick) {
	p.lingers = append(p.lingers, linger{})
	i := len(p.lingers) - 1
	for ; i > 0 && p.lingers[i-1].until > until; i-- {
		p.lingers[i] = p.lingers[i-1]
	}
	p.lingers[i] = linger{until, d, p.pulse(d).generation}
}

func (p *Partition) noteMerged(now Tick, id Version) {
	if p.merged == nil {
		p.merged = make(map[Version]Tick)
	}
	p.merged[id] = now.after(max(p.settings.Tombstone, p.settings.RecordTTL))
}

// forgetMerged forgets snapshots so old that none of their remaining times can matter.
func (p *Partition) forgetMerged(now Tick) {
	for id, end := range p.merged {
		if end <= now {
			delete(p.merged, id)
		}
	}
}

// refile files everything anew: a merge may make deadlines earlier than where they were filed.
func (p *Partition) refile() {
	p.wheel.clear(p.dropOrphan)
	var empty []uint32
	for who := range p.index.all {
		p.people.at(who).link &^= infoFiled
		if p.isEmpty(who) {
			empty = append(empty, who)
		} else {
			p.file(who)
		}
	}
	for _, who := range empty {
		p.dropParticipant(who)
	}
	p.awaitAnew()
	for w := range p.allWindows {
		p.wheel.file(w|isWindow, p.due(w|isWindow))
	}
}
