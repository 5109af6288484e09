package host

// Pause has no device expire here until Resume. It is for a node that most others can't reach: it
// isn't sure to own what it serves, and what it doesn't hear is no reason to call anybody gone.
// What ends by the wall clock ends all the same. Repeating it is harmless.
func (h *Host) Pause() {
	now := h.now()
	h.pause.mu.Lock()
	defer h.pause.mu.Unlock()
	if h.pause.since == 0 {
		h.pause.since = now
	}
}

// Resume ends a pause. Every device has what it had left when it began, up to a full deadline.
func (h *Host) Resume() {
	now := h.now()
	h.pause.mu.Lock()
	defer h.pause.mu.Unlock()
	d := now - h.pause.since
	if h.pause.since == 0 {
		return
	}
	for i := range h.partitions {
		s := h.lock(i)
		h.partitions[i].Extend(now, d)
		h.publish(s, i)
		s.Unlock()
	}
	h.pause.since = 0
}
