package hub

import (
	"hash/maphash"
	"maps"
	"slices"
	"time"

	"github.com/scaiwave/presence/cluster"
	"github.com/scaiwave/presence/shard"
)

// MaxWatched is the default for how many ids one viewer may watch.
const MaxWatched = 5000

// Stats are the hub's figures: three gauges, and two counters since the start.
type Stats struct {
	Topics        int64 // watched ids
	Subscriptions int64 // pairs of viewer and watched id
	Viewers       int64
	Updates       int64 // views delivered by the cluster for a watched id
	Changes       int64 // changes handed to viewers
}

// New returns a hub. maxWatched bounds the ids of one viewer.
func New(node Node, encode Encode, maxWatched int) *Hub {
	h := &Hub{node: node, encode: encode, maxWatched: maxWatched, seed: maphash.MakeSeed(), start: time.Now()}
	h.names.all = make(map[uint64]*Viewer)
	for i := range h.lots {
		h.lots[i].topics = make(map[string]*topic)
	}
	return h
}

// Stats reads the figures.
func (h *Hub) Stats() Stats {
	c := &h.counters
	return Stats{
		Topics: c.topics.Load(), Subscriptions: c.subscriptions.Load(), Viewers: c.viewers.Load(),
		Updates: c.updates.Load(), Changes: c.changes.Load(),
	}
}

// Deliver takes new views from the cluster, and words on exceptions: one half of cluster.Sink. What
// is of ids that nobody watches, or older than what is known, and unknown views change nothing.
func (h *Hub) Deliver(updates []cluster.Update) {
	var woken []*Viewer
	for i := range updates {
		woken = h.deliver(&updates[i], woken)
	}
	wakeAll(woken) // once for all of them: a viewer of several is told in one message
}

func (h *Hub) deliver(u *cluster.Update, woken []*Viewer) []*Viewer {
	l := h.lot(u.ID)
	l.mu.Lock()
	defer l.mu.Unlock()
	t := l.topics[u.ID]
	if t == nil {
		return woken
	}
	var changed []uint32
	for i := range u.Words {
		changed = h.hear(t, &u.Words[i], &u.View, changed)
	}
	if u.View.Public != shard.Unknown {
		h.counters.updates.Add(1)
	}
	if h.show(t, &u.View, true) {
		return t.markAll(woken)
	}
	for _, place := range changed {
		woken = t.mark(place, woken)
	}
	return woken
}

// Viewers names those who watch an id and whose exception matters: part of cluster.Sink.
func (h *Hub) Viewers(id string) (keys []shard.Viewer) {
	l := h.lot(id)
	l.mu.Lock()
	defer l.mu.Unlock()
	t := l.topics[id]
	if t == nil {
		return nil
	}
	for i := range t.watchers {
		if v := t.watchers[i].viewer; v.needsWord(id) {
			keys = append(keys, v.key)
		}
	}
	return keys
}

// Watched calls yield with every watched id, without a lock held, until that returns false.
func (h *Hub) Watched(yield func(id string) bool) {
	for i := range h.lots {
		for _, id := range h.lots[i].ids() {
			if !yield(id) {
				return
			}
		}
	}
}

// Review ends the interest in those of ids that nobody watches: the cluster has watched them again
// by itself, and an Unwatch may have come before.
func (h *Hub) Review(ids []string) {
	h.interest.Lock()
	defer h.interest.Unlock()
	var ended []string
	for _, id := range ids {
		if !h.watches(id) {
			ended = append(ended, id)
		}
	}
	if len(ended) > 0 {
		h.node.Unwatch(ended)
	}
}

func (h *Hub) watches(id string) bool {
	l := h.lot(id)
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.topics[id] != nil
}

// Picked is the override, with its version and its end, of the latest view of a watched id. The
// version is shard.NeverPicked if it is known that there is none.
func (h *Hub) Picked(id string) (p cluster.Picked) {
	l := h.lot(id)
	l.mu.Lock()
	defer l.mu.Unlock()
	t := l.topics[id]
	switch {
	case t == nil, t.view.Public == shard.Unknown:
		return p
	case t.view.Doubt && t.view.Version == 0: // of one that has left it isn't known
		return p
	}
	p.Override, p.Version = t.view.Override, max(t.view.Version, shard.NeverPicked)
	if t.view.Sayings != nil {
		p.Until = t.view.Sayings.OverrideUntil
	}
	return p
}

func (l *lot) ids() []string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return slices.Collect(maps.Keys(l.topics))
}

// wakeAll runs the callbacks, with no lock held.
func wakeAll(viewers []*Viewer) {
	for _, v := range viewers {
		v.wake()
	}
}

func (h *Hub) lot(id string) *lot {
	return &h.lots[maphash.String(h.seed, id)%uint64(len(h.lots))]
}

// with calls f with the topic of an id, made if it is missing, whose lot.mu is held. The caller
// holds interest.
func (h *Hub) with(id string, f func(t *topic)) {
	l := h.lot(id)
	l.mu.Lock()
	defer l.mu.Unlock()
	t := l.topics[id]
	if t == nil {
		t = newTopic(id, l)
		l.topics[t.id] = t
		h.counters.topics.Add(1)
	}
	f(t)
}

// release forgets those topics that nobody watches.
func (h *Hub) release(topics []*topic) {
	if len(topics) == 0 {
		return
	}
	h.interest.Lock()
	defer h.interest.Unlock()
	ids := make([]string, 0, len(topics))
	for _, t := range topics {
		if h.forget(t) {
			ids = append(ids, t.id)
		}
	}
	if len(ids) > 0 {
		h.node.Unwatch(ids)
	}
}

func (h *Hub) forget(t *topic) bool {
	t.lot.mu.Lock()
	defer t.lot.mu.Unlock()
	if !t.idle() || t.lot.topics[t.id] != t {
		return false
	}
	delete(t.lot.topics, t.id)
	h.counters.topics.Add(-1)
	return true
}
