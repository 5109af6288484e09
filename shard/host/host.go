package host

import (
	"fmt"
	"hash/maphash"
	"math"
	"sync"
	"sync/atomic"
	"time"

	"github.com/scaiwave/presence/shard"
)

// Config is what a host is made from.
type Config struct {
	Partitions int    // 1 to 65,536
	Node       uint64 // hash of the node's name, for the low bits of versions
	Settings   Settings
	Clock      func() time.Time // nil: time.Now

	// Of a node among several; a host without a Mirror is alone and serves all partitions from the beginning.
	Mirror Mirror
	Gap    func() // called when the process has stood still; nothing is served until Serve is called again
}

// Mirror takes what else must know of a partition's changes.
type Mirror interface {
	// Put is called with a stripe locked: it must neither wait nor call the host, nor keep records.
	Put(partition int, records []byte)
}

// Host owns the partitions of this node. All methods are safe for concurrent use.
//
// Locks, in the order in which they may be taken: pause, an outbox's handing, stripes in ascending
// order, then one of stamps, sinks and an outbox's mu.
type Host struct {
	// static
	settings   shard.Settings // OriginMillis changes with all stripes locked
	tick       time.Duration
	partitions []*shard.Partition
	tenancies  []tenancy
	next       []atomic.Uint32 // by partition: its Next; a tick looks at these only, and at few partitions
	counters   counters
	seed       maphash.Seed // of the interest's keys
	mirror     Mirror
	gap        func()

	stripes  [stripeCount]stripe // guard the partitions and the interest in their ids
	time     timeline
	pause    pause
	stamps   stamps
	sinks    sinks
	left     left
	stopping chan struct{}
	running  sync.WaitGroup
}

// stripeCount is how many locks guard the partitions. One lock a partition would be the obvious choice, but then a
// batch takes and leaves a lock for every item, and each of these is a barrier at which the processor waits for the
// memory of the item before. With few locks a batch takes all it needs first, and then has many cache misses under way
// at once: at ten million participants that is most of the speed.
const stripeCount = 64

type stripe struct {
	sync.Mutex
	records []byte   // scratch
	_       [32]byte // a cache line each
}

// New makes a host whose partitions are empty. Start makes time pass.
func New(c Config) (*Host, error) {
	if c.Partitions < 1 || c.Partitions > math.MaxUint16+1 {
		return nil, fmt.Errorf("host: %d partitions; must be 1 to %d", c.Partitions, math.MaxUint16+1)
	}
	if err := c.Settings.Validate(); err != nil {
		return nil, err
	}
	clock := c.Clock
	if clock == nil {
		clock = time.Now
	}
	h := &Host{
		settings:   c.Settings.inTicks(clock()),
		tick:       c.Settings.Tick,
		partitions: make([]*shard.Partition, c.Partitions),
		tenancies:  make([]tenancy, c.Partitions),
		next:       make([]atomic.Uint32, c.Partitions),
		seed:       maphash.MakeSeed(),
		mirror:     c.Mirror,
		gap:        c.Gap,
		stopping:   make(chan struct{}),
		stamps:     stamps{clock: shard.NewClock(c.Node), wall: clock},
	}
	h.time.start, h.time.clock = clock(), c.Clock
	h.settings.MaxErasures = erasuresOf(c.Partitions)
	h.settings.Generation = uint32(h.time.start.UnixNano()>>16) | 1
	for i := range h.partitions {
		h.partitions[i] = shard.New(&h.settings, i, shard.Origin)
		h.next[i].Store(math.MaxUint32)
		if c.Mirror == nil {
			h.tenancies[i].role = Serving
		}
	}
	return h, nil
}

// Start starts the ticker. Close ends it.
func (h *Host) Start() { h.running.Go(h.run) }

// run advances at the very beginning of each tick: at another moment within it everything would expire later by that
// much.
func (h *Host) run() {
	begin := time.NewTimer(h.tick - h.time.sinceStart()%h.tick)
	defer begin.Stop()
	select {
	case <-h.stopping:
		return
	case <-begin.C:
	}
	t := time.NewTicker(h.tick)
	defer t.Stop()
	for {
		h.Advance()
		select {
		case <-h.stopping:
			return
		case <-t.C:
		}
	}
}

// Close ends the ticker and the sinks' goroutines, and waits for them.
func (h *Host) Close() {
	close(h.stopping)
	h.running.Wait()
}

// Advance expires what is due by now. The ticker calls it; tests may.
func (h *Host) Advance() { h.advance(h.now()) }

func (h *Host) advance(now shard.Tick) {
	if h.pause.lasts() {
		return
	}
	for i := range h.next {
		if shard.Tick(h.next[i].Load()) <= now {
			s := h.lock(i)
			if h.tenancies[i].role != Held {
				h.partitions[i].Advance(now)
				h.cool(now, i)
				h.publish(s, i)
			}
			s.Unlock()
		}
	}
}

// partitionOf is the number of the partition that holds an id.
func (h *Host) partitionOf(k shard.Key) int { return int(k.Hash % uint64(len(h.partitions))) }

// PartitionOf is the number of the partition that holds an id.
func (h *Host) PartitionOf(id string) int { return h.partitionOf(shard.KeyOf(id)) }

// lock locks the stripe of a partition.
func (h *Host) lock(partition int) *stripe {
	s := &h.stripes[partition%stripeCount]
	s.Lock()
	return s
}

// stamps makes versions.
type stamps struct {
	sync.Mutex
	clock *shard.Clock
	wall  func() time.Time
}

// next returns a version above every earlier one.
func (s *stamps) next() shard.Version { return s.at(s.wall().UnixMilli()) }

func (s *stamps) at(wallMillis int64) shard.Version {
	s.Lock()
	defer s.Unlock()
	return s.clock.Next(wallMillis)
}

func (s *stamps) observe(v shard.Version) error {
	s.Lock()
	defer s.Unlock()
	return s.clock.Observe(v, s.wall().UnixMilli())
}

// ceiling is the highest version that may come from elsewhere.
func (s *stamps) ceiling() shard.Version { return shard.Ceiling(s.wall().UnixMilli()) }

type counters struct {
	heartbeats, announces, moved, changes, stalls, askedAnew, struck atomic.Int64
}
