package host

import (
	"sync"
	"sync/atomic"
	"time"

	"github.com/scaiwave/presence/shard"
)

// maxGap is how long the process may stand still before time counts as lost. A process that was stopped, or starved,
// heard nothing meanwhile; what it did not hear is no reason to call anybody gone.
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

// now is the current tick.
func (h *Host) now() shard.Tick {
	passed, gap := h.time.passed()
	if gap {
		passed = h.skipGap()
	}
	return shard.Origin + shard.Tick(passed/h.tick)
}

// lately is the tick of the latest look at the clock: for those who hold a stripe, and so may not skip a gap.
func (h *Host) lately() shard.Tick {
	return shard.Origin + shard.Tick(time.Duration(h.time.last.Load())/h.tick)
}

// skipGap leaves out the time in which the process stood still: all deadlines move by it. Stamps of last_seen from
// before then read later by as much.
func (h *Host) skipGap() time.Duration {
	h.time.mu.Lock()
	defer h.time.mu.Unlock()
	passed, gap := h.time.passed()
	if !gap {
		return passed
	}
	lost := (passed - time.Duration(h.time.last.Load())).Truncate(h.tick)
	h.lockAll()
	h.settings.OriginMillis += lost.Milliseconds()
	h.time.lost.Add(int64(lost))
	h.doubt()
	h.unlockAll()
	h.counters.stalls.Add(1)
	if h.gap != nil {
		h.gap()
	}
	return passed - lost
}

// doubt holds what was served: meanwhile others may have taken it over. Copies don't follow any more: what was sent here was lost. A
// host that is alone has nobody to ask.
func (h *Host) doubt() {
	if h.mirror == nil {
		return
	}
	for i := range h.tenancies {
		h.hold(i)
		if t := &h.tenancies[i]; t.role == Copy {
			t.stale = true
		}
	}
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
