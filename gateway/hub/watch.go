package hub

import (
	"context"
	"slices"

	"github.com/scaiwave/presence/gateway/wire"
	"github.com/scaiwave/presence/shard"
)

// Pending is a Watch that was answered and waits for its Commit.
type Pending struct {
	IDs    []string // what was asked for, each once, in order
	viewer *Viewer
	topics []*topic
	places []uint32 // where the viewer already watches the topic, or newSub
}

const newSub = 1<<32 - 1

// Watch registers interest in ids and learns how they look. The caller must Commit the result next. The error is too_many_ids; then
// nothing has changed. ctx bounds the wait for owners: those that did not answer give Unknown.
func (v *Viewer) Watch(ctx context.Context, ids []string) (*Pending, error) {
	p := &Pending{IDs: unique(ids), viewer: v}
	known := v.places(p.IDs)
	if total := v.watched + len(p.IDs) - len(known); total > v.hub.maxWatched {
		return nil, wire.Errorf(wire.TooManyIDs, "a connection may watch %d ids; with these it would be %d", v.hub.maxWatched, total)
	}
	p.topics = v.hub.pin(p.IDs)
	p.places = make([]uint32, len(p.IDs))
	for i, id := range p.IDs {
		p.places[i] = newSub
		if place, ok := known[id]; ok {
			p.places[i] = place
		}
	}
	v.hub.learn(ctx, p.IDs, p.topics)
	return p, nil
}

// learn asks the node about topics and shows the answer to those who watch them already.
func (h *Hub) learn(ctx context.Context, ids []string, topics []*topic) {
	views := make([]shard.View, len(ids))
	h.node.Watch(ctx, ids, views)
	var woken []*Viewer
	for i, t := range topics {
		t.lot.mu.Lock()
		woken = h.show(t, &views[i], woken)
		t.lot.mu.Unlock()
	}
	wakeAll(woken)
}

// Commit begins the subscription: it returns the snapshot, as long as IDs, and whatever comes later is a change from it.
func (p *Pending) Commit() []shard.State {
	states := make([]shard.State, len(p.IDs))
	for i, t := range p.topics {
		states[i] = p.viewer.join(t, p.places[i])
	}
	return states
}

// Subscribe is Watch and Commit for a caller who writes from the same goroutine.
func (v *Viewer) Subscribe(ctx context.Context, ids []string) ([]string, []shard.State, error) {
	p, err := v.Watch(ctx, ids)
	if err != nil {
		return nil, nil, err
	}
	return p.IDs, p.Commit(), nil
}

// join puts the viewer on a pinned topic, or finds it there, and returns what it sees.
func (v *Viewer) join(t *topic, place uint32) shard.State {
	t.lot.mu.Lock()
	defer t.lot.mu.Unlock()
	t.pins--
	state := shard.Unknown
	if t.known {
		state = t.view.For(t.id, v.id)
	}
	v.mu.Lock()
	defer v.mu.Unlock()
	if place == newSub {
		place = v.take()
		s := &v.subs[place]
		s.topic, s.place = t, uint32(len(t.watchers))
		t.watchers = append(t.watchers, watcher{viewer: v, sub: place})
	}
	v.subs[place].sent, v.subs[place].want = state, state
	return state
}

// take returns a free place in subs.
func (v *Viewer) take() uint32 {
	v.watched++
	v.hub.counters.subscriptions.Add(1)
	if n := len(v.free); n > 0 {
		place := v.free[n-1]
		v.free = v.free[:n-1]
		return place
	}
	v.subs = append(v.subs, sub{})
	return uint32(len(v.subs) - 1)
}

// Unsubscribe ends the subscription of ids; those not watched are passed over. No later Drain speaks of them.
func (v *Viewer) Unsubscribe(ids []string) {
	places := v.places(ids)
	gone := make([]*topic, 0, len(places))
	for _, place := range places {
		gone = v.leave(place, gone)
	}
	v.shrink()
	v.hub.release(gone)
}

// leave takes the viewer off a topic and appends the topic to gone if it is idle now.
func (v *Viewer) leave(place uint32, gone []*topic) []*topic {
	t := v.subs[place].topic
	t.lot.mu.Lock()
	defer t.lot.mu.Unlock()
	t.remove(v.subs[place].place)
	v.mu.Lock()
	v.subs[place].topic = nil
	v.mu.Unlock()
	v.free = append(v.free, place)
	v.watched--
	v.hub.counters.subscriptions.Add(-1)
	if t.idle() {
		gone = append(gone, t)
	}
	return gone
}

// shrink gives the memory of all places back once none is in use.
func (v *Viewer) shrink() {
	if v.watched > 0 {
		return
	}
	v.mu.Lock()
	v.subs, v.dirty, v.free = nil, nil, nil
	v.mu.Unlock()
}

// WatchSelf makes DrainSelf speak: at once if the participant's state is known, and after each change of it. Call it once, not for a stranger.
func (v *Viewer) WatchSelf(ctx context.Context) {
	t := v.hub.pin([]string{v.id})[0]
	v.hub.learn(ctx, []string{t.id}, []*topic{t})
	if v.joinSelf(t) {
		v.wake()
	}
}

func (v *Viewer) joinSelf(t *topic) bool {
	t.lot.mu.Lock()
	defer t.lot.mu.Unlock()
	t.pins--
	w := &selfWatch{topic: t, place: uint32(len(t.watchers))}
	if t.known {
		w.want = Self{State: t.view.Self, Override: t.view.Override}
	}
	t.watchers = append(t.watchers, watcher{viewer: v, sub: selfSub})
	v.mu.Lock()
	defer v.mu.Unlock()
	v.self = w
	return w.want != w.sent
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
	v.hub.counters.viewers.Add(-1)
	v.hub.release(gone)
}

func (v *Viewer) leaveSelf(w *selfWatch, gone []*topic) []*topic {
	w.topic.lot.mu.Lock()
	defer w.topic.lot.mu.Unlock()
	w.topic.remove(w.place)
	if w.topic.idle() {
		gone = append(gone, w.topic)
	}
	return gone
}

// places finds where the viewer watches which of ids. One pass over its subscriptions for a whole list keeps an index
// per viewer out of memory: 64 bytes for each of 500,000 subscriptions.
func (v *Viewer) places(ids []string) map[string]uint32 {
	if v.watched == 0 {
		return nil
	}
	asked := make(map[string]struct{}, len(ids))
	for _, id := range ids {
		asked[id] = struct{}{}
	}
	found := make(map[string]uint32, min(len(ids), v.watched))
	for place := range v.subs {
		t := v.subs[place].topic
		if t == nil {
			continue
		}
		if _, ok := asked[t.id]; ok {
			found[t.id] = uint32(place)
		}
	}
	return found
}

// unique returns ids without repetitions, in order.
func unique(ids []string) []string {
	seen := make(map[string]struct{}, len(ids))
	return slices.DeleteFunc(slices.Clone(ids), func(id string) bool {
		_, again := seen[id]
		seen[id] = struct{}{}
		return again
	})
}
