package shard

// View is what an owner knows about how one participant looks to viewers of each trust. Whom it
// trusts isn't part of it: see Partition.Trusts.
type View struct {
	Public   State    // what a stranger sees, if they may see it
	Inner    State    // what a viewer with a window sees
	Self     State    // what the participant itself sees
	Unseen   State    // what a viewer sees that may not see it, as if it had never been seen
	Closed   bool     // strangers may not see it
	Override Override // for the participant itself only
	Version  Version  // of Override; 0: none was ever picked

	// Order grows with every change of this participant, and of its trust in a viewer, at one
	// owner; of two views the higher is the newer.
	Order uint64
}

// For is the state that viewer sees of participant id, which trusts it so. An empty viewer is a
// stranger.
func (v *View) For(id, viewer string, t Trust) State {
	l := look{public: v.Public, inner: v.Inner, self: v.Self, unseen: v.Unseen, closed: v.Closed}
	return l.see(viewer == id, t)
}
