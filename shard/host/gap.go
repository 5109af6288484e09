package host

import (
	"time"

	"github.com/scaiwave/presence/shard"
)

// now is the current tick.
func (h *Host) now() shard.Tick {
	passed, gap := h.time.passed()
	if gap {
		passed = h.skipGap()
	}
	return shard.Origin + shard.Tick(passed/h.tick)
}

// skipGap leaves out the time in which the process stood still: all deadlines move by it. Stamps of
// last_seen from before then read later by as much.
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
	h.endAnew()
	h.holdAll()
	h.unlockAll()
	h.counters.stalls.Add(1)
	if h.gap != nil {
		h.gap()
	}
	return passed - lost
}

// holdAll holds what was served: meanwhile others may have taken it over. Copies don't follow any
// more: what was sent here was lost. A host that is alone has nobody to ask.
func (h *Host) holdAll() {
	if h.mirror == nil {
		return
	}
	for i := range h.tenancies {
		h.hold(i)
		h.lack(i, Copy)
	}
}
