package host

import "time"

// maxAstray is how far the Unix times of ticks may be from the wall clock.
const maxAstray = time.Second

// followWall has the Unix times of ticks follow the wall clock. That is set, or goes on while the
// machine is suspended, which the clock that ticks are counted by doesn't know of. Versions are by
// the wall clock, too, and so are ends.
func (h *Host) followWall() {
	h.time.mu.Lock()
	defer h.time.mu.Unlock()
	passed := h.time.sinceStart() - time.Duration(h.time.lost.Load())
	wall := h.stamps.wall()
	if h.time.sinceStart()-time.Duration(h.time.lost.Load())-passed > maxAstray/10 {
		return // the process stood still in between: the two are of different moments
	}
	astray := wall.UnixMilli() - h.settings.OriginMillis - passed.Milliseconds()
	if max(astray, -astray) <= maxAstray.Milliseconds() {
		return
	}
	h.lockAll()
	h.settings.OriginMillis += astray
	h.endAnew()
	h.unlockAll()
}

// endAnew has all partitions looked at for what has ended: ends are Unix times, and come at other
// ticks now. All stripes are locked.
func (h *Host) endAnew() {
	for i := range h.next {
		h.next[i].Store(0)
	}
}
