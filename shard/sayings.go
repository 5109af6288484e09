package shard

// Sayings are what a participant says of itself, and what is said for it, beside its state.
type Sayings struct {
	PublicStatus Status // what a stranger sees, if they may see the participant
	InnerStatus  Status // what a viewer with a window sees, and the participant itself

	// For the participant itself and admins only.
	OverrideUntil int64   // Unix milliseconds at which the override becomes auto; 0: never
	Claims        []Claim // live ones, in the order of their sources
}

// With is what is asked for beside a state.
type With uint8

// What may be asked for.
const (
	WithStatus With = 1 << iota
	WithLastSeen
)

// Seen is what one viewer sees of a participant, as far as it was asked for.
type Seen struct {
	State    State
	Status   Status // zero: none
	LastSeen int64  // Unix milliseconds; 0: none. If Coarse, of the beginning of the day in UTC
	Coarse   bool   // the viewer is told the day alone
}

// StatusFor is the status that viewer sees of participant id, which trusts it so. An empty viewer
// is a stranger.
func (v *View) StatusFor(id, viewer string, t Trust) Status {
	l := look{closed: v.Closed}
	switch {
	case v.Sayings == nil || viewer != id && !l.open(t):
		return Status{}
	case viewer == id || t == Excepted:
		return v.Sayings.InnerStatus
	default:
		return v.Sayings.PublicStatus
	}
}

// Sayings are those of k; nil: there are none. While the partition warms nil says nothing, as what
// was said may be lost: that there are none any more says one that is empty.
func (p *Partition) Sayings(k Key) *Sayings {
	who := p.find(k)
	if who == none || p.shown(k, who).public == Unknown {
		return nil
	}
	return p.sayingsOf(who)
}

func (p *Partition) sayingsOf(who uint32) *Sayings {
	if !p.hasSaid(who) || p.warming == 0 && p.voiceOf(who) == (voice{}) {
		return nil
	}
	public, inner := p.statusesOf(who)
	return &Sayings{
		PublicStatus: p.statusOf(public), InnerStatus: p.statusOf(inner),
		OverrideUntil: p.overrideUntil(who), Claims: p.liveClaims(who),
	}
}

// statusFor is the status of a participant that a viewer sees, to whom it looks so.
func (p *Partition) statusFor(who uint32, l look, self bool, t Trust) Status {
	public, inner := p.statusesOf(who)
	switch {
	case !self && !l.open(t) || l.see(self, t) == Unknown:
		return Status{}
	case self || t == Excepted:
		return p.statusOf(inner)
	default:
		return p.statusOf(public)
	}
}

// Seen is what a viewer sees of k, with a backend's word on the two: Trusted, Denied or Stranger.
func (p *Partition) Seen(now Tick, k Key, viewer Viewer, said Trust, with With) (s Seen) {
	who, self := p.find(k), k.ID == viewer.ID
	l, trust := p.shown(k, who), max(said, p.trust(who, viewer.Hash))
	s.State = l.see(self, trust)
	known := who != none && p.knowsBeside(k, who, s.State, self)
	if with&WithStatus != 0 {
		if status := p.statusFor(who, l, self, trust); known {
			s.Status = status
		}
	}
	if with&WithLastSeen == 0 || !known {
		return s
	}
	seen := p.remembered(now, p.lastSeen(who))
	if !self {
		seen, s.Coarse = p.veil(now, who, seen, l, trust)
	}
	if s.LastSeen = p.settings.Time(seen); seen == 0 {
		s.LastSeen = 0
	} else if s.Coarse {
		s.LastSeen -= s.LastSeen % millisPerDay
	}
	return s
}

const millisPerDay = 24 * 60 * 60 * 1000
