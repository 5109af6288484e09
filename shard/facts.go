package shard

// SetOverride stores what a participant picked, if version is newer than what is known.
func (p *Partition) SetOverride(now Tick, k Key, o Override, version Version) Outcome {
	return p.SetOverrideUntil(now, k, o, 0, version)
}

// SetOverrideUntil is SetOverride with an end, in Unix milliseconds: then the override is auto.
// Appear_offline freezes what strangers see as last_seen at the last sign of life before, for as
// long as it stands.
func (p *Partition) SetOverrideUntil(now Tick, k Key, o Override, until int64, version Version) Outcome {
	who, out := p.findOrAdd(k)
	if out != Done {
		return out
	}
	frozen := p.lastSeen(who)
	if f := p.factOf(who); f != nil && f.override == OverrideAppearOffline {
		frozen = f.frozen
	} else if p.mayHide(k, who) {
		frozen = 0 // it may hide since an earlier time, which isn't known here
	}
	p.notePick(k)
	p.speak(who, func() {
		p.pick(now, who, o, version, until)
		hid := p.hides(who)
		p.storeOverride(who, o, version, frozen)
		p.beginRun(who, hid, version)
	})
	p.note(who)
	return Done
}

// RecallOverride is SetOverride by a gateway that remembers what was picked, but not when the
// participant was last seen before that: strangers are told nothing of it, rather than when it was
// heard of since. With NeverPicked the gateway knows that nothing was picked, with 0 it knows
// nothing.
func (p *Partition) RecallOverride(now Tick, k Key, o Override, until int64, version Version) Outcome {
	if version == NeverPicked {
		p.notePick(k)
	}
	if version <= NeverPicked {
		return Done
	}
	if version <= p.erasedUntil(k) {
		return Done
	}
	who, out := p.findOrAdd(k)
	if out != Done {
		return out
	}
	frozen := Tick(0)
	if f := p.factOf(who); f != nil {
		if f.overrideVersion >= version {
			return Done
		}
		if f.override == OverrideAppearOffline {
			frozen = f.frozen
		}
	}
	p.notePick(k)
	hid := p.hides(who)
	p.speak(who, func() {
		p.pick(now, who, o, version, until)
		p.mergeOverride(who, o, version, frozen)
		p.beginRun(who, hid, version)
	})
	return Done
}

// SetKind registers a participant as AI, or as human again, if version is newer than what is known.
func (p *Partition) SetKind(k Key, kind Kind, version Version) Outcome {
	who, out := p.findOrAdd(k)
	if out != Done {
		return out
	}
	p.mergeKind(who, kind, version)
	return Done
}

// findOrAdd finds a participant or makes its record. It returns Full if there is no room for one.
func (p *Partition) findOrAdd(k Key) (uint32, Outcome) {
	if who := p.find(k); who != none {
		return who, Done
	}
	if !p.hasRoom() {
		return none, Full
	}
	return p.addParticipant(k), Done
}

// mergeOverride takes a value if its version is newer. Of one version there is one value; should a
// broken peer send two, every node takes the same.
func (p *Partition) mergeOverride(who uint32, o Override, version Version, frozen Tick) {
	before := p.look(who)
	p.storeOverride(who, o, version, frozen)
	p.awaitSaid(who)
	p.file(who)
	p.settle(who, before)
}

func (p *Partition) storeOverride(who uint32, o Override, version Version, frozen Tick) {
	f := p.makeFact(who)
	if version > f.overrideVersion || version == f.overrideVersion && o > f.override {
		if o != OverrideAppearOffline {
			frozen = 0
		}
		p.counts.Overrides += count(o != OverrideAuto) - count(f.override != OverrideAuto)
		f.override, f.overrideVersion, f.frozen = o, version, frozen
		p.dropPick(who, version)
	} else if version == f.overrideVersion && o == f.override {
		f.frozen = min(f.frozen, frozen)
	}
	p.endOverride(who)
}

func (p *Partition) mergeKind(who uint32, kind Kind, version Version) {
	before := p.look(who)
	f := p.makeFact(who)
	if version > f.kindVersion || version == f.kindVersion && kind > f.registered.kind() {
		f.registered, f.kindVersion = f.registered.with(kind), version
	}
	p.file(who)
	p.settle(who, before)
}

func count(yes bool) int {
	if yes {
		return 1
	}
	return 0
}

func (p *Partition) makeFact(who uint32) *fact {
	if f := p.factOf(who); f != nil {
		return f
	}
	i, _ := p.facts.take()
	f, person := p.facts.at(i), p.people.at(who)
	*f = fact{list: none, names: person.names}
	person.names = i
	person.link |= infoFact
	return f
}

func (p *Partition) dropFact(who uint32) {
	person := p.people.at(who)
	if !person.has(infoFact) {
		return
	}
	i := person.names
	person.names = p.facts.at(i).names
	person.link &^= infoFact
	p.facts.give(i)
}

// factEnd is when what was said about a participant can be forgotten: never while it means
// something, and otherwise once no older value can come back to beat its absence.
func (p *Partition) factEnd(who uint32) Tick {
	prefixAI := p.people.at(who).has(infoPrefixAI)
	f := p.factOf(who)
	if f == nil || f.list != none || f.override != OverrideAuto || f.ai(prefixAI) != prefixAI || f.registered.beats() {
		return never
	}
	said := max(f.overrideVersion, f.kindVersion)
	return p.settings.tickAfter(said.Millis()).after(p.settings.FactTTL)
}
