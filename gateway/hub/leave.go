package hub

import "github.com/scaiwave/presence/gateway/tenant"

// Unsubscribe ends the subscription of ids; those not watched are passed over. No later Drain
// speaks of them.
func (v *Viewer) Unsubscribe(list tenant.List) {
	places := v.places(list.Keys())
	gone := make([]*topic, 0, len(places))
	for _, place := range places {
		gone = v.leave(place, gone)
	}
	v.shrink()
	v.hub.release(gone)
}

// Close ends all of the viewer's subscriptions.
func (v *Viewer) Close() {
	gone := make([]*topic, 0, v.watched+1)
	for place := range v.subs {
		if v.subs[place].topic != nil {
			gone = v.leave(uint32(place), gone)
		}
	}
	if w := v.self; w != nil {
		gone = v.leaveSelf(w, gone)
	}
	v.shrink()
	v.adjourn()
	v.hub.counters.viewers.Add(-1)
	v.hub.names.remove(v)
	v.hub.release(gone)
}

// leave takes the viewer off a topic and appends the topic to gone if it is idle now.
func (v *Viewer) leave(place uint32, gone []*topic) []*topic {
	t := v.subs[place].topic
	t.lot.mu.Lock()
	defer t.lot.mu.Unlock()
	t.remove(v.subs[place].place)
	if v.subs[place].full {
		t.unread()
	}
	v.mu.Lock()
	v.vacate(place)
	v.mu.Unlock()
	v.free = place + 1
	v.watched--
	v.hub.counters.subscriptions.Add(-1)
	if t.idle() {
		gone = append(gone, t)
	}
	return gone
}

// vacate makes a place free. The caller holds mu.
func (v *Viewer) vacate(place uint32) {
	s := &v.subs[place]
	if s.full {
		v.statuses[place] = toldStatus{}
	}
	s.topic, s.place, s.full = nil, v.free, false
}

func (v *Viewer) leaveSelf(w *selfWatch, gone []*topic) []*topic {
	w.topic.lot.mu.Lock()
	defer w.topic.lot.mu.Unlock()
	w.topic.remove(w.place)
	w.topic.unread()
	if w.topic.idle() {
		gone = append(gone, w.topic)
	}
	return gone
}

// shrink gives the memory of all places back once none is in use.
func (v *Viewer) shrink() {
	if v.watched > 0 {
		return
	}
	v.mu.Lock()
	v.subs, v.statuses, v.dirty, v.free = nil, nil, nil, 0
	if v.docket != nil {
		v.docket.rulings = nil
	}
	v.mu.Unlock()
}
