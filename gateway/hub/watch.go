package hub

import (
	"context"

	"github.com/scaiwave/presence/cluster"
	"github.com/scaiwave/presence/gateway/tenant"
	"github.com/scaiwave/presence/gateway/wire"
	"github.com/scaiwave/presence/shard"
)

// Pending is a Watch that was answered and waits for its Commit.
type Pending struct {
	list   tenant.List // what was asked for, each once, in order
	with   shard.With
	viewer *Viewer
	topics []*topic
	places []uint32 // of the viewer's subscriptions
}

// Snapshot is how a list looks. Statuses is nil if they were not asked for; a nil in it: none.
type Snapshot struct {
	List     tenant.List
	States   []shard.State
	Statuses []*shard.Status
}

// Watch registers interest in a list and learns how it looks. The caller must Commit the result
// next. The error is too_many_ids; then nothing has changed. ctx bounds the wait for owners: those
// that did not answer give Unknown. What was watched with status stays so.
func (v *Viewer) Watch(ctx context.Context, list tenant.List, with shard.With) (*Pending, error) {
	p := &Pending{list: list.Distinct(), with: with, viewer: v}
	ids := p.list.Keys()
	known := v.places(ids)
	if total := int(v.watched) + len(ids) - len(known); total > v.hub.maxWatched {
		return nil, wire.Errorf(wire.TooManyIDs, "a connection may watch %d ids; with these it would be %d",
			v.hub.maxWatched, total)
	}
	v.enlist(p, known)
	v.consult(p.list, p.topics, p.places)
	v.learn(ctx, ids, p.topics, p.places, with)
	return p, nil
}

// enlist puts the viewer on the topics, so that it hears of everything from here on; nobody is
// woken before Commit.
func (v *Viewer) enlist(p *Pending, known map[string]uint32) {
	n := p.list.Len()
	p.topics, p.places = make([]*topic, n), make([]uint32, n)
	v.makeRoom(n - len(known))
	v.hub.interest.RLock()
	defer v.hub.interest.RUnlock()
	for i, id := range p.list.Keys() {
		place, ok := known[id]
		v.hub.with(id, func(t *topic) {
			if !ok {
				place = v.join(t)
			}
			if p.with&shard.WithStatus != 0 {
				v.fill(t, place)
			}
			p.topics[i], p.places[i] = t, place
		})
	}
}

// makeRoom has room for n new subscriptions, besides the places that are free.
func (v *Viewer) makeRoom(n int) {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.subs = roomFor(v.subs, n-(len(v.subs)-int(v.watched)))
}

// join puts the viewer on a topic. The caller holds lot.mu.
func (v *Viewer) join(t *topic) (place uint32) {
	v.mu.Lock()
	defer v.mu.Unlock()
	place = v.freePlace()
	s := &v.subs[place]
	s.topic, s.place, s.sent, s.want = t, uint32(len(t.watchers)), pending, pending
	v.open(place)
	t.add(watcher{viewer: v, sub: place})
	return place
}

// learn asks the node about topics, on which the viewer has places, and shows the answers to all
// who watch them.
func (v *Viewer) learn(
	ctx context.Context, ids []string, topics []*topic, places []uint32, with shard.With,
) {
	questions := make([]cluster.Question, len(ids))
	viewer := []shard.Viewer{v.key}
	for i, id := range ids {
		if questions[i].ID = id; v.needsWord(id) {
			questions[i].Viewers = viewer
		}
		questions[i].With = with
	}
	sights := make([]cluster.Sight, len(ids))
	v.hub.node.Watch(ctx, questions, sights)
	var woken []*Viewer
	for i, t := range topics {
		woken = v.answer(t, places[i], &sights[i], with, woken)
	}
	wakeAll(woken)
}

func (v *Viewer) answer(
	t *topic, sub uint32, s *cluster.Sight, with shard.With, woken []*Viewer,
) []*Viewer {
	t.lot.mu.Lock()
	defer t.lot.mu.Unlock()
	place := v.placeOf(sub)
	if trust := s.Trusts.Of(0); s.Answered() && (s.View.Public != shard.Unknown || trust == shard.Denied) {
		t.say(place, trust, s.View.Order, &s.View)
	}
	if v.hub.show(t, &s.View, with&shard.WithStatus != 0) {
		return t.markAll(woken)
	}
	return t.mark(place, woken)
}

// placeOf is where in its topic's list a subscription is. The caller holds the topic's lot.mu.
func (v *Viewer) placeOf(sub uint32) uint32 {
	v.mu.Lock()
	defer v.mu.Unlock()
	if sub == selfSub {
		return v.self.place
	}
	return v.subs[sub].place
}

// Commit begins the subscription: whatever comes later is a change from its snapshot.
func (p *Pending) Commit() Snapshot {
	n, full := p.list.Len(), p.with&shard.WithStatus != 0
	s := Snapshot{List: p.list, States: make([]shard.State, n)}
	if full {
		s.Statuses = make([]*shard.Status, n)
	}
	for i, t := range p.topics {
		state, status := p.viewer.commit(t, p.places[i], full)
		if s.States[i] = state; full {
			s.Statuses[i] = status
		}
	}
	return s
}

// commit returns what the viewer sees of a topic, and counts it as sent. A status counts as sent
// if it is asked for.
func (v *Viewer) commit(t *topic, sub uint32, full bool) (shard.State, *shard.Status) {
	t.lot.mu.Lock()
	defer t.lot.mu.Unlock()
	v.mu.Lock()
	defer v.mu.Unlock()
	s := &v.subs[sub]
	w := &t.watchers[s.place]
	s.sent = t.seenBy(w)
	s.want = s.sent
	if !full {
		return s.sent, nil
	}
	d := &v.statuses[sub]
	d.sent = t.statusFor(w, s.sent)
	d.want = d.sent
	return s.sent, d.sent
}

// Subscribe is Watch and Commit for a caller who writes from the same goroutine.
func (v *Viewer) Subscribe(ctx context.Context, list tenant.List, with shard.With) (Snapshot, error) {
	p, err := v.Watch(ctx, list, with)
	if err != nil {
		return Snapshot{}, err
	}
	return p.Commit(), nil
}

// freePlace returns a free place in subs.
func (v *Viewer) freePlace() uint32 {
	v.watched++
	v.hub.counters.subscriptions.Add(1)
	if v.free > 0 {
		place := v.free - 1
		v.free = v.subs[place].place
		return place
	}
	v.subs = append(v.subs, sub{})
	return uint32(len(v.subs) - 1)
}

// WatchSelf makes DrainSelf speak: at once if the participant's state is known, and after each
// change of it. Call it once, not for a stranger.
func (v *Viewer) WatchSelf(ctx context.Context) {
	id := v.key.ID
	t := v.enlistSelf()
	v.learn(ctx, []string{id}, []*topic{t}, []uint32{selfSub}, shard.WithStatus)
}

func (v *Viewer) enlistSelf() (self *topic) {
	v.hub.interest.RLock()
	defer v.hub.interest.RUnlock()
	v.hub.with(v.key.ID, func(t *topic) {
		v.mu.Lock()
		defer v.mu.Unlock()
		v.self = &selfWatch{topic: t, place: uint32(len(t.watchers))}
		t.add(watcher{viewer: v, sub: selfSub})
		t.read()
		self = t
	})
	return self
}

// places finds where the viewer watches which of ids. One pass over its subscriptions for a whole
// list keeps an index per viewer out of memory: 64 bytes for each of 500,000 subscriptions.
func (v *Viewer) places(ids []string) map[string]uint32 {
	if v.watched == 0 {
		return nil
	}
	asked := make(map[string]struct{}, len(ids))
	for _, id := range ids {
		asked[id] = struct{}{}
	}
	found := make(map[string]uint32, min(len(ids), int(v.watched)))
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
