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
