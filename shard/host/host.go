package host

import (
	"hash/maphash"
	"sync"
	"sync/atomic"
	"time"

	"github.com/scaiwave/presence/shard"
)

// Mirror takes what else must know of a partition's changes.
type Mirror interface {
	// Put is called with a stripe locked: it must neither wait nor call the host, nor keep records.
	// The extras are for those alone who know of any.
	Put(partition int, records, extras []byte)
}

// Host owns the partitions of this node. All methods are safe for concurrent use.
//
// Locks, in the order in which they may be taken: left, time, pause, an outbox's handing, stripes
// in ascending order, then one of stamps, sinks, an outbox's mu, and what the Mirror locks. Package
// cluster has a page of them, with those above.
type Host struct {
	// static
	settings   shard.Settings // OriginMillis changes with all stripes locked
	tick       time.Duration
	memories   [stripeCount]*shard.Memory // by stripe
	partitions []*shard.Partition
	tenancies  []tenancy
	next       []atomic.Uint32 // by partition: its Next; a tick looks at these only, and at few partitions
	counters   counters
	seed       maphash.Seed // of the interest's keys
	mirror     Mirror
	gap        func()
	illegal    func(error)

	stripes  [stripeCount]stripe // guard the partitions and the interest in their ids
	time     timeline
	pause    pause
	stamps   stamps
	sinks    sinks
	left     left
	stopping chan struct{}
	running  sync.WaitGroup
}

// stripeCount is how many locks guard the partitions. One lock a partition would be the obvious
// choice, but then a batch takes and leaves a lock for every item, and each of these is a barrier
// at which the processor waits for the memory of the item before. With few locks a batch takes all
// it needs first, and then has many cache misses under way at once: at ten million participants
// that is most of the speed.
const stripeCount = 64

type stripe struct {
	sync.Mutex
	records []byte   // scratch
	_       [32]byte // a cache line each
}

// partitionOf is the number of the partition that holds an id.
func (h *Host) partitionOf(k shard.Key) int { return int(k.Hash % uint64(len(h.partitions))) }

// PartitionOf is the number of the partition that holds an id.
func (h *Host) PartitionOf(id string) int { return h.partitionOf(shard.KeyOf(id)) }

// Viewer makes the viewer of an id: once for all that it asks.
func (h *Host) Viewer(id string) shard.Viewer { return h.settings.Viewer(id) }

// memory is where a partition has its records: that of its stripe, which guards both.
func (h *Host) memory(partition int) *shard.Memory { return h.memories[partition%stripeCount] }

// lock locks the stripe of a partition.
func (h *Host) lock(partition int) *stripe {
	s := &h.stripes[partition%stripeCount]
	s.Lock()
	return s
}

func (h *Host) lockAll() {
	for i := range h.stripes {
		h.stripes[i].Lock()
	}
}

func (h *Host) unlockAll() {
	for i := range h.stripes {
		h.stripes[i].Unlock()
	}
}

// lately is the tick of the latest look at the clock: for those who hold a stripe, and so may not
// skip a gap.
func (h *Host) lately() shard.Tick {
	return shard.Origin + shard.Tick(time.Duration(h.time.last.Load())/h.tick)
}

type counters struct {
	heartbeats, announces, moved, changes, stalls, askedAnew, struck atomic.Int64
}
