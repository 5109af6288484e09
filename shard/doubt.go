package shard

// A partition may know less than was said. There are two ways:
//
//   - It isn't whole: something that was acknowledged may be missing. Its owner and its backup died
//     together, or it is a copy that no longer follows.
//   - Others may know more: they are about to tell, or can't be asked.
//
// When such a partition is served, it warms for one deadline: in that time each live device says
// so, and its gateway tells what its participant has picked. Meanwhile an absent participant may be
// live, so it is unknown instead of offline. If something is missing, a live one may be hiding: it
// is unknown, too, until it is known what it has picked.
//
// Whatever leaves the partition goes through shown, or through Complete.

// doubt is what a partition may not know. When it ends is Partition.warming.
type doubt struct {
	partial  bool                // something that was acknowledged may be missing
	unpicked map[uint64]struct{} // while it warms: hashes of those who are known to have picked nothing
}

// Whole reports whether nothing is missing that was acknowledged, as far as is known here.
func (p *Partition) Whole() bool { return !p.doubt.partial }

// SetWhole sets what Whole reports.
func (p *Partition) SetWhole(whole bool) { p.doubt.partial = !whole }

// Warm has the partition warm for one deadline from now.
func (p *Partition) Warm(now Tick) { p.warming = now.after(p.settings.Deadline) }

// Warming reports whether the partition warms.
func (p *Partition) Warming() bool { return p.warming != 0 }

// WarmUntil is the tick at which the partition ceases to warm; 0: it doesn't warm.
func (p *Partition) WarmUntil() Tick { return p.warming }

// Cool ends the warming. What was missing is still missing.
func (p *Partition) Cool() { p.warming, p.doubt.unpicked = 0, nil }

// warmed ends the warming when its time has come: each live device has said so, and nothing is
// missing.
func (p *Partition) warmed(now Tick) {
	if p.warming != 0 && p.warming <= now {
		p.Cool()
		p.SetWhole(true)
	}
}

// shown is how a participant looks as far as that is known. It needs no record: who may be none.
func (p *Partition) shown(k Key, who uint32) (l look) {
	if who == none {
		l = p.strangerLook(k.ID)
	} else {
		l = p.look(who)
	}
	if p.warming != 0 {
		l.doubt(p.knowsLook(k, who))
	}
	return l
}

// knowsLook reports whether it is known how a participant looks, and to whom.
func (p *Partition) knowsLook(k Key, who uint32) bool { return p.knowsPick(k, who) && !p.mayDeny(who) }

// mayDeny reports whether a participant may have denied more viewers than is known: it is one that
// says who may see it, and something is missing. Nobody is told anything of it, denied or not,
// until the warming ends. If nothing of the kind is known of a participant, nobody can tell that
// something was lost: a block that both nodes have lost is lost.
func (p *Partition) mayDeny(who uint32) bool {
	l := p.listOf(who)
	return p.doubt.partial && l != nil && l.cells > uint32(l.windows)
}

// doubt makes unknown what may not be so: absence, and everything as long as it isn't known what
// was picked.
func (l *look) doubt(knowsPick bool) {
	for _, s := range []*State{&l.public, &l.inner, &l.self} {
		if *s == Offline || !knowsPick {
			*s = Unknown
		}
	}
	if l.unseen == Offline { // an id that was never seen has picked nothing
		l.unseen = Unknown
	}
}

// knowsPick reports whether it is known what a participant has picked, "nothing" included. An AI of
// which there is no device looks the same whatever it has picked.
func (p *Partition) knowsPick(k Key, who uint32) bool {
	if !p.doubt.partial || p.isUnpicked(k) {
		return true
	}
	if who == none {
		return p.settings.hasAIPrefix(k.ID)
	}
	return p.overrideVersion(who) != 0 || p.isAI(who) && p.people.at(who).inner() == Offline
}

// mayHide reports whether a participant may hide since an earlier time, so that nobody may be told
// when it was last seen. An AI may: it is shown whatever it has picked, but not when it was last
// seen.
func (p *Partition) mayHide(k Key, who uint32) bool {
	if p.warming == 0 || !p.doubt.partial || p.overrideVersion(who) != 0 {
		return false
	}
	return p.isAI(who) || !p.isUnpicked(k)
}

func (p *Partition) isUnpicked(k Key) bool {
	_, unpicked := p.doubt.unpicked[k.Hash]
	return unpicked
}

// noteUnpicked notes a participant that is known to have picked nothing, for as long as that
// matters.
func (p *Partition) noteUnpicked(k Key) {
	if p.warming == 0 {
		return
	}
	if p.doubt.unpicked == nil {
		p.doubt.unpicked = make(map[uint64]struct{})
	}
	p.doubt.unpicked[k.Hash] = struct{}{}
}

// Complete adds to a Change what most don't need, and reports whether it may be told. While the
// partition warms, a participant that hides or leaves is told at once, and one that appears once it
// is known what it has picked. That an absent participant is still absent is no news.
func (p *Partition) Complete(k Key, c *Change) bool {
	who := p.find(k)
	if p.warming != 0 {
		news := c.Left || c.View.Inner != Offline
		if c.View.Public != Offline {
			news = p.knowsLook(k, who)
		}
		if !news {
			return false
		}
	}
	if who != none {
		c.View.Version = p.overrideVersion(who)
	}
	return true
}

func (p *Partition) overrideVersion(who uint32) Version {
	if f := p.factOf(who); f != nil {
		return f.overrideVersion
	}
	return 0
}
