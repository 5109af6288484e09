package shard

import (
	"fmt"
	"testing"

	"pgregory.net/rapid"
)

func testSettings() *Settings {
	return &Settings{
		Deadline: 20, Linger: 6, RecordTTL: 40, Tombstone: 30, FactTTL: 500, ErasureTTL: 800, MaxErasures: 5,
		WindowMillis: 60_000, TickMillis: 100, OriginMillis: 1_750_000_000_000,
		Unattended: 16, MaxDevices: 3, MaxExceptions: 3, AIPrefixes: []string{"model:", "helper:"},
	}
}

// viewerNamed is a viewer as testSettings make it.
func viewerNamed(id string) Viewer { return testSettings().Viewer(id) }

// trustIn is what a participant has said of a viewer.
func trustIn(p *Partition, k Key, v Viewer) Trust {
	all := p.Trusts(k, []Viewer{v})
	return all.Of(0)
}

// world drives a partition and the model side by side.
type world struct {
	t      *rapid.T
	set    *Settings
	p      *Partition
	m      *model
	clock  *Clock
	refs   map[[2]string]Ref           // the latest handle of each device
	looks  map[string]string           // what each participant looked like to everybody after the last step
	trusts map[string]map[uint64]Trust // by participant and hash of the viewer, as changes have told
}

var (
	testPeople  = []string{"ada", "ben", "model:x", "\x1facme\x1fada", "\x1facme\x1fmodel:x"}
	testDevices = []string{"phone", "tab", "desk", "tv"}
)

func newWorld(t *rapid.T) *world {
	set := testSettings()
	w := &world{
		t: t, set: set, p: New(set, NewMemory(set), 5, Origin), m: newModel(set), clock: NewClock(7),
		refs: map[[2]string]Ref{}, looks: map[string]string{}, trusts: map[string]map[uint64]Trust{},
	}
	for _, id := range testPeople {
		w.looks[id] = w.expected(id)
	}
	return w
}

func (w *world) stamp() Version { return w.clock.Next(w.set.Time(w.m.now)) }

func (w *world) person() string { return rapid.SampledFrom(testPeople).Draw(w.t, "who") }

func (w *world) device() string { return rapid.SampledFrom(testDevices).Draw(w.t, "device") }

func (w *world) activity() Activity {
	return Activity(rapid.IntRange(0, 1).Draw(w.t, "activity"))
}

// session is a fresh one, the one that holds the device, or an older one where the core promises to
// know better.
func (w *world) session(id, dev string) Version {
	d := w.m.device(id, dev)
	switch choice := rapid.IntRange(0, 3).Draw(w.t, "session"); {
	case choice == 1 && d.live:
		return d.session
	case choice == 2 && (d.live || d.signedOut && d.lastSign == w.m.now):
		return d.session - 1
	default:
		return w.stamp()
	}
}

func (w *world) same(what string, got, want Outcome) {
	if got != want {
		w.t.Fatalf("%s: outcome %d, want %d", what, got, want)
	}
}

func (w *world) announce(*rapid.T) {
	id, dev, a := w.person(), w.device(), w.activity()
	session := w.session(id, dev)
	ref, _, o := w.p.Announce(w.m.now, Announcement{KeyOf(id), dev, a, session})
	w.same("announce", o, w.m.announce(id, dev, a, session))
	if o == Done {
		w.refs[[2]string{id, dev}] = ref
	}
}

func (w *world) heartbeat(*rapid.T) {
	id, dev, a, stamp := w.person(), w.device(), w.activity(), w.stamp()
	w.same("heartbeat", w.p.Heartbeat(w.m.now, KeyOf(id), dev, a, stamp), w.m.heartbeat(id, dev, a, stamp))
	if who := w.p.find(KeyOf(id)); who != none {
		if d := w.p.findDevice(who, dev); d != none && w.p.device(d).session() == stamp {
			w.m.device(id, dev).session = stamp // the record, and the session with it, had been forgotten
		}
	}
}

// report beats by the latest handle, which must be answered Moved unless that very device is live.
func (w *world) report(*rapid.T) {
	id, dev, a := w.person(), w.device(), w.activity()
	ref, ok := w.refs[[2]string{id, dev}]
	if !ok {
		return
	}
	d := w.m.device(id, dev)
	switch o := w.p.Report(w.m.now, ref, a); {
	case o == Done && !d.live:
		w.t.Fatalf("a handle of %s/%s still fits", id, dev)
	case o == Done && d.linger != 0:
		w.t.Fatalf("a handle of lingering %s/%s still fits", id, dev)
	case o == Done:
		w.m.sign(id, dev, a)
	case o != Moved:
		w.t.Fatalf("report: outcome %d", o)
	default:
		delete(w.refs, [2]string{id, dev})
	}
}

// rest is of a device whose socket only answers pings.
func (w *world) rest(*rapid.T) {
	id, dev := w.person(), w.device()
	ref, ok := w.refs[[2]string{id, dev}]
	if !ok {
		return
	}
	d := w.m.device(id, dev)
	switch o := w.p.Rest(w.m.now, ref); {
	case o == Moved:
		delete(w.refs, [2]string{id, dev})
	case !d.live || d.linger != 0:
		w.t.Fatalf("a handle of %s/%s still fits", id, dev)
	case o == Attended && d.named != 0:
		w.m.sign(id, dev, d.activity)
	case o == Done && (d.named == 0 || w.m.now >= d.named+w.set.Unattended):
		w.m.sign(id, dev, ActivityIdle)
	default:
		w.t.Fatalf("rest of %s/%s at %d: outcome %d; the latest heartbeat by name was at %d", id, dev, w.m.now, o,
			d.named)
	}
}

func (w *world) close(*rapid.T) {
	id, dev := w.person(), w.device()
	d := w.m.device(id, dev)
	if !d.live {
		return
	}
	session := d.session - Version(rapid.IntRange(0, 1).Draw(w.t, "older"))
	o := w.p.Close(w.m.now, KeyOf(id), dev, session)
	if session < d.session {
		w.same("close", o, Replaced)
		return
	}
	w.same("close", o, Done)
	if d.linger == 0 {
		d.linger = w.m.now + w.set.Linger + 1
	}
}

func (w *world) goodbye(*rapid.T) {
	id, dev := w.person(), w.device()
	d := w.m.device(id, dev)
	if !d.live {
		return
	}
	session := d.session - Version(rapid.IntRange(0, 1).Draw(w.t, "older"))
	stamp := w.stamp()
	o := w.p.Goodbye(KeyOf(id), dev, session, stamp)
	if session < d.session {
		w.same("goodbye", o, Replaced)
		return
	}
	w.same("goodbye", o, Done)
	w.m.signOut(id, dev, stamp)
}

func (w *world) signOut(*rapid.T) {
	id, dev, stamp := w.person(), w.device(), w.stamp()
	w.same("sign out", w.p.SignOut(KeyOf(id), dev, stamp), Done)
	w.m.signOut(id, dev, stamp)
}

func (w *world) override(*rapid.T) {
	id := w.person()
	o := Override(rapid.IntRange(0, 2).Draw(w.t, "override"))
	w.same("override", w.p.SetOverride(w.m.now, KeyOf(id), o, w.stamp()), Done)
	w.m.setOverride(id, o)
}

func (w *world) kind(*rapid.T) {
	id := w.person()
	k := Kind(rapid.IntRange(1, 3).Draw(w.t, "kind"))
	w.same("kind", w.p.SetKind(KeyOf(id), k, w.stamp()), Done)
	w.m.person(id).kind = k
}

func (w *world) window(*rapid.T) {
	id, peer := w.person(), w.person()
	if id == peer {
		return
	}
	at := w.set.Time(w.m.now) - rapid.Int64Range(0, w.set.WindowMillis-1).Draw(w.t, "age")
	w.same("window", w.p.OpenWindow(w.m.now, KeyOf(id), KeyOf(peer), at), w.m.openWindow(id, peer, at))
}

func (w *world) edge(*rapid.T) {
	id, viewer := w.person(), w.person()
	if id == viewer {
		return
	}
	e := Edge{Allow: Allowance(rapid.IntRange(0, 2).Draw(w.t, "allow"))}
	if e.Allow != Forget && rapid.Bool().Draw(w.t, "ends") {
		e.Until = w.set.Time(w.m.now) + rapid.Int64Range(1, 90_000).Draw(w.t, "until")
	}
	got := w.p.SetEdge(w.m.now, KeyOf(id), viewerNamed(viewer), e, w.stamp())
	w.same("edge", got, w.m.setEdge(id, viewer, e))
}

func (w *world) block(*rapid.T) {
	id, viewer, blocked := w.person(), w.person(), rapid.Bool().Draw(w.t, "blocked")
	if id == viewer {
		return
	}
	w.same("block", w.p.SetBlock(KeyOf(id), viewerNamed(viewer), blocked, w.stamp()), w.m.block(id, viewer, blocked))
}

// erase may be of somebody who isn't there.
func (w *world) erase(*rapid.T) {
	id := w.person()
	live := w.m.person(id).liveCount()
	e, devices := w.p.Erase(KeyOf(id), w.stamp(), w.set.Time(w.m.now))
	if len(devices) < live || w.p.find(KeyOf(id)) != none && !w.p.copy {
		at := int32(w.p.find(KeyOf(id)))
		w.t.Fatalf("%s had %d live devices; %q are gone, and the record is at %d", id, live, devices, at)
	}
	w.m.erase(id, e.At)
	if err := w.clock.Observe(e.Version, w.set.Time(w.m.now)); err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) advance(*rapid.T) {
	by := Tick(rapid.OneOf(rapid.IntRange(1, 3), rapid.IntRange(4, 60), rapid.IntRange(61, 700)).Draw(w.t, "ticks"))
	w.m.advance(w.m.now + by)
	w.p.Advance(w.m.now)
}

func (w *world) renumber(*rapid.T) {
	w.p.scatter()
	clear(w.refs) // TestStaleHandlesAreDetected looks at those
}

// expected is how a participant looks to everybody, by the model.
func (w *world) expected(id string) string {
	s := fmt.Sprint(w.m.person(id).override, w.m.person(id).set.Audience == AudienceAllowed && !w.m.isAI(id))
	for _, v := range append(testPeople, "") {
		s += " " + w.m.state(id, v).String()
	}
	return s + w.m.sayings(id)
}

// check compares everything anybody can see, and which changes were reported.
func (w *world) check(*rapid.T) {
	if err := w.p.Check(); err != nil {
		w.t.Fatal(err)
	}
	reported := map[string]bool{}
	w.p.TakeChanges(func(c Change) {
		reported[string(c.ID)] = true
		w.hear(c)
	})
	for _, id := range testPeople {
		now := w.expected(id)
		if changed := now != w.looks[id]; changed && !reported[id] {
			w.t.Fatalf("%s changed unreported:\nfrom %s\nto   %s", id, w.looks[id], now)
		}
		w.looks[id] = now
		w.guess(id)
		w.compareOpaque(id)
		view := w.p.View(KeyOf(id))
		for _, v := range append(testPeople, "") {
			w.compare(id, v, &view)
		}
	}
}

// hear notes what a change says of a pair; each must be news.
func (w *world) hear(c Change) {
	if !c.Pair {
		return
	}
	all := w.trusts[string(c.ID)]
	if all == nil {
		all = map[uint64]Trust{}
		w.trusts[string(c.ID)] = all
	}
	if all[c.Viewer] == c.Trust {
		w.t.Fatalf("%s tells again that the trust in %x is %d", c.ID, c.Viewer, c.Trust)
	}
	all[c.Viewer] = c.Trust
}

// guess finds somebody from wherever AheadIndex may have seen them: slots change hands, and are
// numbered anew.
func (w *world) guess(id string) {
	k := KeyOf(id)
	want := w.p.find(k)
	for k.likely = range uint32(w.p.people.used + 2) {
		if got := w.p.find(k); got != want {
			w.t.Fatalf("%s is found at %d from slot %d, else at %d", id, int32(got), k.likely-1, int32(want))
		}
	}
}

func (w *world) compare(id, viewer string, view *View) {
	want := w.m.state(id, viewer)
	if got := w.p.State(KeyOf(id), viewerNamed(viewer)); got != want {
		w.t.Fatalf("state of %s for %q: %v, want %v", id, viewer, got, want)
	}
	if nobody := trustIn(w.p, KeyOf(id), viewerNamed("nobody")); nobody != Stranger {
		w.t.Fatalf("%s has said %d of nobody", id, nobody)
	}
	trust := trustIn(w.p, KeyOf(id), viewerNamed(viewer))
	if got := view.For(id, viewer, trust); got != want {
		w.t.Fatalf("view of %s for %q: %v with trust %d, want %v", id, viewer, got, trust, want)
	}
	if told, is := w.trusts[id][viewerNamed(viewer).Hash], w.m.trust(id, viewer); told != is || trust != is {
		w.t.Fatalf("the trust of %s in %q was told to be %d, and is %d, in truth %d", id, viewer, told, trust, is)
	}
	r := w.p.Record(w.m.now, KeyOf(id), viewerNamed(viewer), true)
	if r.State != want || r.Self != w.m.state(id, id) {
		w.t.Fatalf("record of %s for %q: %+v", id, viewer, r)
	}
	w.compareSaid(id, viewer)
	if got, want := r.LastSeen, w.m.lastSeen(id, viewer); got != want {
		w.t.Fatalf("last seen of %s for %q: %d, want %d (now %d)", id, viewer, got, want, w.m.now)
	}
	if len(r.Devices) != w.m.person(id).liveCount() {
		w.t.Fatalf("%s has devices %v", id, r.Devices)
	}
}

func TestAgainstModel(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		w := newWorld(t)
		t.Repeat(map[string]func(*rapid.T){
			"":          w.check,
			"announce":  w.announce,
			"heartbeat": w.heartbeat,
			"report":    w.report,
			"rest":      w.rest,
			"close":     w.close,
			"goodbye":   w.goodbye,
			"signOut":   w.signOut,
			"override":  w.override,
			"kind":      w.kind,
			"window":    w.window,
			"edge":      w.edge,
			"block":     w.block,
			"visible":   w.visibility,
			"pick":      w.pick,
			"status":    w.status,
			"claim":     w.claim,
			"available": w.availability,
			"erase":     w.erase,
			"advance":   w.advance,
			"renumber":  w.renumber,
		})
	})
}
