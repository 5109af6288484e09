package shard

import "slices"

// View is what an owner knows about how one participant looks, complete enough that a gateway can
// answer any viewer from it without asking again.
type View struct {
	Public   State    // what a stranger sees
	Inner    State    // what a viewer with an open direct-message window sees
	Self     State    // what the participant itself sees
	Override Override // for the participant itself only
	Version  Version  // of Override; 0: nobody ever picked one

	// Windows holds the viewers with an open window, sorted, and only while it matters: while Inner differs from Public.
	Windows []string

	// Order grows with every change of this participant at one owner; of two views the higher is the newer.
	Order uint64
}

// For is the state that viewer sees of participant id. An empty viewer is a stranger.
func (v *View) For(id, viewer string) State {
	l := look{public: v.Public, inner: v.Inner, self: v.Self}
	return l.see(viewer == id, func() bool {
		_, open := slices.BinarySearch(v.Windows, viewer)
		return open
	})
}
