package shard

// Sayings are what a participant says of itself, and what is said for it, beside its state.
type Sayings struct {
	PublicStatus Status // what a stranger sees, if they may see the participant
	InnerStatus  Status // what a viewer with a window sees, and the participant itself

	// In doubt a status may not be known. It is zero then, and what was told before stands.
	UnsurePublic, UnsureInner bool

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

// Over is what is told after before was: what isn't known stays. nil is nothing.
func (s *Sayings) Over(before *Sayings) *Sayings {
	if s == nil || !s.UnsurePublic && !s.UnsureInner {
		return s
	}
	now := *s
	now.UnsurePublic, now.UnsureInner = false, false
	if before == nil {
		return &now
	}
	if s.UnsurePublic {
		now.PublicStatus = before.PublicStatus
	}
	if s.UnsureInner {
		now.InnerStatus = before.InnerStatus
	}
	return &now
}

// Sayings are those of k; nil: there are none. While the partition warms nil says nothing, as what
// was said may be lost: that there are none any more says one that is empty.
func (p *Partition) Sayings(k Key) *Sayings {
	who := p.find(k)
	if who == none || p.shown(k, who).public == Unknown {
		return nil
	}
	return p.sayingsOf(k, who)
}

func (p *Partition) sayingsOf(k Key, who uint32) *Sayings {
	if p.warming == 0 && (!p.hasSaid(who) || p.voiceOf(who) == (voice{})) {
		return nil
	}
	public, inner := p.statusesOf(who)
	s := &Sayings{OverrideUntil: p.overrideUntil(who), Claims: p.liveClaims(who)}
	if s.UnsurePublic = !p.isSure(k, who, public, true); !s.UnsurePublic {
		s.PublicStatus = p.statusOf(public)
	}
	if s.UnsureInner = !p.isSure(k, who, inner, false); !s.UnsureInner {
		s.InnerStatus = p.statusOf(inner)
	}
	return s
}

// statusFor is the status of a participant that a viewer sees, to whom it looks so.
func (p *Partition) statusFor(k Key, who uint32, l look, self bool, t Trust) Status {
	public, inner := p.statusesOf(who)
	seen := public
	if self || t == Excepted {
		seen = inner
	}
	if !self && !l.open(t) || l.see(self, t) == Unknown || !self && !p.isSure(k, who, seen, t != Excepted) {
		return Status{}
	}
	return p.statusOf(seen)
}

// Seen is what a viewer sees of k, with a backend's word on the two: Trusted, Denied or Stranger.
func (p *Partition) Seen(now Tick, k Key, viewer Viewer, said Trust, with With) (s Seen) {
	who, self := p.find(k), k.ID == viewer.ID
	l, trust := p.shown(k, who), max(said, p.trust(who, viewer.Hash))
	s.State = l.see(self, trust)
	known := who != none && p.knowsBeside(k, who, s.State, self)
	if with&WithStatus != 0 {
		if status := p.statusFor(k, who, l, self, trust); known {
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
