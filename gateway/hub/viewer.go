package hub

import (
	"github.com/scaiwave/presence/gateway/tenant"
	"github.com/scaiwave/presence/shard"
)

// Change is one state to tell a viewer. Frame is its message, shared with other viewers and not to
// be changed, or nil.
type Change struct {
	Of    tenant.Participant
	State shard.State
	Frame []byte
}

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

// Drain appends up to limit changes to buf and counts them as delivered. With fewer than limit
// nothing is left.
func (v *Viewer) Drain(buf []Change, limit int) []Change {
	v.mu.Lock()
	defer v.mu.Unlock()
	start, n := len(buf), 0
	for n < len(v.dirty) && len(buf)-start < limit {
		s := &v.subs[v.dirty[n]]
		s.dirty = false
		if s.topic != nil && s.sent != pending && s.sent != s.want {
			s.sent = s.want
			buf = append(buf, s.change())
		}
		n++
	}
	v.drop(n)
	v.hub.counters.changes.Add(int64(len(buf) - start))
	return buf
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

func (s *sub) change() Change {
	c := Change{Of: tenant.Participant(s.topic.id), State: s.sent}
	if f := s.topic.frame.Load(); f != nil && f.state == s.sent {
		c.Frame = f.bytes
	}
	return c
}

// DrainSelf returns how the participant sees itself, if that has changed since the last time.
func (v *Viewer) DrainSelf() (Self, bool) {
	v.mu.Lock()
	defer v.mu.Unlock()
	w := v.self
	if w == nil || w.want == w.sent {
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
		v.self.want = Self{State: state, Override: t.view.Override}
		return v.self.want != v.self.sent
	}
	s := &v.subs[w.sub]
	if state == shard.Unknown {
		s.want = s.sent // what it was told last stands until it is known again
		return false
	}
	s.want = state
	if s.sent == pending || s.want == s.sent || s.dirty {
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
