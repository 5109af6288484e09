package shard

// speak has f change what was said of a participant, and reports what that changed for others.
func (p *Partition) speak(who uint32, f func()) {
	look, voice := p.look(who), p.voiceOf(who)
	f()
	p.awaitSaid(who)
	if !p.isEmpty(who) {
		p.file(who)
	}
	if now := p.look(who); now != look || p.voiceOf(who) != voice {
		p.changed(who, now, false)
	}
}

// mergeSaid takes in what was said of a participant, if it is newer than what is known.
func (p *Partition) mergeSaid(now Tick, in *saying) {
	k := KeyOf(in.participant)
	over := in.isOver() && p.forgetSaid(in.version, in.until) <= p.settings.Time(now)
	if over || p.isErased(in.version, p.erasedUntil(k)) {
		p.left = append(p.left, k.Hash) // files may have the name
		return
	}
	who, out := p.findOrAdd(k)
	if out != Done {
		return
	}
	p.speak(who, func() { p.store(now, who, in) })
	p.forgetEmpty(who)
}

// store takes in a saying if it is newer than what is known. What has ended on its way is over.
func (p *Partition) store(now Tick, who uint32, in *saying) (stored bool) {
	if in.until != 0 && in.until <= p.settings.Time(now) {
		in.end()
	}
	switch in.kind {
	case saidStatus:
		stored = p.storeStatus(who, in)
	case saidStood:
		stored = p.storeStood(who, in)
	case saidPick:
		stored = p.storePick(who, in)
	default:
		stored = p.storeNewer(who, in)
	}
	if stored {
		p.noteSaid(who, in.kind, in.source)
	}
	switch {
	case !stored:
	case in.kind == saidClaim:
		p.limitClaims(who)
		p.countClaims(who)
	case in.kind == saidAvailability:
		p.applyAvailability(who, Availability(in.mark))
	}
	return stored
}

// refuseSaid reports whether there is no room for a status or a claim, and what comes of it. A
// claim that is there may be renewed, which takes no more; a status may be longer than before.
func (p *Partition) refuseSaid(k Key, in *saying) (out Outcome, refused bool) {
	who := p.find(k)
	if p.hasRoom() && !p.isFull(k, who) {
		return Done, false
	}
	there := who != none && p.findSaid(who, in.kind, in.source) != none
	if there && (in.isOver() || in.kind == saidClaim) {
		return Done, false
	}
	return fullUnless(in.isOver()), true
}

// voice is what others are told of a participant's statements, for comparing before and after.
type voice struct {
	public, inner Version // of the statuses that are seen; 0: none
	until         int64   // end of the override
	claims        Version // the sum of those that are live
}

func (p *Partition) voiceOf(who uint32) (v voice) {
	if !p.hasSaid(who) {
		return v
	}
	public, inner := p.statusesOf(who)
	v.public, v.inner, v.until = public.heard(), inner.heard(), p.overrideUntil(who)
	for _, s := range p.allSaid(who) {
		if s.kind == saidClaim && !s.isOver() {
			v.claims += s.version
		}
	}
	return v
}

// heard is the version of a status that says something, or 0.
func (s *statement) heard() Version {
	if s.isOver() {
		return 0
	}
	return s.version
}
