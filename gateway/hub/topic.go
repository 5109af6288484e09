package hub

import (
	"slices"
	"strings"

	"github.com/scaiwave/presence/gateway/tenant"
	"github.com/scaiwave/presence/shard"
)

// newTopic copies id: the caller's may be a piece of a large frame, which would stay in memory for
// the topic's sake.
func newTopic(id string, l *lot) *topic {
	return &topic{id: strings.Clone(id), lot: l}
}

func (t *topic) idle() bool { return len(t.watchers) == 0 }

// show takes a view that is new enough, and reports whether it differs from the one before. The
// caller holds lot.mu, and marks all if so, and else whose exception changed: a popular id whose
// viewers all reconnect would cost the square of them otherwise. full is false for an answer to who
// hasn't asked for statuses.
func (h *Hub) show(t *topic, view *shard.View, full bool) (differs bool) {
	if view.Public == shard.Unknown || t.known && view.Order < t.view.Order {
		return false
	}
	now := *view
	now.Closed = now.Closed || now.Doubt && t.known && t.view.Closed // that it was closed may be lost there
	same := t.known && looksSame(&t.view, &now)
	public, said := t.view.Public, t.view.Sayings
	if !full || now.Doubt && now.Sayings == nil { // likewise, what was said may be lost there
		now.Sayings = said
	}
	now.Sayings = now.Sayings.Over(said)
	t.view, t.known = now, true
	if !same {
		h.encodeFor(t)
	}
	if t.readers == 0 {
		t.view.Sayings = nil
		return !same
	}
	return h.inform(t, said, public) || !same
}

// markAll marks the viewers who see a difference, and appends those to wake. The caller holds
// lot.mu.
func (t *topic) markAll(woken []*Viewer) []*Viewer {
	for place := range t.watchers {
		woken = t.mark(uint32(place), woken)
	}
	return woken
}

// mark is markAll for one watcher.
func (t *topic) mark(place uint32, woken []*Viewer) []*Viewer {
	w := &t.watchers[place]
	if w.viewer.mark(t, w) {
		woken = append(woken, w.viewer)
	}
	return woken
}

func (h *Hub) encodeFor(t *topic) {
	if len(t.watchers) < 2 {
		t.frame.Store(nil)
		return
	}
	c := Change{Of: tenant.Participant(t.id), Parts: StateChanged, State: t.view.Public}
	t.frame.Store(&frame{parts: c.Parts, state: c.State, bytes: h.encode(nil, &c)})
}

func looksSame(a, b *shard.View) bool {
	return a.Public == b.Public && a.Inner == b.Inner && a.Self == b.Self && a.Override == b.Override &&
		a.Unseen == b.Unseen && a.Closed == b.Closed && a.Doubt == b.Doubt
}

// add puts a watcher at the end. The list grows by an eighth: append would double it, and half of
// what subscriptions take would be for those to come. The caller holds lot.mu.
func (t *topic) add(w watcher) {
	t.watchers = append(roomFor(t.watchers, 1), w)
}

// roomFor is list with room for n more.
func roomFor[T any](list []T, n int) []T {
	if n <= cap(list)-len(list) {
		return list
	}
	size := max(len(list)+n, len(list)+len(list)/8)
	return append(slices.Grow([]T(nil), size), list...) // which rounds up to what the allocator has
}

// remove takes the watcher at place out; the last one moves there and is told. The caller holds
// lot.mu and no Viewer.mu.
func (t *topic) remove(place uint32) {
	last := len(t.watchers) - 1
	moved := t.watchers[last]
	t.watchers[place] = moved
	t.watchers[last] = watcher{}
	t.watchers = t.watchers[:last]
	if int(place) != last {
		moved.viewer.moved(moved.sub, place)
	}
	if last == 0 {
		t.watchers = nil
	}
}
