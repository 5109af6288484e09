package host

import "github.com/scaiwave/presence/shard"

// Judged is an id that a viewer asks about, with what a backend says of the two.
type Judged struct {
	ID   string
	Said shard.Trust // Trusted or Denied; Stranger: no backend is asked
}

// JudgedStates is States with a backend's word on each id.
func (h *Host) JudgedStates(viewer string, asked []Judged, states []shard.State, absent shard.State) {
	h.now() // a gap is noticed before anything is said
	v := h.Viewer(viewer)
	for i := range asked {
		k := shard.KeyOf(asked[i].ID)
		h.read(k, func(p *shard.Partition) {
			if states[i] = absent; p != nil {
				states[i] = p.JudgedState(k, v, asked[i].Said)
			}
		})
	}
}

// read calls f with the partition of k, or with nil if it is neither served nor copied here.
func (h *Host) read(k shard.Key, f func(p *shard.Partition)) {
	n := h.partitionOf(k)
	defer h.lock(n).Unlock()
	if h.answer(n) == Missing {
		f(nil)
		return
	}
	f(h.partitions[n])
}

// Ties tells what viewer has with each of ids. Of what is neither served nor copied here it says
// absent.
func (h *Host) Ties(viewer string, ids []string, ties []shard.Tie, absent shard.Tie) {
	h.now() // a gap is noticed before anything is said
	v := h.Viewer(viewer)
	for i, id := range ids {
		k := shard.KeyOf(id)
		h.read(k, func(p *shard.Partition) {
			if ties[i] = absent; p != nil {
				ties[i] = p.Tie(k, v)
			}
		})
	}
}
