package hub

import (
	"github.com/scaiwave/presence/gateway/tenant"
	"github.com/scaiwave/presence/shard"
)

// NewViewer adds a connection of a participant; empty: a stranger. wake is called, without locks,
// when there begins to be something to drain; it must not block, and may come once more after
// Close.
func (h *Hub) NewViewer(who tenant.Participant, wake func()) *Viewer {
	v := &Viewer{hub: h, key: h.node.Viewer(string(who)), wake: wake}
	if h.judge != nil && who != "" {
		v.docket = newDocket()
	}
	return h.enter(v)
}

// NewExempt is NewViewer for a backend, which is nobody's viewer: it sees itself through WatchSelf,
// and others as a stranger does. No backend is asked about it.
func (h *Hub) NewExempt(who tenant.Participant, wake func()) *Viewer {
	return h.enter(&Viewer{hub: h, key: h.node.Viewer(string(who)), exempt: true, wake: wake})
}

func (h *Hub) enter(v *Viewer) *Viewer {
	h.counters.viewers.Add(1)
	h.names.add(v)
	return v
}

// Drain appends changes to buf and counts them as delivered: up to limit, where one that has a
// status counts as statusWeight. more is false if nothing is left.
func (v *Viewer) Drain(buf []Change, limit int) (changes []Change, more bool) {
	v.mu.Lock()
	defer v.mu.Unlock()
	start, n := len(buf), 0
	for n < len(v.dirty) && limit > 0 {
		place := v.dirty[n]
		v.subs[place].dirty = false
		if c := v.take(place); c.Parts&(StateChanged|StatusChanged) != 0 {
			buf = append(buf, c)
			limit -= c.weight()
		}
		n++
	}
	v.drop(n)
	v.hub.counters.changes.Add(int64(len(buf) - start))
	return buf, len(v.dirty) > 0
}

// statusWeight is how many states a status counts as: it takes so many times as much to tell.
const statusWeight = 5

func (c *Change) weight() int {
	if c.Status != nil {
		return statusWeight
	}
	return 1
}

// take is what a subscription is to be told, which counts as delivered. The caller holds mu.
func (v *Viewer) take(place uint32) (c Change) {
	s := &v.subs[place]
	if s.topic == nil || s.sent == pending {
		return c
	}
	if s.sent != s.want {
		s.sent, c.Parts = s.want, StateChanged
	}
	c.Of, c.State = tenant.Participant(s.topic.id), s.sent
	shared := &s.topic.frame
	if s.full {
		shared = &s.topic.fuller
		c.Parts |= WithStatus | v.statuses[place].take()
		c.Status = v.statuses[place].sent
	}
	if c.Parts&StatusChanged == 0 {
		c.Status = nil
	}
	if f := shared.Load(); f != nil && f.tells(&c) {
		c.Frame = f.bytes
	}
	return c
}

func (f *frame) tells(c *Change) bool {
	return f.parts == c.Parts && f.status == c.Status && f.state == c.State
}

// drop shortens the dirty list by its first n; a list that grew large is given back once it is
// empty.
func (v *Viewer) drop(n int) {
	rest := copy(v.dirty, v.dirty[n:])
	v.dirty = v.dirty[:rest]
	if rest == 0 && cap(v.dirty) > keptDirty {
		v.dirty = nil
	}
}

// keptDirty is how many places a dirty list keeps between drains.
const keptDirty = 16

// DrainSelf returns how the participant sees itself, if that has changed since the last time.
func (v *Viewer) DrainSelf() (Self, bool) {
	v.mu.Lock()
	defer v.mu.Unlock()
	w := v.self
	if w == nil || w.want.same(&w.sent) {
		return Self{}, false
	}
	w.sent = w.want
	return w.sent, true
}

// mark notes what the viewer should see of a topic and reports whether it has to be woken. The
// caller holds the topic's lot.mu.
func (v *Viewer) mark(t *topic, w *watcher) bool {
	v.mu.Lock()
	defer v.mu.Unlock()
	state := t.seenBy(w)
	switch {
	case w.sub == selfSub && state == shard.Unknown:
		return false
	case w.sub == selfSub:
		v.self.want = t.self(state)
		return !v.self.want.same(&v.self.sent)
	}
	s := &v.subs[w.sub]
	if state == shard.Unknown {
		v.hush(int(w.sub)) // what it was told last stands until it is known again
		return false
	}
	s.want = state
	differs := s.want != s.sent
	if s.full && v.statuses[w.sub].wants(t.statusFor(w, state)) {
		differs = true
	}
	if s.sent == pending || !differs || s.dirty {
		return false
	}
	s.dirty = true
	v.dirty = append(v.dirty, w.sub)
	return len(v.dirty) == 1 // with more, the first one has woken it, or it is draining
}

// moved notes where in its topic's list a subscription now is. The caller holds the topic's lot.mu.
func (v *Viewer) moved(place, to uint32) {
	v.mu.Lock()
	defer v.mu.Unlock()
	if place == selfSub {
		v.self.place = to
		return
	}
	v.subs[place].place = to
}
