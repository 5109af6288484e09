package hub

import (
	"github.com/scaiwave/presence/cluster"
	"github.com/scaiwave/presence/shard"
)

const (
	trustBits word = 3 // the shard.Trust in the watcher
	told      word = 4
	wordBits       = 3

	maxSaid  = 1<<(32-wordBits) - 1
	keptSaid = maxSaid / 2 // how far back words are still told apart after the base has moved
)

func (w word) trust() shard.Trust { return shard.Trust(w & trustBits) }

func (w word) said() uint64 { return uint64(w >> wordBits) }

// saidAt is an order as words of this topic count it. It moves the base if the order is too far
// from it, as that of another owner is: what was said before then counts as older than anything
// that is said from here on. The caller holds lot.mu.
func (t *topic) saidAt(order uint64) uint64 {
	switch {
	case order < t.base:
		return 0
	case order-t.base <= maxSaid:
		return order - t.base
	}
	base := order - min(order, keptSaid)
	for i := range t.watchers {
		w := &t.watchers[i].word
		said := w.said() + t.base
		*w = word(said-min(said, base))<<wordBits | *w&(trustBits|told)
	}
	t.base = base
	return order - base
}

// say tells a watcher what it is trusted with, as of order, and reports whether that changes what
// it may see. It was said together with a view. If that is unknown, a watcher that was told nothing
// before is told nothing now: a state that was known earlier isn't for it. If the view is in doubt,
// a denial that is known may be lost there, and stands. The caller holds lot.mu.
func (t *topic) say(place uint32, trust shard.Trust, order uint64, view *shard.View) bool {
	said := t.saidAt(order)
	w := &t.watchers[place].word
	now := *w
	lifts := now.trust() == shard.Denied && trust != shard.Denied
	if said >= now.said() && !(lifts && t.inDoubt(view)) {
		now = word(said)<<wordBits | now&told | word(trust)
	}
	if view.Public != shard.Unknown {
		now |= told
	}
	changed := (*w^now)&(trustBits|told) != 0
	*w = now
	return changed
}

// inDoubt reports whether what comes with a view is in doubt. If only words come, the view before
// tells.
func (t *topic) inDoubt(view *shard.View) bool {
	return view.Doubt || view.Public == shard.Unknown && t.view.Doubt
}

// needsWord reports whether what a viewer sees of an id may depend on an exception.
func (v *Viewer) needsWord(id string) bool { return v.key.ID != "" && v.key.ID != id && !v.exempt }

// seenBy is what a watcher sees. It is Unknown until it is known whether the watcher has an
// exception, for every participant alike. If those that don't hide were shown at once, a state that
// is late would tell that a participant hides. Likewise until it is known what a backend says. The
// caller holds lot.mu, and the viewer's mu.
func (t *topic) seenBy(w *watcher) shard.State {
	viewer, trust, known := t.eyes(w)
	if !known {
		return shard.Unknown
	}
	return t.view.Told(t.id, viewer, trust, w.viewer.lastTold(w.sub))
}

// statusFor is the status that a watcher sees who sees a state; nil: none. The caller holds lot.mu,
// and the viewer's mu.
func (t *topic) statusFor(w *watcher, state shard.State) *shard.Status {
	viewer, trust, known := t.eyes(w)
	if !known || state == shard.Unknown {
		return nil
	}
	switch s, said := t.view.StatusFor(t.id, viewer, trust), orNothing(t.view.Sayings); s {
	case shard.Status{}:
		return nil
	case said.PublicStatus:
		return &said.PublicStatus
	default:
		return &said.InnerStatus
	}
}

// eyes is with whose eyes a watcher sees, and how they are trusted, if that is known. The caller
// holds lot.mu, and the viewer's mu.
func (t *topic) eyes(w *watcher) (viewer string, trust shard.Trust, known bool) {
	v := w.viewer
	switch {
	case !t.known || v.needsWord(t.id) && w.word&told == 0:
		return "", shard.Stranger, false
	case v.exempt && w.sub != selfSub:
		return "", shard.Stranger, true
	}
	trust, known = v.judged(w.sub, w.word.trust())
	return v.key.ID, trust, known
}

// lastTold is what a subscription was told last. The caller holds mu.
func (v *Viewer) lastTold(place uint32) shard.State {
	switch {
	case place == selfSub:
		return v.self.sent.State
	case v.subs[place].sent == pending:
		return shard.Unknown
	default:
		return v.subs[place].sent
	}
}

// hear takes a word from the cluster, which came with a view, for all watchers of that viewer here,
// and appends to changed the places of those who may see something else. The caller holds lot.mu.
func (h *Hub) hear(t *topic, word *cluster.Word, view *shard.View, changed []uint32) []uint32 {
	hash := word.Viewer.Hash
	if len(t.watchers) <= fewWatchers {
		for place := range t.watchers {
			if t.watchers[place].viewer.key.Hash == hash && t.say(uint32(place), word.Trust, word.Order, view) {
				changed = append(changed, uint32(place))
			}
		}
		return changed
	}
	for _, v := range h.names.get(hash) {
		if place, ok := v.placeAt(t); ok && t.say(place, word.Trust, word.Order, view) {
			changed = append(changed, place)
		}
	}
	return changed
}

// placeAt is where the viewer is in a topic's list, but for itself; ok is false if it isn't there.
// The caller holds lot.mu.
func (v *Viewer) placeAt(t *topic) (place uint32, ok bool) {
	v.mu.Lock()
	defer v.mu.Unlock()
	for i := range v.subs {
		if v.subs[i].topic == t {
			return v.subs[i].place, true
		}
	}
	return 0, false
}

// fewWatchers is up to how many watchers of a topic are looked through for a viewer; of more, what
// the connections of that viewer watch is.
const fewWatchers = 64
