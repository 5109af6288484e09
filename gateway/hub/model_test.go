package hub

import (
	"context"
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"

	"pgregory.net/rapid"

	"github.com/scaiwave/presence/gateway/tenant"
	"github.com/scaiwave/presence/shard"
)

// seen is what a viewer should know: for each watched id the state last told.
type seen map[string]shard.State

var someIDs = []string{"a", "b", "c", "d", "e"}

// TestAgainstModel: any order of operations, one at a time, ends in what a plain map says.
func TestAgainstModel(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		o, h := newTestHub(4)
		viewers := []*Viewer{h.NewViewer("a", func() {}), h.NewViewer("w", func() {}), h.NewViewer("", func() {})}
		models := []seen{{}, {}, {}}
		ids := rapid.SliceOfN(rapid.SampledFrom(someIDs), 1, 4)
		who := rapid.IntRange(0, len(viewers)-1)
		t.Repeat(map[string]func(*rapid.T){
			"change": func(t *rapid.T) { o.set(rapid.SampledFrom(someIDs).Draw(t, "id"), drawView(t)) },
			"trust": func(t *rapid.T) {
				o.trust(rapid.SampledFrom(someIDs).Draw(t, "id"),
					rapid.SampledFrom([]string{"w", "x"}).Draw(t, "viewer"), shard.Trust(rapid.IntRange(0, 3).Draw(t, "trust")))
			},
			"deliver": func(t *rapid.T) { o.deliver(h) },
			"subscribe": func(t *rapid.T) {
				n := who.Draw(t, "viewer")
				s, err := viewers[n].Subscribe(context.Background(), list(ids.Draw(t, "ids")...), 0)
				for i, id := range s.List.Keys() {
					models[n][id] = s.States[i]
					if now := o.views[id]; s.States[i] != stateOf(o, id, viewers[n].key.ID) {
						t.Fatalf("snapshot of %s is %v; %+v", id, s.States[i], now)
					}
				}
				if err != nil && len(models[n]) < 1 {
					t.Fatal(err)
				}
			},
			"unsubscribe": func(t *rapid.T) {
				n, gone := who.Draw(t, "viewer"), ids.Draw(t, "ids")
				viewers[n].Unsubscribe(list(gone...))
				for _, id := range gone {
					delete(models[n], id)
				}
			},
			"drain": func(t *rapid.T) {
				n := who.Draw(t, "viewer")
				models[n].tell(t, drain(viewers[n], rapid.IntRange(1, 3).Draw(t, "limit")))
			},
			"": func(t *rapid.T) { checkInterest(t, o, h, models) },
		})
		o.deliver(h)
		for n, v := range viewers {
			models[n].tell(t, drain(v, 100))
			for id, s := range models[n] {
				if want := stateOf(o, id, v.key.ID); s != want {
					t.Fatalf("viewer %d believes %s to be %v, it is %v", n, id, s, want)
				}
			}
			v.Close()
		}
		if left := o.interest(); len(left) != 0 {
			t.Fatalf("left: %v", left)
		}
	})
}

func stateOf(o *owner, id, viewer string) shard.State {
	v := o.look(id)
	return v.For(id, viewer, o.trusts[[2]string{id, viewer}])
}

func drawView(t *rapid.T) shard.View {
	s := rapid.SampledFrom([]shard.State{shard.Offline, shard.Idle, shard.Online}).Draw(t, "state")
	v := plain(s, 0)
	if rapid.Bool().Draw(t, "hidden") {
		v = hiding(s)
	}
	v.Closed = rapid.Bool().Draw(t, "closed")
	return v
}

func hiding(inner shard.State) shard.View {
	return shard.View{
		Public: shard.Offline, Inner: inner, Self: shard.AppearOffline, Unseen: shard.Offline,
		Override: shard.OverrideAppearOffline,
	}
}

type failer interface{ Fatalf(string, ...any) }

// tell takes changes, and fails if one is about an id that isn't watched, or says nothing new.
func (m seen) tell(t failer, changes []Change) {
	for _, c := range changes {
		was, watched := m[c.Of.ID()]
		if !watched || was == c.State || c.State == shard.Unknown {
			t.Fatalf("told %s=%v; watched %t, was %v", c.Of.ID(), c.State, watched, was)
		}
		if c.Frame != nil && string(c.Frame) != fmt.Sprintf("%s=%v", c.Of.ID(), c.State) {
			t.Fatalf("frame %q for %s=%v", c.Frame, c.Of.ID(), c.State)
		}
		m[c.Of.ID()] = c.State
	}
}

func checkInterest(t *rapid.T, o *owner, h *Hub, models []seen) {
	want := map[string]bool{}
	subscriptions := 0
	for _, m := range models {
		subscriptions += len(m)
		for id := range m {
			want[id] = true
		}
	}
	if got := h.Stats(); int(got.Topics) != len(want) || int(got.Subscriptions) != subscriptions ||
		len(o.interest()) != len(want) {
		t.Fatalf("%+v and interest %v; want %v and %d subscriptions", got, o.interest(), want, subscriptions)
	}
}

// TestConcurrently: readers, writers and the node at the same time. Each viewer is checked as it
// goes, and all agree in the end.
func TestConcurrently(t *testing.T) {
	o, h := newTestHub(MaxWatched)
	stop := make(chan struct{})
	var node, readers, writers sync.WaitGroup
	node.Go(func() { changeAndDeliver(o, h, stop) })
	viewers := make([]*party, 4)
	for i := range viewers {
		p := &party{o: o, known: seen{}, wake: make(chan struct{}, 1), stop: stop}
		p.viewer = h.NewViewer([]tenant.Participant{"a", "w"}[i%2], func() {
			select {
			case p.wake <- struct{}{}:
			default:
			}
		})
		viewers[i] = p
		readers.Go(func() { p.read(t, rand.New(rand.NewPCG(uint64(i), 7)), 3000) })
		writers.Go(func() { p.write(t) })
	}
	readers.Wait()
	close(stop)
	node.Wait()
	writers.Wait()
	o.deliver(h)
	for i, p := range viewers {
		p.drain(t)
		for id, s := range p.known {
			if want := stateOf(o, id, p.viewer.key.ID); s != want {
				t.Errorf("viewer %d believes %s to be %v, it is %v", i, id, s, want)
			}
		}
		p.viewer.Close()
	}
	if left := o.interest(); len(left) != 0 {
		t.Errorf("left: %v", left)
	}
}

func changeAndDeliver(o *owner, h *Hub, stop chan struct{}) {
	r := rand.New(rand.NewPCG(1, 2))
	states := []shard.State{shard.Offline, shard.Idle, shard.Online, shard.Busy}
	for {
		select {
		case <-stop:
			return
		default:
			id := someIDs[r.IntN(len(someIDs))]
			switch s := states[r.IntN(len(states))]; r.IntN(3) {
			case 0:
				o.set(id, plain(s, 0))
			case 1:
				o.set(id, hiding(s))
			case 2:
				o.except(id, "w", r.IntN(2) == 0)
			}
			if r.IntN(3) == 0 {
				o.deliver(h)
			}
		}
	}
}

// party is a connection: mu is the lock that a socket holds over Commit or Drain together with
// queueing.
type party struct {
	o      *owner
	viewer *Viewer
	wake   chan struct{}
	stop   chan struct{}

	mu    sync.Mutex
	known seen
}

func (p *party) read(t *testing.T, r *rand.Rand, n int) {
	for range n {
		ids := make([]string, 1+r.IntN(3))
		for i := range ids {
			ids[i] = someIDs[r.IntN(len(someIDs))]
		}
		if r.IntN(2) == 0 {
			p.unsubscribe(ids)
		} else {
			p.subscribe(t, ids)
		}
	}
}

func (p *party) subscribe(t *testing.T, ids []string) {
	pending, err := p.viewer.Watch(context.Background(), list(ids...), 0)
	if err != nil {
		t.Error(err)
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	snapshot := pending.Commit()
	for i, s := range snapshot.States {
		p.known[snapshot.List.At(i).ID()] = s
	}
}

func (p *party) unsubscribe(ids []string) {
	p.viewer.Unsubscribe(list(ids...))
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, id := range ids {
		delete(p.known, id)
	}
}

func (p *party) write(t *testing.T) {
	for {
		select {
		case <-p.stop:
			return
		case <-p.wake:
			p.drain(t)
		}
	}
}

func (p *party) drain(t *testing.T) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.known.tell(errorer{t}, drain(p.viewer, 100))
}

// errorer reports from goroutines that may not end the test.
type errorer struct{ t *testing.T }

func (e errorer) Fatalf(format string, args ...any) { e.t.Errorf(format, args...) }
