package host

import (
	"errors"
	"hash/maphash"
	"math/bits"
	"sync"

	"github.com/scaiwave/presence/shard"
)

// Update is a participant whose look has changed.
type Update struct {
	ID   string
	View shard.View
}

// EvictReason says why a device's socket has to go.
type EvictReason uint8

// The reasons.
const (
	EvictReplaced  EvictReason = iota // a newer session holds the device
	EvictSignedOut                    // the device was signed out
)

// Eviction names sockets that have lost their device: those of this device whose session is below Below.
type Eviction struct {
	Participant string
	Device      string
	Below       shard.Version
	Reason      EvictReason
}

// Sink takes what an owner has to tell a gateway. Both methods are called from one goroutine, which holds no lock; views
// of one id come in order, and of several that came while the sink was busy only the latest. Neither may block for
// long.
type Sink interface {
	Deliver(updates []Update)
	Evict(e Eviction)
}

// MaxSinks is how many gateways an owner can tell of changes.
const MaxSinks = 128

// ErrTooManySinks is returned by AddSink at the limit.
var ErrTooManySinks = errors.New("host: too many gateways")

// SinkID is a gateway as an owner knows it.
type SinkID uint8

// interest says which gateways watch an id, by a hash of the id: there is no pointer in it for the collector to follow.
// An id with the same hash costs a gateway updates that it drops, and the end of its watch would end the other's too;
// so the hash has a secret seed, and nobody can look for such an id.
type interest map[uint64]sinkSet

func (h *Host) interestKey(id string) uint64 { return maphash.String(h.seed, id) }

type sinkSet [MaxSinks / 64]uint64

func (s *sinkSet) add(id SinkID)    { s[id/64] |= 1 << (id % 64) }
func (s *sinkSet) remove(id SinkID) { s[id/64] &^= 1 << (id % 64) }

// each calls f for every gateway of the set.
func (s sinkSet) each(f func(id SinkID)) {
	for i, word := range s {
		for ; word != 0; word &= word - 1 {
			f(SinkID(i*64 + bits.TrailingZeros64(word)))
		}
	}
}

// sinks are the gateways, by id. One is added at a time, none goes while the host runs.
type sinks struct {
	mu  sync.RWMutex
	all []*outbox
}

func (s *sinks) get(id SinkID) *outbox {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return s.all[id]
}

// AddSink makes a gateway known. Its goroutine ends with Close.
func (h *Host) AddSink(sink Sink) (SinkID, error) {
	h.sinks.mu.Lock()
	defer h.sinks.mu.Unlock()
	if len(h.sinks.all) == MaxSinks {
		return 0, ErrTooManySinks
	}
	o := newOutbox(sink)
	h.sinks.all = append(h.sinks.all, o)
	h.running.Go(func() { o.run(h.stopping) })
	return SinkID(len(h.sinks.all) - 1), nil
}

// publish ends every operation on a partition, whose stripe is locked: it notes when the partition wants to be advanced,
// and tells the gateways that watch it of everything that has changed.
func (h *Host) publish(s *stripe, partition int) {
	p := h.partitions[partition]
	if next := uint32(p.Next()); next != h.next[partition].Load() {
		h.next[partition].Store(next)
	}
	p.TakeChanges(func(c shard.Change) {
		set, watched := s.interest[maphash.Bytes(h.seed, c.ID)]
		if !watched {
			return
		}
		u := Update{ID: string(c.ID), View: c.View}
		p.FillWindows(shard.Key{ID: u.ID, Hash: c.Hash}, &u.View)
		set.each(func(id SinkID) { h.sinks.get(id).put(u) })
	})
}

// evict tells the gateways that watch a participant, as each does for those with a socket, to close a device's sockets.
func (h *Host) evict(s *stripe, e Eviction) {
	if set, watched := s.interest[h.interestKey(e.Participant)]; watched {
		set.each(func(id SinkID) { h.sinks.get(id).putEviction(e) })
	}
}
