package shard

// tidyFloor keeps small partitions from being tidied for a few bytes.
const tidyFloor = 64

// tidy gives back the memory of a crowd that has left: names when half of them are dead, slots when
// three quarters are free. In between, free slots and the arena's growth serve the next ones.
func (p *Partition) tidy() {
	if n := len(p.names.bytes); n > 32*tidyFloor && p.names.dead > n/2 {
		p.compactNames(0)
	}
	if n := len(p.participants); n > tidyFloor && p.counts.Participants < n/4 {
		p.renumber()
		return
	}
	if n := len(p.devices); n > tidyFloor && p.counts.Records < n/4 {
		p.renumber()
	}
}

// renumber moves everything to new, dense slots. All handles become stale, surely: the new slots'
// generations begin above every old one.
func (p *Partition) renumber() {
	old := *p
	*p = *New(old.settings, int(old.wheel.phase), old.wheel.now)
	p.changes, p.order, p.merged = old.changes, old.order, old.merged
	p.copy, p.mirrored, p.promoted = old.copy, old.mirrored, old.promoted
	p.noted, p.notedWindows, p.notedErasures = old.noted, old.notedWindows, old.notedErasures
	p.erased, p.erasuresEnd, p.struck = old.erased, old.erasuresEnd, old.struck
	p.left = old.left
	p.generation = old.topGeneration()
	moved := make([]uint32, len(old.devices))
	for who := range old.participants {
		if old.participants[who].has(infoUsed) {
			p.adopt(&old, uint32(who), moved)
		}
	}
	for _, l := range old.lingers {
		if old.pulses[l.device].generation == l.generation && old.devices[l.device].status == lingering {
			d := moved[l.device]
			p.lingers = append(p.lingers, linger{l.until, d, p.pulses[d].generation})
		}
	}
}

// topGeneration is above every generation given out, or 0 once none is left: then no handle fits
// any more.
func (p *Partition) topGeneration() uint32 {
	top := p.generation
	for i := range p.pulses {
		if p.pulses[i].generation == 0 {
			return 0
		}
		top = max(top, p.pulses[i].generation)
	}
	return top + 1
}

// adopt copies a participant with all it has from another partition and notes where its devices
// went.
func (p *Partition) adopt(old *Partition, from uint32, moved []uint32) {
	who := p.addParticipant(KeyOf(string(old.id(from))))
	at := old.names.after(old.participants[from].names)
	for d := old.participants[from].first; d&isParticipant == 0; d = old.devices[d].link {
		moved[d] = p.addDevice(who, string(old.names.name(at)))
		dev := &p.devices[moved[d]]
		link := dev.link
		*dev = old.devices[d]
		dev.link = link
		p.pulses[moved[d]].deadline = old.pulses[d].deadline
		p.counts.Devices += count(dev.status.present())
		at = old.names.after(at)
	}
	if f := old.factOf(from); f != nil {
		p.adoptFact(old, who, f)
	}
	p.refresh(who)
	p.file(who)
}

func (p *Partition) adoptFact(old *Partition, who uint32, f *fact) {
	mine := p.makeFact(who)
	mine.override, mine.overrideVersion, mine.frozen = f.override, f.overrideVersion, f.frozen
	mine.kind, mine.kindVersion = f.kind, f.kindVersion
	p.counts.Overrides += count(f.override != OverrideAuto)
	for w := f.oldest; w != none; w = old.windows[w].newer {
		at := old.windows[w].at
		p.attachWindow(who, p.newWindow(at), KeyOf(string(old.names.name(old.windows[w].peer))), at)
	}
}
