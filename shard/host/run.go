package host

import (
	"fmt"
	"hash/maphash"
	"math"
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

	// Of a node among several; a host without a Mirror is alone and serves all partitions from the
	// beginning.
	Mirror Mirror
	Gap    func() // called when the process has stood still; nothing is served until Serve is called again

	// Illegal is called, with a stripe locked, for a move that no role allows, and that isn't made.
	// nil: panic.
	Illegal func(err error)
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
	if c.Illegal == nil {
		c.Illegal = func(err error) { panic(err) }
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
		illegal:    c.Illegal,
		stopping:   make(chan struct{}),
		stamps:     stamps{clock: shard.NewClock(c.Node), wall: clock},
	}
	h.time.start, h.time.clock = clock(), c.Clock
	h.settings.MaxErasures = erasuresOf(c.Partitions)
	h.settings.Generation = uint32(h.time.start.UnixNano()>>16) | 1
	for i := range h.memories {
		h.memories[i] = shard.NewMemory(&h.settings)
	}
	for i := range h.partitions {
		h.partitions[i] = shard.New(&h.settings, h.memory(i), i, shard.Origin)
		h.next[i].Store(math.MaxUint32)
		if c.Mirror == nil {
			h.move(i, serve)
		}
	}
	return h, nil
}

// Start starts the ticker. Close ends it.
func (h *Host) Start() { h.running.Go(h.run) }

// run advances at the very beginning of each tick: at another moment within it everything would
// expire later by that much.
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
func (h *Host) Advance() {
	h.followWall()
	h.advance(h.now())
}

func (h *Host) advance(now shard.Tick) {
	paused := h.pause.lasts()
	for i := range h.next {
		if shard.Tick(h.next[i].Load()) <= now {
			s := h.lock(i)
			if h.tenancies[i].role != Held {
				h.advanceOne(i, now, paused)
				h.publish(s, i)
			}
			s.Unlock()
		}
	}
}

// advanceOne advances a partition. In a pause only what ends by the wall clock does.
func (h *Host) advanceOne(partition int, now shard.Tick, paused bool) {
	p := h.partitions[partition]
	if paused {
		p.End(now)
		return
	}
	warming := p.Warming()
	p.Advance(now)
	if warming && !p.Warming() {
		h.tellMoved(partition)
	}
}
