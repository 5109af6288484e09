package shard

// A partition may know less than was said. There are two ways:
//
//   - It isn't whole: something that was acknowledged may be missing. Its owner and its backup died
//     together, or it is a copy that no longer follows.
//   - Others may know more: they are about to tell, or can't be asked. Of a node that was among
//     others, and finds none of them, it is certain that they may: what is here is distrusted.
//
// When such a partition is served, it warms for one deadline: in that time each live device says
// so, and its gateway tells what its participant has picked. Meanwhile an absent participant may be
// live, so it is unknown instead of offline. If something is missing, a live one may be hiding: it
// is unknown, too, until it is known what it has picked. If what is here is distrusted, others may
// know of anyone that it hides, or has blocked somebody: everyone stays unknown.
//
// A status that is here may have been cleared since, where something is missing, or be one of which
// others must not know. So nothing is told of it in that time unless it was said in that time.
// Those who know it from before see it on. See isSure.
//
// An AI by its prefix that has not to beat looks to everyone as its id did before it was ever seen,
// whatever it has picked and whomever it denies. So it is never unknown.
//
// Whatever leaves the partition goes through shown, or through Complete.

// doubt is what a partition may not know. When it ends is Partition.warming.
type doubt struct {
	partial    bool                // something that was acknowledged may be missing
	distrusted bool                // while it warms: others may know more of everyone
	picked     map[uint64]struct{} // while it warms: hashes of those who have said since what they have picked
	spoke      map[uint64]Version  // while it warms: of the first status that was set since, by hashes
}

// Whole reports whether nothing is missing that was acknowledged, as far as is known here.
func (p *Partition) Whole() bool { return !p.doubt.partial }

// SetWhole sets what Whole reports.
func (p *Partition) SetWhole(whole bool) { p.doubt.partial = !whole }

// Warm has the partition warm for one deadline from now.
func (p *Partition) Warm(now Tick) { p.warming = now.after(p.settings.Deadline) }

// Distrust is Warm where others may know more of everyone than what is here.
func (p *Partition) Distrust(now Tick) {
	p.Warm(now)
	p.doubt.distrusted = true
}

// Warming reports whether the partition warms.
func (p *Partition) Warming() bool { return p.warming != 0 }

// WarmUntil is the tick at which the partition ceases to warm; 0: it doesn't warm.
func (p *Partition) WarmUntil() Tick { return p.warming }

// Cool ends the warming. What was missing is still missing.
func (p *Partition) Cool() { p.warming, p.doubt = 0, doubt{partial: p.doubt.partial} }

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
		l.doubt(p.knowsSelf(k, who), p.knowsLook(k, who))
	}
	return l
}

// knowsSelf reports whether it is known how a participant sees itself.
func (p *Partition) knowsSelf(k Key, who uint32) bool {
	return p.looksUnseen(k, who) || p.knowsPick(k, who)
}

// knowsLook reports whether it is known how a participant looks, and to whom.
func (p *Partition) knowsLook(k Key, who uint32) bool {
	return p.looksUnseen(k, who) || p.knowsPick(k, who) && !p.mayDeny(who)
}

// looksUnseen reports whether a participant looks to everyone as its id did before it was ever
// seen: it is an AI by its prefix, and has not to beat.
func (p *Partition) looksUnseen(k Key, who uint32) bool {
	if who == none {
		return p.settings.hasAIPrefix(k.ID)
	}
	return p.people.at(who).has(infoPrefixAI) && p.isSteady(who)
}

// mayDeny reports whether a participant may have denied more viewers than is known: it is one that
// says who may see it, and something is missing. Nobody is told anything of it, denied or not,
// until the warming ends. If nothing of the kind is known of a participant, nobody can tell that
// something was lost: a block that both nodes have lost is lost. If others may know more, it may
// be of anyone.
func (p *Partition) mayDeny(who uint32) bool {
	if p.doubt.distrusted {
		return true
	}
	l := p.listOf(who)
	return p.doubt.partial && l != nil && l.cells > uint32(l.windows)
}

// doubt makes unknown what may not be so: absence, and everything as long as it isn't known how a
// participant sees itself, or looks to others.
func (l *look) doubt(knowsSelf, knowsLook bool) {
	l.self = l.self.doubted(knowsSelf)
	l.public, l.inner = l.public.doubted(knowsLook), l.inner.doubted(knowsLook)
	l.unseen = l.unseen.doubted(true) // an id that was never seen has picked nothing
}

// knowsPick reports whether it is known what a participant has picked, "nothing" included. An AI of
// which there is no device looks the same whatever it has picked.
func (p *Partition) knowsPick(k Key, who uint32) bool {
	if !p.lacks() || p.hasPicked(k) {
		return true
	}
	if who == none || p.doubt.distrusted {
		return false
	}
	return p.overrideVersion(who) != 0 || p.isAI(who) && p.people.at(who).inner() == Offline
}

// lacks reports whether what was said of some participants may not be known here.
func (p *Partition) lacks() bool { return p.doubt.partial || p.doubt.distrusted }

// mayHide reports whether a participant may hide since an earlier time, so that nobody may be told
// when it was last seen. An AI may: it is shown whatever it has picked, but not when it was last
// seen.
func (p *Partition) mayHide(k Key, who uint32) bool {
	if p.warming == 0 || !p.lacks() || !p.doubt.distrusted && p.overrideVersion(who) != 0 {
		return false
	}
	return p.isAI(who) || !p.hasPicked(k)
}

func (p *Partition) hasPicked(k Key) bool {
	_, picked := p.doubt.picked[k.Hash]
	return picked
}

// notePick notes a participant of which it was said what it has picked, if only nothing, for as
// long as that matters.
func (p *Partition) notePick(k Key) {
	if p.warming == 0 {
		return
	}
	if p.doubt.picked == nil {
		p.doubt.picked = make(map[uint64]struct{})
	}
	p.doubt.picked[k.Hash] = struct{}{}
}

// Complete adds to a Change what most don't need, and reports whether it may be told.
func (p *Partition) Complete(k Key, c *Change) bool {
	who := p.find(k)
	if who != none && !c.Pair { // several changes may have come at once: the last one counts
		c.View = p.look(who).view(c.View.Order)
	}
	if p.warming != 0 && !p.mayTell(k, who, c) {
		return false
	}
	if who == none || c.Pair {
		return true
	}
	c.View.Version = p.overrideVersion(who)
	c.View.Sayings = p.sayingsOf(k, who)
	return true
}

// mayTell reports whether a Change may be told while the partition warms, and leaves in it what is
// known. A participant that hides or leaves is told at once, and one that appears once it is known
// how it looks. That an absent participant is still absent is no news. A word on a pair is no news
// beside a look that isn't known: it would show a viewer what another owner told last. But that it
// is denied always is.
func (p *Partition) mayTell(k Key, who uint32, c *Change) bool {
	v, known := &c.View, p.knowsLook(k, who)
	switch {
	case c.Pair:
		l := p.shown(k, who)
		return c.Trust == Denied || max(l.public, l.inner) != Unknown
	case v.Public != Offline:
		if !known {
			return false
		}
	case v.Inner != Offline:
		v.Inner = v.Inner.doubted(known)
	case !c.Left:
		return false
	}
	if !p.knowsSelf(k, who) {
		v.Self = Unknown
	}
	v.Doubt = true
	return true
}

func (p *Partition) overrideVersion(who uint32) Version {
	if f := p.factOf(who); f != nil {
		return f.overrideVersion
	}
	return 0
}
