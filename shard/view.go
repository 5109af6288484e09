package shard

// View is what an owner knows about how one participant looks to everybody without an exception,
// and to those with one. Who has one isn't part of it: see Partition.Exceptions.
type View struct {
	Public   State    // what a stranger sees
	Inner    State    // what a viewer with an exception sees
	Self     State    // what the participant itself sees
	Override Override // for the participant itself only
	Version  Version  // of Override; 0: none was ever picked

	// Order grows with every change of this participant, and of an exception of it, at one owner;
	// of two views the higher is the newer.
	Order uint64
}

// For is the state that viewer sees of participant id. An empty viewer is a stranger. excepted: the
// pair has an exception.
func (v *View) For(id, viewer string, excepted bool) State {
	return look{public: v.Public, inner: v.Inner, self: v.Self}.see(viewer == id, excepted)
}
