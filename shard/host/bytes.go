package host

import "github.com/scaiwave/presence/shard"

// Bytes returns what all records take. Pages that nothing is in are not there.
func (h *Host) Bytes() (all shard.Bytes) {
	for i := range h.partitions {
		s := h.lock(i)
		all.Add(h.partitions[i].Bytes())
		if i < stripeCount {
			all.Add(h.memory(i).Bytes())
		}
		s.Unlock()
	}
	return all
}
