package shard

import (
	"cmp"
	"slices"
)

// Erase forgets all that is known of a participant, and remembers that for Settings.ErasureTTL:
// what is not newer than the erasure is not taken in any more, from wherever it comes. It returns
// the erasure, for other partitions to strike what their participants have with this one, and the
// names of the devices that are gone.
//
// The version must be above all that is known of the participant. Messages have no versions:
// atMillis is the Unix time up to which they don't count any more, and those that are here go
// whatever their time is.
func (p *Partition) Erase(k Key, version Version, atMillis int64) (e Erasure, devices []string) {
	e = Erasure{Hash: k.Hash, Sum: sumOf([]byte(k.ID)), Version: version, At: atMillis, Newest: atMillis}
	if who := p.find(k); who != none {
		if l := p.listOf(who); l != nil && l.windows > 0 {
			e.Newest = max(e.Newest, p.newestTime(l))
		}
		for _, d := range p.keptDevices(who) {
			devices = append(devices, d.ID)
		}
	}
	p.noteErasure(e)
	p.Strike(Seek(Erasures{e}, 1), 0)
	return e, devices
}

// Strike forgets what is here of erased participants up to that: themselves, if this partition has
// the number, and the windows that others have with them. An erasure that something was here of is
// remembered. It reports whether one of all is, now or since before.
func (p *Partition) Strike(all *Sought, number int) (remembered bool) {
	hit := p.strikeParticipants(all.own[number], p.strikePairs(all, nil))
	for _, e := range hit {
		p.noteErasure(e)
	}
	if len(hit) > 0 {
		p.refile() // what was forgotten was filed
		p.purge()  // no name stays in memory
	}
	return len(hit) > 0 || all.meet(p.erased)
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
		p.Strike(Seek(news, 1), 0)
	}
}

// strikeParticipants appends to hit those of all of whom something was here.
func (p *Partition) strikeParticipants(all, hit Erasures) Erasures {
	for _, e := range all {
		struck := p.strikeOpaque(e)
		if who := p.findErased(e); who != none && p.strikeParticipant(who, e) || struck {
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

// strikeParticipant forgets what a participant has up to its erasure. It makes no record by name:
// the erasure is the record.
func (p *Partition) strikeParticipant(who uint32, e Erasure) bool {
	before, voice, struck := p.look(who), p.voiceOf(who), p.strikeSaid(who, e.Version)
	for d := p.firstOf(who); d&isParticipant == 0; {
		next := p.nextOf(d)
		if p.device(d).session() <= e.Version {
			p.dropDevice(who, d)
			struck++
		}
		d = next
	}
	if f := p.factOf(who); f != nil {
		struck += p.strikeFact(who, f, e)
	}
	p.refresh(who)
	if now := p.look(who); now != before || p.voiceOf(who) != voice {
		p.changed(who, now, before.inner != Offline && now.inner == Offline)
	}
	p.struck += struck
	return struck > 0
}

// strikeSaid is strikeParticipant for statements.
func (p *Partition) strikeSaid(who uint32, until Version) (struck int) {
	for slot, s := range p.allSaid(who) {
		if s.version <= until {
			p.removeSaid(who, slot)
			struck++
		}
	}
	if struck > 0 {
		p.countClaims(who)
		p.applyAvailability(who, p.availabilityOf(who))
	}
	return struck
}

// strikeFact is strikeParticipant for what was said.
func (p *Partition) strikeFact(who uint32, f *fact, e Erasure) (struck int) {
	if f.overrideVersion != 0 && f.overrideVersion <= e.Version {
		p.counts.Overrides -= count(f.override != OverrideAuto)
		f.override, f.overrideVersion, f.frozen = OverrideAuto, 0, 0
		struck++
	}
	if f.kindVersion != 0 && f.kindVersion <= e.Version {
		f.registered, f.kindVersion = f.registered.with(KindUnset), 0
		struck++
	}
	for l := p.listOf(who); l != nil && l.windows > 0; l = p.listOf(who) {
		w := p.oldestWindow(l)
		if p.windows.at(w).at > e.Newest {
			break
		}
		p.endWindow(w)
		struck++
	}
	struck += p.strikeCells(who, 0, len(p.cellsOf(who)), e.Version)
	if p.dropEmptyFact(who) {
		struck++
	}
	return struck
}

// strikeCells forgets what a participant said about who may see it up to a version, of the cells at
// some places. Windows are forgotten elsewhere.
func (p *Partition) strikeCells(who uint32, from, to int, until Version) (struck int) {
	l := p.listOf(who)
	if l == nil || l.cells == 0 {
		return 0
	}
	for place := to - 1; place >= from; place-- {
		c := p.cells.in(l)[place]
		if c.hash != noViewer && (c.kind() == cellWindow || c.kind() == cellEnd) || p.versionOf(c) > until {
			continue
		}
		p.strikeCell(who, l, place)
		struck++
	}
	p.dropEmptyList(p.factOf(who))
	return struck
}

func (p *Partition) strikeCell(who uint32, l *list, place int) {
	c := p.cells.in(l)[place]
	if c.hash == noViewer {
		p.setMember(p.factOf(who), cell{word: c.word&^kindMask | unsetKind(c)})
		p.cells.remove(l, place)
		return
	}
	before := p.trust(who, c.hash)
	if isBlock(c) {
		p.dropBlock(who, l, place)
	} else {
		p.dropEdge(who, l, place)
	}
	p.pairChanged(who, c.hash, before)
}

// dropEmptyFact drops a fact that says nothing, before the wheel would.
func (p *Partition) dropEmptyFact(who uint32) bool {
	f := p.factOf(who)
	if f.overrideVersion|f.kindVersion != 0 || f.list != none || f.registered.beats() {
		return false
	}
	p.dropFact(who)
	return true
}

// strikePairs appends to hit those of all about whom a participant here had said something.
func (p *Partition) strikePairs(all *Sought, hit Erasures) Erasures {
	var listed []uint32
	for who := range p.allLists {
		listed = append(listed, who)
	}
	for _, who := range listed {
		for _, v := range p.soughtBy(who, all.viewers(p.settings)) {
			if p.strikePair(who, v.hash, &all.all[v.of]) {
				hit.Add(all.all[v.of])
				p.struck++
			}
		}
		if p.factOf(who) != nil {
			p.dropEmptyFact(who)
		}
	}
	return hit
}

// soughtBy are those of some viewers about whom a participant may have said something. The shorter
// list is gone through.
func (p *Partition) soughtBy(who uint32, viewers []soughtViewer) (found []soughtViewer) {
	cells := p.cellsOf(who)
	if len(viewers) <= len(cells) {
		return viewers
	}
	for i, c := range cells {
		if i > 0 && cells[i-1].hash == c.hash {
			continue
		}
		at, _ := slices.BinarySearchFunc(viewers, c.hash, func(v soughtViewer, hash uint64) int {
			return cmp.Compare(v.hash, hash)
		})
		if at < len(viewers) && viewers[at].hash == c.hash {
			found = append(found, viewers[at])
		}
	}
	return found
}

// strikePair forgets what a participant said about an erased viewer, and reports whether there was
// something.
func (p *Partition) strikePair(who uint32, hash uint64, e *Erasure) bool {
	struck := 0
	if w := p.findWindow(who, hash); w != none && p.windows.at(w).at <= e.Newest {
		p.endWindow(w)
		struck++
	}
	from, to := cellsFor(p.cellsOf(who), hash)
	struck += p.strikeCells(who, from, to, e.Version)
	return struck > 0
}
