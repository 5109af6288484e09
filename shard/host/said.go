package host

import "github.com/scaiwave/presence/shard"

// SetOverride stores what a participant picked.
func (h *Host) SetOverride(participant string, o shard.Override) shard.Outcome {
	k := shard.KeyOf(participant)
	now, stamp := h.now(), h.stamps.next()
	return h.change(k, func(p *shard.Partition) shard.Outcome {
		return p.SetOverride(now, k, o, stamp)
	})
}

// SetKind registers a participant as AI, or as human again.
func (h *Host) SetKind(participant string, kind shard.Kind) shard.Outcome {
	k := shard.KeyOf(participant)
	stamp := h.stamps.next()
	return h.change(k, func(p *shard.Partition) shard.Outcome { return p.SetKind(k, kind, stamp) })
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
