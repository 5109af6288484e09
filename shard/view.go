package shard

// View is what an owner knows about how one participant looks to viewers of each trust. Whom it
// trusts isn't part of it: see Partition.Trusts.
type View struct {
	Public   State    // what a stranger sees, if they may see it
	Inner    State    // what a viewer with a window sees
	Self     State    // what the participant itself sees
	Unseen   State    // what a viewer sees that may not see it, as if it had never been seen
	Closed   bool     // strangers may not see it
	Doubt    bool     // an offline state may not be so: see Told
	Override Override // for the participant itself only
	Version  Version  // of Override; 0: none was ever picked

	// Sayings are nil if there are none; in doubt, if nothing is known of them. An answer has them if
	// they were asked for, a change always.
	Sayings *Sayings

	// Order grows with every change of this participant, and of its trust in a viewer, at one
	// owner; of two views the higher is the newer.
	Order uint64
}

// For is the state that viewer sees of participant id, which trusts it so. An empty viewer is a
// stranger.
func (v *View) For(id, viewer string, t Trust) State { return v.Told(id, viewer, t, Unknown) }

// Told is For of a viewer that was told last before; Unknown: nothing yet. In doubt nobody can say
// that a participant is offline. But that it hides, leaves, or denies the viewer now, is told to a
// viewer that has seen it. To the others it would tell that there is someone: of an id that was
// never seen nothing is told.
func (v *View) Told(id, viewer string, t Trust, last State) State {
	l := look{public: v.Public, inner: v.Inner, self: v.Self, unseen: v.Unseen, closed: v.Closed}
	s := l.see(viewer == id, t)
	if v.Doubt && last == Unknown {
		return s.doubted(true)
	}
	return s
}
