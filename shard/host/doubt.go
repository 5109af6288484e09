package host

import "time"

// What may be missing in a partition, or be known elsewhere; see shard.Partition.Warm.

// Whole reports whether all is here that was acknowledged in a partition, as far as this node
// knows.
func (h *Host) Whole(partition int) bool {
	defer h.lock(partition).Unlock()
	return h.whole(partition)
}

// whole is Whole. The stripe is locked.
func (h *Host) whole(partition int) bool {
	return h.tenancies[partition].role != Absent && h.partitions[partition].Whole()
}

// Lapsed reports whether a partition is held as a disk had it. Another node may have brought parts,
// but none that is whole.
func (h *Host) Lapsed(partition int) bool {
	defer h.lock(partition).Unlock()
	return h.tenancies[partition].lapsed
}

// Stale notes that a copy doesn't follow its owner any more. It answers nothing until it is filled.
func (h *Host) Stale(partition int) {
	defer h.lock(partition).Unlock()
	h.lack(partition, Copy)
}

// Miss notes that something may be missing in a partition that is held.
func (h *Host) Miss(partition int) {
	defer h.lock(partition).Unlock()
	h.lack(partition, Held)
}

// Outdate notes that something may be missing in all that is held: others have served since it was
// written. But nothing is missing where one of them has told what it knows. What is served in doubt
// is held, too: it answers nothing before others' state has come.
func (h *Host) Outdate() {
	for i := range h.tenancies {
		s := h.lock(i)
		h.holdDoubted(i)
		if !h.tenancies[i].told {
			h.lack(i, Held)
		}
		s.Unlock()
	}
}

// HoldDoubted holds all that is served in doubt: those who may know more can be asked now.
func (h *Host) HoldDoubted() {
	for i := range h.tenancies {
		s := h.lock(i)
		h.holdDoubted(i)
		s.Unlock()
	}
}

// holdDoubted is HoldDoubted of one partition. The stripe is locked.
func (h *Host) holdDoubted(partition int) {
	if h.doubted(partition) {
		h.hold(partition)
	}
}

// Trust ends the doubt of partitions: those of which nothing is missing cease to warm.
func (h *Host) Trust(partitions []int) {
	for _, i := range partitions {
		s := h.lock(i)
		h.trust(i)
		s.Unlock()
	}
}

// trust is Trust of one partition. The stripe is locked.
func (h *Host) trust(partition int) {
	if h.doubted(partition) {
		h.partitions[partition].Cool()
		h.tellMoved(partition)
	}
}

// doubted reports whether a partition warms with nothing missing: others may know more. The stripe
// is locked.
func (h *Host) doubted(partition int) bool {
	return h.answer(partition) == Warming && h.partitions[partition].Whole()
}

// StayWarm has all that warms go on for a whole deadline more.
func (h *Host) StayWarm() {
	now := h.now()
	for i := range h.partitions {
		s := h.lock(i)
		if p := h.partitions[i]; p.Warming() {
			p.Warm(now)
		}
		s.Unlock()
	}
}

// WarmUntil is when a partition that is served ceases to warm; zero: it doesn't warm.
func (h *Host) WarmUntil(partition int) time.Time {
	defer h.lock(partition).Unlock()
	if h.answer(partition) != Warming {
		return time.Time{}
	}
	return h.timeOf(h.partitions[partition].WarmUntil())
}
