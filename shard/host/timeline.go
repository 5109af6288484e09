package host

import (
	"sync"
	"sync/atomic"
	"time"

	"github.com/scaiwave/presence/shard"
)

// maxGap is how long the process may stand still before time counts as lost. A process that was
// stopped, or starved, heard nothing meanwhile; what it did not hear is no reason to call anybody
// gone.
const maxGap = time.Second

// timeline turns the clock into ticks, and leaves out the gaps in which the process didn't run.
type timeline struct {
	start time.Time
	clock func() time.Time // nil: time.Now
	lost  atomic.Int64     // nanoseconds left out
	last  atomic.Int64     // nanoseconds that had passed at the latest look, gaps left out
	mu    sync.Mutex       // serialises leaving out
}

// passed is how much time has counted, and whether the process has just come out of a gap.
func (t *timeline) passed() (passed time.Duration, gap bool) {
	passed = t.sinceStart() - time.Duration(t.lost.Load())
	last := time.Duration(t.last.Load())
	if passed-last > maxGap {
		return passed, true
	}
	for passed > last && !t.last.CompareAndSwap(int64(last), int64(passed)) {
		last = time.Duration(t.last.Load()) // it never goes back: signs of life are stamped by it
	}
	return passed, false
}

func (t *timeline) sinceStart() time.Duration {
	if t.clock == nil {
		return time.Since(t.start) // cheaper than the difference of two times
	}
	return t.clock().Sub(t.start)
}

// pause is a time in which no device expires.
type pause struct {
	mu    sync.Mutex
	since shard.Tick // 0: there is none
}

func (p *pause) lasts() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.since != 0
}
