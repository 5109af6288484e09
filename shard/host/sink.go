package host

import (
	"errors"
	"hash/maphash"
	"math/bits"
	"slices"
	"sync"

	"github.com/scaiwave/presence/shard"
)

// Update is a participant whose look has changed, or whose exceptions have.
type Update struct {
	ID    string
	View  shard.View // Unknown: only exceptions have changed
	Words []Word     // at most one for each viewer, older than the view or newer
	Ask   bool       // more exceptions changed than is told one by one: ask anew about all viewers
}

// Word is the latest about a pair's exception.
type Word struct {
	Viewer   string
	Excepted bool
	Order    uint64 // one with the Orders of the participant's views
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

// Sink takes what an owner has to tell a gateway. Its methods are called by one goroutine at a time, which holds no
// lock of the host that another call needs but Watch of the same sink. Views, and words on a pair, come in order, and of
// several that came while the sink was busy only the latest. Neither may block for long.
type Sink interface {
	Deliver(updates []Update)
	Evict(e Eviction)
	Moved(partitions []int) // watch what you watch there again, wherever it is served now
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

// remove ends a gateway's interest in an id.
func (m interest) remove(key uint64, id SinkID) {
	set, watched := m[key]
	if set.remove(id); set != (sinkSet{}) {
		m[key] = set
	} else if watched {
		delete(m, key)
	}
}

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

// sinks are the gateways, by id; nil where one has gone.
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
	id := slices.Index(h.sinks.all, nil)
	if id < 0 && len(h.sinks.all) == MaxSinks {
		return 0, ErrTooManySinks
	}
	o := newOutbox(sink, &h.counters.askedAnew)
	if id < 0 {
		id = len(h.sinks.all)
		h.sinks.all = append(h.sinks.all, nil)
	}
	h.sinks.all[id] = o
	h.running.Go(func() { o.run(h.stopping) })
	return SinkID(id), nil
}

// RemoveSink forgets a gateway and all it watches. It may still be told something while the call lasts, nothing after it.
func (h *Host) RemoveSink(id SinkID) {
	for i := range h.tenancies {
		s := h.lock(i)
		for key := range h.tenancies[i].interest {
			h.tenancies[i].interest.remove(key, id)
		}
		s.Unlock()
	}
	o := h.sinks.get(id)
	close(o.stop)
	<-o.stopped
	h.sinks.mu.Lock()
	defer h.sinks.mu.Unlock()
	h.sinks.all[id] = nil
}

// keptRecords is the size of the scratch that a stripe keeps between operations.
const keptRecords = 64 << 10

// publish ends every operation on a partition, whose stripe is locked: it notes when the partition
// wants to be advanced, and tells the gateways that watch it of everything that has changed. It
// reports whether the Mirror was given something.
func (h *Host) publish(s *stripe, partition int) (mirrored bool) {
	p := h.partitions[partition]
	t := &h.tenancies[partition]
	next := p.Next()
	if t.warm > 0 {
		next = min(next, t.warm)
	}
	if uint32(next) != h.next[partition].Load() {
		h.next[partition].Store(uint32(next))
	}
	if struck := p.TakeStruck(); struck > 0 {
		h.counters.struck.Add(int64(struck))
	}
	p.TakeLeft(h.left.add)
	if mirrored = p.Noted(); mirrored {
		s.records = p.TakeRecords(h.lately(), s.records[:0])
		h.mirror.Put(partition, s.records)
		if cap(s.records) > keptRecords {
			s.records = nil
		}
	}
	p.TakeChanges(func(c shard.Change) {
		if t.role == Serving && c.Peer == nil {
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
	if c.Peer != nil {
		w := Word{string(c.Peer), c.Excepted, c.View.Order}
		gateways.each(func(to SinkID) { h.sinks.get(to).putWord(id, w) })
		return
	}
	k := shard.Key{ID: id, Hash: c.Hash}
	if h.tenancies[partition].warm > 0 && !h.tells(partition, k, c) {
		return
	}
	h.partitions[partition].FillView(k, &c.View)
	gateways.each(func(to SinkID) { h.sinks.get(to).put(id, c.View) })
}

// tells says whether a change is to be told while something may be missing: of who hides, or goes, at once; of who comes, when it is
// known what they picked; that nobody is known to be there is no news. The stripe is locked.
func (h *Host) tells(partition int, k shard.Key, c shard.Change) bool {
	if c.View.Public == shard.Offline {
		return c.Left || c.View.Inner != shard.Offline
	}
	return !h.tenancies[partition].stale || h.settled(partition, k)
}

// evict tells the gateways that watch a participant, as each does for those with a socket, to close a device's sockets.
func (h *Host) evict(partition int, e Eviction) {
	if set, watched := h.tenancies[partition].interest[h.interestKey(e.Participant)]; watched {
		set.each(func(id SinkID) { h.sinks.get(id).putEviction(e) })
	}
}
