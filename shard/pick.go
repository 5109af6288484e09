package shard

// An override may have an end, after which it is auto. It is a statement beside the override, of
// the same version: a pick. A node of the version before knows the override and keeps the pick. The
// pick of another version than the override's means nothing: a newer one is waiting for its
// override, an older one is forgotten with its own.
//
// Whether an override is over follows from its end and the owner's clock. Then the fact says auto,
// with the version that it had, and the pick that it is over. So whatever comes of the override,
// from wherever, is over too.
//
// A pick also has the version of the first of a run of picks of appear_offline, as its word, if it
// is another one: see stood.go.

// pick stores what a participant picks, beside the override: an end, or when the run began. A run
// matters only to who has said something.
func (p *Partition) pick(now Tick, who uint32, o Override, version Version, until int64) {
	in := saying{kind: saidPick, version: version, until: until}
	if o == OverrideAppearOffline && p.hides(who) && p.hasSaid(who) {
		in.run = p.runOf(who)
	}
	if in.until != 0 || in.run != 0 {
		p.store(now, who, &in)
	}
}

// storePick takes in a pick, unless its override was followed by another one.
func (p *Partition) storePick(who uint32, in *saying) bool {
	if _, version := p.overrideOf(who); in.version < version || !p.storeNewer(who, in) {
		return false
	}
	p.endOverride(who)
	return true
}

// endOverride makes an override auto that is over.
func (p *Partition) endOverride(who uint32) {
	pick := p.pickOf(who)
	if f := p.factOf(who); f != nil && pick != &silence && pick.isOver() {
		p.counts.Overrides -= count(f.override != OverrideAuto)
		f.override, f.frozen = OverrideAuto, 0
	}
}

// dropPick forgets the pick of an override that another one has followed.
func (p *Partition) dropPick(who uint32, version Version) {
	if !p.hasSaid(who) {
		return
	}
	if slot := p.findSaid(who, saidPick, ""); slot != none && p.statements.at(slot).version < version {
		p.removeSaid(who, slot)
	}
}

// pickOf is the pick of the override that a participant has, or silence.
func (p *Partition) pickOf(who uint32) *statement {
	if !p.hasSaid(who) {
		return &silence
	}
	pick := p.statement(p.findSaid(who, saidPick, ""))
	if _, version := p.overrideOf(who); pick.version != version {
		return &silence
	}
	return pick
}

// overrideUntil is when the override of a participant ends, in Unix milliseconds; 0: it doesn't.
func (p *Partition) overrideUntil(who uint32) int64 {
	if pick := p.pickOf(who); !pick.isOver() {
		return pick.until
	}
	return 0
}

// overrideOf is the override of a participant, and its version.
func (p *Partition) overrideOf(who uint32) (Override, Version) {
	if who == none {
		return OverrideAuto, 0
	}
	if f := p.factOf(who); f != nil {
		return f.override, f.overrideVersion
	}
	return OverrideAuto, 0
}

func (p *Partition) hides(who uint32) bool {
	o, _ := p.overrideOf(who)
	return o == OverrideAppearOffline
}

// runOf is the version of the first of the picks in a row that are the override.
func (p *Partition) runOf(who uint32) Version {
	_, version := p.overrideOf(who)
	return p.runSince(p.statement(p.findSaid(who, saidPick, "")), version)
}

// runSince is runOf an override of a version; pick is of it, or not.
func (p *Partition) runSince(pick *statement, version Version) Version {
	if pick.version != version || pick.words == none {
		return version
	}
	return p.runAt(pick)
}
