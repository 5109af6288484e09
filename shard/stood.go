package shard

// While its override is appear_offline, strangers see on the status of a participant that stood
// when that was picked: until its own end, or until a public one takes its place. What is set
// meanwhile is for the participant itself and for viewers with a window. Otherwise whoever sees a
// status change would know that its participant is there.
//
// So there are two statements that each merge by version, in any order: the latest status, and the
// one that stood. The owner that is told of the pick says which one stood: nearly always the
// latest. That has a mark then, and no record of its own, until another one becomes the latest.
// Strangers see the newer of the two, if the latest one counts: a status counts if it is public, or
// no newer than the pick. It may be so and not have stood, where two sides of a cut come together.
// One that was said while its participant hid is marked, and never counts by its version: a newer
// pick, of which it isn't known that it was picked again, would show it.
//
//	                          latest      stood     strangers see   window, itself
//	status A                  A           -         A               A
//	picks appear_offline      A, marked   A         A               A
//	status B                  B           A         A               B
//	public status C           C, marked   C         C               C
//	picks appear_offline      C, marked   C         C               C
//	clears                    over        C         C               -
//	picks auto                over        (C)       -               -
//
// What stood means nothing once the override is another one. It is remembered for a day, as all is
// that means nothing any more.

// beginRun has what is said now stand, if a run of picks to hide has begun with a version.
func (p *Partition) beginRun(who uint32, hid bool, version Version) {
	if !hid && p.hides(who) {
		p.stand(who)
		p.standNone(who, version)
	}
}

// stand has the latest status be the one that stood.
func (p *Partition) stand(who uint32) {
	latest := p.statement(p.findSaid(who, saidStatus, ""))
	if latest == &silence || latest.mark&markPublic == 0 && latest.version > p.runOf(who) {
		return
	}
	in := p.sayingOf(latest)
	in.kind = saidStood
	if p.storeStood(who, &in) {
		p.noteSaid(who, saidStood, "")
	}
}

// standNone has none be the one that stood, if there is no latest status and an older one stands.
func (p *Partition) standNone(who uint32, version Version) {
	if p.findSaid(who, saidStatus, "") == none && p.findSaid(who, saidStood, "") != none {
		p.storeStood(who, &saying{kind: saidStood, mark: markOver, version: version})
		p.noteSaid(who, saidStood, "")
	}
}

// stands reports whether strangers see the latest status while its participant hides; run is when
// the run of picks began.
func (p *Partition) stands(latest *statement, run Version) bool {
	return latest.mark&markPublic != 0 || latest.mark&markBehind == 0 && latest.version <= run
}

// statusesOf are the statuses that strangers see of a participant, and that viewers with a window
// do. It takes the same steps whatever was said.
func (p *Partition) statusesOf(who uint32) (public, inner *statement) {
	latest, stood, pick := &silence, &silence, &silence
	s := p.statement(p.saidBy(who))
	for range saidPick - saidStatus + 1 {
		switch s.kind {
		case saidStatus:
			latest = s
		case saidStood:
			stood = s
		case saidPick:
			pick = s
		}
		s = p.statement(s.next)
	}
	if latest.mark&markStood != 0 {
		stood = latest
	}
	override, run := p.overrideOf(who)
	if latest.version > stood.version && p.stands(latest, p.runSince(pick, run)) {
		stood = latest
	}
	if override == OverrideAppearOffline {
		return stood, latest
	}
	return latest, latest
}

// storeStatus takes in a latest status. The one before may be what stood.
func (p *Partition) storeStatus(who uint32, in *saying) bool {
	slot := p.findSaid(who, saidStatus, "")
	if slot != none {
		s := p.statements.at(slot)
		known := p.sayingOf(s)
		switch {
		case in.compare(&known) <= 0:
			return false
		case in.version == s.version: // it is over
			p.writeSaid(s, in)
			return true
		case s.mark&markStood != 0:
			s.kind, s.mark = saidStood, s.mark&^markStood
		default:
			p.removeSaid(who, slot)
		}
	}
	p.addSaid(who, in)
	p.shareStood(who)
	return true
}

// shareStood leaves one record of a latest status that is also the one that stood.
func (p *Partition) shareStood(who uint32) {
	latest, stood := p.findSaid(who, saidStatus, ""), p.findSaid(who, saidStood, "")
	if stood == none || p.statements.at(stood).version != p.statements.at(latest).version {
		return
	}
	in := p.sayingOf(p.statements.at(stood))
	p.storeStood(who, &in)
}

// storeStood takes in a status that stood.
func (p *Partition) storeStood(who uint32, in *saying) bool {
	latest := p.statement(p.findSaid(who, saidStatus, ""))
	if latest.version == in.version {
		return p.markStood(who, latest, in)
	}
	if latest.mark&markStood == 0 {
		return p.storeNewer(who, in)
	}
	if latest.version > in.version {
		return false
	}
	latest.mark &^= markStood
	p.addSaid(who, in)
	return true
}

// markStood is storeStood of the latest status.
func (p *Partition) markStood(who uint32, latest *statement, in *saying) (stored bool) {
	if known := p.sayingOf(latest); in.compare(&known) > 0 { // it is over
		p.writeSaid(latest, in)
		stored = true
	}
	if latest.mark&markStood != 0 {
		return stored
	}
	if slot := p.findSaid(who, saidStood, ""); slot != none {
		if p.statements.at(slot).version > latest.version {
			return stored
		}
		p.removeSaid(who, slot)
	}
	latest.mark |= markStood
	return true
}
