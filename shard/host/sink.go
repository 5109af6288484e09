package host

import "slices"

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

// RemoveSink forgets a gateway and all it watches. It may still be told something while the call
// lasts, nothing after it.
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
