package host

import "github.com/scaiwave/presence/shard"

// SetOverride stores what a participant picked.
func (h *Host) SetOverride(participant string, o shard.Override) shard.Outcome {
	return h.SetOverrideUntil(participant, o, 0)
}

// SetOverrideUntil is SetOverride with an end, in Unix milliseconds: then the override is auto. 0:
// it has none.
func (h *Host) SetOverrideUntil(participant string, o shard.Override, until int64) shard.Outcome {
	k := shard.KeyOf(participant)
	now, stamp := h.now(), h.stamps.next()
	return h.change(k, func(p *shard.Partition) shard.Outcome {
		return p.SetOverrideUntil(now, k, o, until, stamp)
	})
}

// SetStatus stores what a participant says of itself; the zero status clears it. A public one
// reaches strangers even while the participant hides.
func (h *Host) SetStatus(participant string, status shard.Status, public bool) shard.Outcome {
	k := shard.KeyOf(participant)
	now, stamp := h.now(), h.stamps.next()
	return h.change(k, func(p *shard.Partition) shard.Outcome {
		return p.SetStatus(now, k, status, public, stamp)
	})
}

// SetClaim makes or renews a claim; until is its end in Unix milliseconds. With 0 it ends.
func (h *Host) SetClaim(participant, source string, until int64) shard.Outcome {
	k := shard.KeyOf(participant)
	now, stamp := h.now(), h.stamps.next()
	return h.change(k, func(p *shard.Partition) shard.Outcome {
		return p.SetClaim(now, k, source, until, stamp)
	})
}

// Register is SetKind with an availability; with AvailabilityUnset that stays as it was.
func (h *Host) Register(participant string, kind shard.Kind, a shard.Availability) shard.Outcome {
	k := shard.KeyOf(participant)
	now, stamp := h.now(), h.stamps.next()
	return h.change(k, func(p *shard.Partition) shard.Outcome {
		o := p.SetKind(k, kind, stamp)
		if o == shard.Done && a != shard.AvailabilityUnset {
			o = p.SetAvailability(now, k, a, stamp)
		}
		return o
	})
}

// SetKind registers a participant as AI, or as human again.
func (h *Host) SetKind(participant string, kind shard.Kind) shard.Outcome {
	k := shard.KeyOf(participant)
	stamp := h.stamps.next()
	return h.change(k, func(p *shard.Partition) shard.Outcome { return p.SetKind(k, kind, stamp) })
}

// Edge is what a backend says about a viewer.
type Edge struct {
	Viewer string
	shard.Edge
}

// SetEdges stores what a backend says about viewers of a participant. outcomes[i] says how the i-th
// ended.
func (h *Host) SetEdges(participant string, edges []Edge, outcomes []shard.Outcome) shard.Outcome {
	k, viewers := shard.KeyOf(participant), make([]shard.Viewer, len(edges))
	for i := range edges {
		viewers[i] = h.Viewer(edges[i].Viewer)
	}
	now := h.now()
	return h.change(k, func(p *shard.Partition) shard.Outcome {
		for i := range edges {
			outcomes[i] = p.SetEdge(now, k, viewers[i], edges[i].Edge, h.stamps.next())
		}
		return shard.Done
	})
}

// SetBlock blocks a viewer, or ends that.
func (h *Host) SetBlock(participant, viewer string, blocked bool) shard.Outcome {
	k, v := shard.KeyOf(participant), h.Viewer(viewer)
	stamp := h.stamps.next()
	return h.change(k, func(p *shard.Partition) shard.Outcome { return p.SetBlock(k, v, blocked, stamp) })
}

// SetVisibility stores what a participant has set about who sees what.
func (h *Host) SetVisibility(participant string, c shard.VisibilityChange) shard.Outcome {
	k := shard.KeyOf(participant)
	stamp := h.stamps.next()
	return h.change(k, func(p *shard.Partition) shard.Outcome { return p.SetVisibility(k, c, stamp) })
}

// HasRoom reports whether a participant could take the window that a message opens for a peer:
// Done, TooManyExceptions, Full or Erased.
func (h *Host) HasRoom(participant, peer string, atMillis int64) shard.Outcome {
	k, other := shard.KeyOf(participant), shard.KeyOf(peer)
	n := h.partitionOf(k)
	now := h.now()
	defer h.lock(n).Unlock()
	if !h.answer(n).fromOwner() {
		return shard.NotMine
	}
	return h.partitions[n].HasRoom(now, k, other, atMillis)
}

// OpenWindow stores one side of a direct message: peer may see through participant's
// appear_offline. One that is dated further ahead than a version may be comes from a wrong clock,
// and counts as sent that far ahead.
func (h *Host) OpenWindow(participant, peer string, atMillis int64) shard.Outcome {
	k, other := shard.KeyOf(participant), shard.KeyOf(peer)
	now := h.now()
	atMillis = min(atMillis, h.stamps.wall().UnixMilli()+shard.MaxAheadMillis)
	return h.change(k, func(p *shard.Partition) shard.Outcome { return p.OpenWindow(now, k, other, atMillis) })
}
