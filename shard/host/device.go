package host

import "github.com/scaiwave/presence/shard"

// Handle is a device's address at its owner. It holds for one boot of the owner and one tenancy of
// the partition.
type Handle struct {
	Partition uint16
	Ref       shard.Ref
}

// Attach gives a device to a new session, which takes it from any older one: the gateways are told
// to close the older socket.
func (h *Host) Attach(participant, device string, a shard.Activity) (Handle, shard.Version, shard.Outcome) {
	session := h.stamps.next()
	handle, outcome := h.Announce(participant, device, a, session, Picked{})
	return handle, session, outcome
}

// Picked is an override as a gateway remembers it. Without a version it knows nothing; with that of
// shard.NeverPicked, that there is none.
type Picked struct {
	Override shard.Override
	Version  shard.Version
	Until    int64 // Unix milliseconds of its end; 0: it has none
}

// Announce brings a session's device by name, because its handle was answered Moved, or because its
// partition was lost. What the gateway knows its participant to have picked comes along, so that
// nobody who hides is seen before that is known here.
func (h *Host) Announce(
	participant, device string, a shard.Activity, session shard.Version, picked Picked,
) (Handle, shard.Outcome) {
	k := shard.KeyOf(participant)
	n, now := h.partitionOf(k), h.now()
	h.counters.announces.Add(1)
	if picked.Version > h.stamps.ceiling() || h.stamps.observe(picked.Version) != nil {
		picked = Picked{}
	}
	var ref shard.Ref
	outcome := h.change(k, func(p *shard.Partition) (o shard.Outcome) {
		p.RecallOverride(now, k, picked.Override, picked.Until, picked.Version)
		var taken bool
		ref, taken, o = p.Announce(now, shard.Announcement{
			Participant: k, Device: device, Activity: a,
			Session: session,
		})
		if taken {
			h.evict(n, Eviction{participant, device, session, EvictReplaced})
		}
		return o
	})
	return Handle{uint16(n), ref}, outcome
}

// Beat is a heartbeat by handle.
func (h *Host) Beat(handle Handle, a shard.Activity) (o shard.Outcome, changed bool) {
	return h.byHandle(handle, func(p *shard.Partition, now shard.Tick) shard.Outcome {
		return p.Report(now, handle.Ref, a)
	})
}

// Rest is a sign of life by handle of a device whose socket only answers pings; see
// shard.Partition.Rest.
func (h *Host) Rest(handle Handle) (o shard.Outcome, changed bool) {
	return h.byHandle(handle, func(p *shard.Partition, now shard.Tick) shard.Outcome {
		return p.Rest(now, handle.Ref)
	})
}

func (h *Host) byHandle(
	handle Handle, do func(p *shard.Partition, now shard.Tick) shard.Outcome,
) (o shard.Outcome, changed bool) {
	now := h.now()
	h.counters.heartbeats.Add(1)
	if int(handle.Partition) >= len(h.partitions) {
		return shard.Moved, false
	}
	s := h.lock(int(handle.Partition))
	defer s.Unlock()
	if !h.answer(int(handle.Partition)).fromOwner() {
		return shard.NotMine, false
	}
	o = do(h.partitions[handle.Partition], now)
	if o == shard.Moved {
		h.counters.moved.Add(1)
	}
	return o, h.publish(s, int(handle.Partition))
}

// Detach says that a session's socket has closed without a goodbye: its device lingers.
func (h *Host) Detach(participant, device string, session shard.Version) shard.Outcome {
	k := shard.KeyOf(participant)
	now := h.now()
	return h.change(k, func(p *shard.Partition) shard.Outcome { return p.Close(now, k, device, session) })
}

// Goodbye signs a device out at the word of its own session.
func (h *Host) Goodbye(participant, device string, session shard.Version) shard.Outcome {
	k := shard.KeyOf(participant)
	stamp := h.stamps.next()
	return h.change(k, func(p *shard.Partition) shard.Outcome { return p.Goodbye(k, device, session, stamp) })
}

// SignOut signs a device out, whichever session holds it: the gateways are told to close its
// socket.
func (h *Host) SignOut(participant, device string) shard.Outcome {
	k := shard.KeyOf(participant)
	stamp := h.stamps.next()
	return h.change(k, func(p *shard.Partition) shard.Outcome {
		outcome := p.SignOut(k, device, stamp)
		h.evict(h.partitionOf(k), Eviction{participant, device, stamp + 1, EvictSignedOut})
		return outcome
	})
}

// change applies an operation to an id's partition, if that is served here, and tells who watches
// what it changed.
func (h *Host) change(k shard.Key, op func(p *shard.Partition) shard.Outcome) shard.Outcome {
	n := h.partitionOf(k)
	s := h.lock(n)
	defer s.Unlock()
	if !h.answer(n).fromOwner() {
		return shard.NotMine
	}
	p := h.partitions[n]
	outcome := op(p)
	h.publish(s, n)
	return outcome
}
