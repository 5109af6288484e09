package shard

import "slices"

// Erase forgets all that is known of a participant, and remembers that for Settings.ErasureTTL: what
// is not newer than the erasure is not taken in any more, from wherever it comes. It returns the
// erasure, for other partitions to strike what their participants have with this one, and the names
// of the devices that are gone.
func (p *Partition) Erase(k Key, stamp Version) (e Erasure, devices []string) {
	e = Erasure{Hash: k.Hash, Sum: sumOf([]byte(k.ID)), Version: p.newest(k, stamp)}
	if who := p.find(k); who != none {
		for _, d := range p.keptDevices(who) {
			devices = append(devices, d.ID)
		}
	}
	p.noteErasure(e)
	p.Strike(Erasures{e})
	return e, devices
}

// newest is stamp, or a version that is not below anything that is known of a participant: a message
// may be dated a few seconds ahead.
func (p *Partition) newest(k Key, stamp Version) Version {
	who := p.find(k)
	if who == none {
		return stamp
	}
	for d := p.participants[who].first; d&isParticipant == 0; d = p.devices[d].link {
		stamp = max(stamp, p.devices[d].session)
	}
	if f := p.factOf(who); f != nil {
		stamp = max(stamp, f.overrideVersion, f.kindVersion)
		if f.newest != none {
			stamp = max(stamp, lastOf(p.windows[f.newest].at))
		}
	}
	return stamp
}

// Strike forgets what is here of erased participants up to their versions: themselves, and the
// windows that others have with them. An erasure that something was here of is remembered. It reports
// whether one of all is, now or since before.
func (p *Partition) Strike(all Erasures) (remembered bool) {
	hit := p.strikeParticipants(all, p.strikeWindows(all, nil))
	for _, e := range hit {
		p.noteErasure(e)
	}
	if len(hit) > 0 {
		p.refile()        // what was forgotten was filed
		p.compactNames(0) // no name stays in memory
	}
	return slices.ContainsFunc(all, p.erased.Has)
}

// takeErasures takes in those that another account of this partition remembers.
func (p *Partition) takeErasures(all []Erasure) {
	var news Erasures
	for _, e := range all {
		if !p.erased.Has(e) {
			news.Add(e)
			p.noteErasure(e)
		}
	}
	if len(news) > 0 {
		p.Strike(news)
	}
}

// strikeParticipants appends to hit those of all of whom something was here.
func (p *Partition) strikeParticipants(all, hit Erasures) Erasures {
	for _, e := range all {
		if who := p.findErased(e); who != none && p.strikeParticipant(who, e.Version) {
			hit.Add(e)
		}
	}
	return hit
}

// findErased is the slot of a participant that was erased, or none.
func (p *Partition) findErased(e Erasure) uint32 {
	if p.index.count == 0 {
		return none
	}
	for i := p.index.home(e.Hash); ; i = p.index.next(i) {
		slot, at := p.index.candidate(e.Hash, i)
		if slot == none || e.is(p.id(slot)) {
			return slot
		}
		i = at
	}
}

// strikeParticipant forgets what a participant has up to a version. It makes no record by name: the
// erasure is the record.
func (p *Partition) strikeParticipant(who uint32, v Version) bool {
	before, struck := p.look(who), 0
	for d := p.participants[who].first; d&isParticipant == 0; {
		next := p.devices[d].link
		if p.devices[d].session <= v {
			p.dropDevice(who, d)
			struck++
		}
		d = next
	}
	if f := p.factOf(who); f != nil {
		struck += p.strikeFact(who, f, v)
	}
	p.refresh(who)
	if now := p.look(who); now != before {
		p.changed(who, now, before.inner != Offline && now.inner == Offline)
	}
	p.struck += struck
	return struck > 0
}

// strikeFact is strikeParticipant for what was said.
func (p *Partition) strikeFact(who uint32, f *fact, v Version) (struck int) {
	if f.overrideVersion != 0 && f.overrideVersion <= v {
		p.counts.Overrides -= count(f.override != OverrideAuto)
		f.override, f.overrideVersion, f.frozen = OverrideAuto, 0, 0
		struck++
	}
	if f.kindVersion != 0 && f.kindVersion <= v {
		f.kind, f.kindVersion = KindUnset, 0
		struck++
	}
	for w := f.oldest; w != none && p.windows[w].at <= v.Millis(); w = f.oldest {
		p.strikeWindow(w)
		struck++
	}
	if p.dropEmptyFact(who) {
		struck++
	}
	return struck
}

// dropEmptyFact drops a fact that says nothing, before the wheel would.
func (p *Partition) dropEmptyFact(who uint32) bool {
	f := p.factOf(who)
	if f.overrideVersion|f.kindVersion != 0 || f.windows > 0 {
		return false
	}
	p.dropFact(who)
	return true
}

// strikeWindows appends to hit those of all with whom somebody here had a window.
func (p *Partition) strikeWindows(all, hit Erasures) Erasures {
	for w := range p.windows {
		win := &p.windows[w]
		if win.participant == none {
			continue
		}
		peer := p.names.name(win.peer)
		v := all.of(hashOfName(peer), peer)
		if v != 0 && win.at <= v.Millis() {
			hit.Add(Erasure{Hash: hashOfName(peer), Sum: sumOf(peer), Version: v})
			who := win.participant
			p.strikeWindow(uint32(w))
			p.dropEmptyFact(who)
			p.struck++
		}
	}
	return hit
}

// strikeWindow ends a window before its time. Its slot is free, and still filed: refile must follow.
func (p *Partition) strikeWindow(w uint32) {
	who := p.windows[w].participant
	p.exceptionChanged(who, p.names.name(p.windows[w].peer), false)
	p.detachWindow(p.factOf(who), w)
	p.windows[w].link = p.freeWindow
	p.freeWindow = w
}
