package host

import (
	"hash/maphash"

	"github.com/scaiwave/presence/shard"
)

// keptRecords is the size of the scratch that a stripe keeps between operations.
const keptRecords = 64 << 10

// publish ends every operation on a partition, whose stripe is locked: it notes when the partition
// wants to be advanced, and tells the gateways that watch it of everything that has changed. It
// reports whether the Mirror was given something.
func (h *Host) publish(s *stripe, partition int) (mirrored bool) {
	p := h.partitions[partition]
	t := &h.tenancies[partition]
	if next := p.Next(); uint32(next) != h.next[partition].Load() {
		h.next[partition].Store(uint32(next))
	}
	if struck := p.TakeStruck(); struck > 0 {
		h.counters.struck.Add(int64(struck))
	}
	p.TakeLeft(h.left.add)
	if mirrored = p.Noted(); mirrored {
		now := h.lately()
		s.records = p.TakeRecords(now, s.records[:0])
		h.mirror.Put(partition, s.records, p.TakeExtras(now, nil))
		if cap(s.records) > keptRecords {
			s.records = nil
		}
	}
	p.TakeChanges(func(c shard.Change) {
		if t.role == Serving && !c.Pair {
			h.counters.changes.Add(1)
		}
		if set, watched := t.interest[maphash.Bytes(h.seed, c.ID)]; watched {
			h.tell(partition, c, set)
		}
	})
	return mirrored
}

// tell tells gateways of a change. The stripe is locked.
func (h *Host) tell(partition int, c shard.Change, gateways sinkSet) {
	id := string(c.ID)
	if !h.partitions[partition].Complete(shard.Key{ID: id, Hash: c.Hash}, &c) {
		return
	}
	if c.Pair {
		w := Word{shard.Viewer{Hash: c.Viewer}, c.Trust, c.View.Order}
		gateways.each(func(to SinkID) { h.sinks.get(to).putWord(id, w) })
		return
	}
	gateways.each(func(to SinkID) { h.sinks.get(to).put(id, c.View) })
}

// evict tells the gateways that watch a participant, as each does for those with a socket, to close
// a device's sockets.
func (h *Host) evict(partition int, e Eviction) {
	if set, watched := h.tenancies[partition].interest[h.interestKey(e.Participant)]; watched {
		set.each(func(id SinkID) { h.sinks.get(id).putEviction(e) })
	}
}

// tellMoved tells the gateways that watch something in a partition. The stripe is locked.
func (h *Host) tellMoved(partition int) {
	var all sinkSet
	for _, set := range h.tenancies[partition].interest {
		for i := range all {
			all[i] |= set[i]
		}
	}
	all.each(func(id SinkID) { h.sinks.get(id).putMoved(partition) })
}

func (h *Host) interestKey(id string) uint64 { return maphash.String(h.seed, id) }
