package hub

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"

	"github.com/scaiwave/presence/cluster"
	"github.com/scaiwave/presence/gateway/tenant"
	"github.com/scaiwave/presence/gateway/wire"
	"github.com/scaiwave/presence/shard"
	"github.com/scaiwave/presence/shard/host"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// owner is a node that knows how everybody looks, and delivers changes like a real one: interest
// and snapshot in one critical section, the latest view of an id alone.
type owner struct {
	mu       sync.Mutex
	order    uint64
	views    map[string]shard.View
	trusts   map[[2]string]shard.Trust // by id and viewer
	watched  map[string]bool
	outbox   map[string]cluster.Update
	watches  int
	silent   bool   // it answers no question
	duringW  func() // runs within Watch, after the snapshot was taken
	answerTo map[string]shard.View
}

func newOwner() *owner {
	return &owner{
		views: map[string]shard.View{}, trusts: map[[2]string]shard.Trust{}, watched: map[string]bool{},
		outbox: map[string]cluster.Update{},
	}
}

func (o *owner) Viewer(id string) shard.Viewer { return viewerOf(id) }

func viewerOf(id string) shard.Viewer { return new(shard.Settings).Viewer(id) }

func (o *owner) Watch(_ context.Context, questions []cluster.Question, sights []cluster.Sight) (unknown int) {
	o.mu.Lock()
	o.watches++
	for i, q := range questions {
		o.watched[q.ID] = true
		sights[i] = cluster.Sight{View: o.look(q.ID), Answer: host.Served}
		for j, v := range q.Viewers {
			sights[i].Trusts.Set(j, o.trusts[[2]string{q.ID, v.ID}])
		}
		if o.silent {
			sights[i] = cluster.Sight{}
		}
		if v, ok := o.answerTo[q.ID]; ok {
			sights[i].View = v
		}
	}
	during := o.duringW
	o.mu.Unlock()
	if during != nil {
		during()
	}
	return 0
}

func (o *owner) look(id string) shard.View {
	if v, ok := o.views[id]; ok {
		return v
	}
	return plain(shard.Offline, 0)
}

func plain(s shard.State, order uint64) shard.View {
	return shard.View{Public: s, Inner: s, Self: s, Unseen: shard.Offline, Order: order}
}

func (o *owner) Unwatch(ids []string) {
	o.mu.Lock()
	defer o.mu.Unlock()
	for _, id := range ids {
		delete(o.watched, id)
		delete(o.outbox, id)
	}
}

// set changes how id looks; deliver tells it.
func (o *owner) set(id string, v shard.View) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.order++
	v.Order = o.order
	o.views[id] = v
	if u := o.outbox[id]; o.watched[id] {
		u.ID, u.View = id, v
		o.outbox[id] = u
	}
}

// except begins or ends an exception; deliver tells it.
func (o *owner) except(id, viewer string, has bool) { o.trust(id, viewer, trusted(has)) }

// trust has id say something of a viewer; deliver tells it.
func (o *owner) trust(id, viewer string, t shard.Trust) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.trusts[[2]string{id, viewer}] == t {
		return
	}
	o.order++
	o.trusts[[2]string{id, viewer}] = t
	v := o.look(id)
	v.Order = o.order // as of a real one, whose views count all changes
	o.views[id] = v
	if u := o.outbox[id]; o.watched[id] {
		u.ID = id
		u.Words = slices.DeleteFunc(u.Words, func(w cluster.Word) bool { return w.Viewer.ID == viewer })
		u.Words = append(u.Words, cluster.Word{Viewer: viewerOf(viewer), Trust: t, Order: o.order})
		o.outbox[id] = u
	}
}

func (o *owner) deliver(h *Hub) {
	o.mu.Lock()
	var updates []cluster.Update
	for _, u := range o.outbox {
		updates = append(updates, u)
	}
	clear(o.outbox)
	o.mu.Unlock()
	h.Deliver(updates)
}

func (o *owner) interest() []string {
	o.mu.Lock()
	defer o.mu.Unlock()
	var ids []string
	for id := range o.watched {
		ids = append(ids, id)
	}
	slices.Sort(ids)
	return ids
}

func encodeTest(b []byte, c *Change) []byte {
	if b = fmt.Appendf(b, "%s=%v", c.Of, c.State); c.Parts != StateChanged {
		b = fmt.Appendf(b, " %d %v", c.Parts, c.Status)
	}
	return b
}

// drain is what a viewer is told.
func drain(v *Viewer, limit int) []Change {
	changes, _ := v.Drain(nil, limit)
	return changes
}

// list is of participants of no tenant.
func list(ids ...string) tenant.List { return tenant.Name("").Participants(ids) }

func newTestHub(limit int) (*owner, *Hub) {
	o := newOwner()
	return o, New(o, encodeTest, limit)
}

func (o *owner) become(h *Hub, id string, s shard.State) {
	o.set(id, plain(s, 0))
	o.deliver(h)
}

func subscribe(t *testing.T, v *Viewer, ids ...string) []shard.State {
	t.Helper()
	s, err := v.Subscribe(context.Background(), list(ids...), 0)
	if err != nil {
		t.Fatal(err)
	}
	return s.States
}

// drained is what a viewer is told now, as "id=state" in order of ids.
func drained(v *Viewer) []string {
	var told []string
	for _, c := range drain(v, 1000) {
		told = append(told, c.Of.ID()+"="+c.State.String())
	}
	slices.Sort(told)
	return told
}

func wantDrained(t *testing.T, v *Viewer, want ...string) {
	t.Helper()
	if d := cmp.Diff(want, drained(v)); d != "" {
		t.Errorf("drained (-want +got):\n%s", d)
	}
}

func TestSnapshotThenChanges(t *testing.T) {
	o, h := newTestHub(MaxWatched)
	o.set("a", plain(shard.Online, 0))
	wakes := 0
	v := h.NewViewer("me", func() { wakes++ })
	if got := subscribe(t, v, "a", "b", "a"); !slices.Equal(got, []shard.State{shard.Online, shard.Offline}) {
		t.Errorf("snapshot %v", got)
	}
	wantDrained(t, v)
	o.become(h, "a", shard.Idle)
	o.become(h, "b", shard.Busy)
	if wakes != 1 {
		t.Errorf("woken %d times before the first drain, want 1", wakes)
	}
	wantDrained(t, v, "a=idle", "b=busy")
	wantDrained(t, v)
	if o.become(h, "a", shard.Online); wakes != 2 {
		t.Errorf("woken %d times, want 2", wakes)
	}
}

func TestChangeBackIsNoEvent(t *testing.T) {
	o, h := newTestHub(MaxWatched)
	v := h.NewViewer("", func() {})
	subscribe(t, v, "a")
	o.become(h, "a", shard.Online)
	o.become(h, "a", shard.Offline)
	wantDrained(t, v)
	o.become(h, "a", shard.Online)
	o.become(h, "a", shard.Idle)
	wantDrained(t, v, "a=idle")
	o.become(h, "a", shard.Idle)
	wantDrained(t, v)
}

func TestNothingAfterUnsubscribe(t *testing.T) {
	o, h := newTestHub(MaxWatched)
	v, other := h.NewViewer("", func() {}), h.NewViewer("", func() {})
	subscribe(t, v, "a", "b")
	subscribe(t, other, "a")
	o.become(h, "a", shard.Online)
	v.Unsubscribe(list("a", "never", "a"))
	wantDrained(t, v)
	o.become(h, "a", shard.Idle)
	wantDrained(t, v)
	wantDrained(t, other, "a=idle")
	subscribe(t, v, "c") // takes the place that a had, which is still on the dirty list
	wantDrained(t, v)
	o.become(h, "c", shard.Online)
	wantDrained(t, v, "c=online")
	if d := cmp.Diff([]string{"a", "b", "c"}, o.interest()); d != "" {
		t.Error(d)
	}
	v.Close()
	other.Close()
	if left := o.interest(); len(left) != 0 || h.Stats() != (Stats{Updates: 3, Changes: 2}) {
		t.Errorf("left: %v, %+v", left, h.Stats())
	}
}

// A view delivered between the owner's snapshot and its arrival here must win over the snapshot.
func TestDeliverDuringWatch(t *testing.T) {
	o, h := newTestHub(MaxWatched)
	o.set("a", plain(shard.Online, 0))
	o.duringW = func() { o.become(h, "a", shard.Busy) }
	v := h.NewViewer("", func() {})
	if got := subscribe(t, v, "a"); got[0] != shard.Busy {
		t.Errorf("snapshot %v, want busy", got[0])
	}
	wantDrained(t, v)
}

// One that comes between Watch and Commit is part of the snapshot; one after it is a change.
func TestDeliverAroundCommit(t *testing.T) {
	o, h := newTestHub(MaxWatched)
	v := h.NewViewer("", func() {})
	p, err := v.Watch(context.Background(), list("a"), 0)
	if err != nil {
		t.Fatal(err)
	}
	o.become(h, "a", shard.Idle)
	if got := p.Commit().States; got[0] != shard.Idle {
		t.Errorf("snapshot %v, want idle", got[0])
	}
	wantDrained(t, v)
	o.become(h, "a", shard.Online)
	wantDrained(t, v, "a=online")
}

func TestOlderViewsAreIgnored(t *testing.T) {
	o, h := newTestHub(MaxWatched)
	o.set("a", plain(shard.Online, 0))
	o.set("a", plain(shard.Busy, 0))
	v := h.NewViewer("", func() {})
	subscribe(t, v, "a")
	h.Deliver([]cluster.Update{
		{ID: "a", View: plain(shard.Online, 1)},
		{ID: "nobody watches", View: plain(shard.Online, 9)},
	})
	wantDrained(t, v)
}

func TestUnknown(t *testing.T) {
	o, h := newTestHub(MaxWatched)
	o.answerTo = map[string]shard.View{"a": {}, "b": {}}
	v, w := h.NewViewer("", func() {}), h.NewViewer("", func() {})
	if got := subscribe(t, v, "a"); got[0] != shard.Unknown {
		t.Errorf("snapshot %v, want unknown", got[0])
	}
	o.become(h, "a", shard.Offline)
	wantDrained(t, v, "a=offline")
	h.Deliver([]cluster.Update{{ID: "a", View: shard.View{Order: 99}}})
	wantDrained(t, v)
	if got := subscribe(t, w, "a", "b"); got[0] != shard.Offline || got[1] != shard.Unknown {
		t.Errorf("snapshot %v, want what is known, and unknown", got)
	}
}

// A watch that finds something new tells those who watch already; the owner may not tell it twice.
func TestWatchTellsOthers(t *testing.T) {
	o, h := newTestHub(MaxWatched)
	v, w := h.NewViewer("", func() {}), h.NewViewer("", func() {})
	subscribe(t, v, "a")
	o.set("a", plain(shard.Online, 0)) // on its way
	subscribe(t, w, "a")
	wantDrained(t, v, "a=online")
	o.deliver(h)
	wantDrained(t, v)
	wantDrained(t, w)
}

func TestLimit(t *testing.T) {
	o, h := newTestHub(3)
	v := h.NewViewer("me", func() {})
	v.WatchSelf(context.Background()) // not the client's subscription
	subscribe(t, v, "a", "b", "b")
	_, err := v.Subscribe(context.Background(), list("b", "c", "d"), 0)
	var e *wire.Error
	if !errors.As(err, &e) || e.Code != wire.TooManyIDs {
		t.Errorf("got %v, want too_many_ids", err)
	}
	if d := cmp.Diff([]string{"a", "b", "me"}, o.interest()); d != "" {
		t.Errorf("half done: %s", d)
	}
	subscribe(t, v, "a", "b", "c")
	v.Unsubscribe(list("a"))
	subscribe(t, v, "d")
}

func TestEachSeesItsOwn(t *testing.T) {
	o, h := newTestHub(MaxWatched)
	hidden := hiding(shard.Idle)
	for _, crowd := range []int{0, 2 * fewWatchers} {
		for range crowd { // among many watchers a viewer is found by name
			v := h.NewViewer("s", func() {})
			subscribe(t, v, "a", "b")
			defer v.Close()
		}
		o.except("a", "friend", true)
		o.set("a", plain(shard.Idle, 0))
		stranger, friend, self := h.NewViewer("s", func() {}), h.NewViewer("friend", func() {}),
			h.NewViewer("a", func() {})
		for _, v := range []*Viewer{stranger, friend, self} {
			subscribe(t, v, "a")
		}
		o.set("a", hidden)
		o.deliver(h)
		wantDrained(t, stranger, "a=offline")
		wantDrained(t, friend)
		wantDrained(t, self, "a=appear_offline")
		o.except("a", "friend", false)
		o.deliver(h)
		wantDrained(t, stranger)
		wantDrained(t, friend, "a=offline")
		o.except("a", "friend", true)
		o.deliver(h)
		wantDrained(t, stranger)
		wantDrained(t, friend, "a=idle")
		for _, v := range []*Viewer{stranger, friend, self} {
			v.Close()
		}
	}
}

func TestSelf(t *testing.T) {
	o, h := newTestHub(MaxWatched)
	o.set("me", plain(shard.Online, 0))
	wakes := 0
	v := h.NewViewer("me", func() { wakes++ })
	v.WatchSelf(context.Background())
	if s, ok := v.DrainSelf(); !ok || wakes != 1 || s != (Self{State: shard.Online}) {
		t.Errorf("%+v, %t, woken %d times", s, ok, wakes)
	}
	o.set("me", shard.View{Public: shard.Busy, Inner: shard.Busy, Self: shard.Busy, Override: shard.OverrideBusy})
	o.deliver(h)
	if s, ok := v.DrainSelf(); !ok || s != (Self{State: shard.Busy, Override: shard.OverrideBusy}) {
		t.Errorf("%+v, %t", s, ok)
	}
	wantDrained(t, v)
	subscribe(t, v, "me")
	v.Unsubscribe(list("me"))
	o.set("me", shard.View{
		Public: shard.Offline, Inner: shard.Offline, Self: shard.Offline,
		Override: shard.OverrideBusy,
	})
	o.deliver(h)
	if s, ok := v.DrainSelf(); !ok || s != (Self{State: shard.Offline, Override: shard.OverrideBusy}) {
		t.Errorf("unsubscribing one's own id must leave self: %+v, %t", s, ok)
	}
	v.Close()
	if left := o.interest(); len(left) != 0 {
		t.Errorf("left: %v", left)
	}
}

func TestSharedFrames(t *testing.T) {
	o, h := newTestHub(MaxWatched)
	v, w := h.NewViewer("v", func() {}), h.NewViewer("w", func() {})
	subscribe(t, v, "a", "b")
	subscribe(t, w, "a")
	o.become(h, "a", shard.Online)
	o.become(h, "b", shard.Online)
	ofV, ofW := drain(v, 10), drain(w, 10)
	if len(ofV) != 2 || len(ofW) != 1 || string(ofW[0].Frame) != "a=online" || &ofV[0].Frame[0] != &ofW[0].Frame[0] {
		t.Errorf("not shared: %v, %v", ofV, ofW)
	}
	if ofV[1].Frame != nil {
		t.Error("a frame is kept for a single viewer")
	}
}

func TestDrainInPieces(t *testing.T) {
	o, h := newTestHub(MaxWatched)
	v := h.NewViewer("", func() {})
	var ids []string
	for i := range 25 {
		ids = append(ids, fmt.Sprint(i))
	}
	subscribe(t, v, ids...)
	for _, id := range ids {
		o.set(id, plain(shard.Online, 0))
	}
	o.deliver(h)
	for _, want := range []int{10, 10, 5, 0} {
		if got := len(drain(v, 10)); got != want {
			t.Errorf("drained %d, want %d", got, want)
		}
	}
}

// The last viewer of an id leaves while another begins to watch it: interest must not be lost.
func TestLateUnwatch(t *testing.T) {
	o, h := newTestHub(MaxWatched)
	v, w := h.NewViewer("", func() {}), h.NewViewer("", func() {})
	subscribe(t, v, "a")
	o.duringW = func() { v.Close() } // the last viewer leaves while w's watch is under way
	subscribe(t, w, "a")
	o.duringW = nil
	if d := cmp.Diff([]string{"a"}, o.interest()); d != "" {
		t.Error(d)
	}
	o.become(h, "a", shard.Online)
	wantDrained(t, w, "a=online")
}

// TestReview: what the cluster watches again after the last viewer has left doesn't stay watched.
func TestReview(t *testing.T) {
	o, h := newTestHub(MaxWatched)
	v := h.NewViewer("", func() {})
	subscribe(t, v, "a", "b")
	v.Unsubscribe(list("b"))
	o.Watch(t.Context(), []cluster.Question{{ID: "a"}, {ID: "b"}}, make([]cluster.Sight, 2))
	h.Review([]string{"a", "b"})
	if d := cmp.Diff([]string{"a"}, o.interest()); d != "" {
		t.Error(d)
	}
}
