package shard

import (
	"testing"

	"pgregory.net/rapid"
)

// loss is a partition that knows everything, and what is served in its place after it was lost.
// Both hear the same from then on. Each participant has one device.
type loss struct {
	t     *rapid.T
	set   *Settings
	now   Tick
	clock *Clock
	full  *Partition
	lossy *Partition // nil: nothing is lost yet
}

func (l *loss) stamp() Version { return l.clock.Next(l.set.Time(l.now)) }

func (l *loss) person() Key { return KeyOf(rapid.SampledFrom(testPeople).Draw(l.t, "who")) }

// both does the same to both.
func (l *loss) both(do func(p *Partition)) {
	do(l.full)
	if l.lossy != nil {
		do(l.lossy)
	}
}

func (l *loss) announce(*rapid.T) {
	a := Announcement{l.person(), "tab", Activity(rapid.IntRange(0, 1).Draw(l.t, "activity")), l.stamp()}
	l.both(func(p *Partition) { p.Announce(l.now, a) })
}

func (l *loss) signOut(*rapid.T) {
	k, stamp := l.person(), l.stamp()
	l.both(func(p *Partition) { p.SignOut(k, "tab", stamp) })
}

func (l *loss) override(*rapid.T) {
	k, o, stamp := l.person(), Override(rapid.IntRange(0, 2).Draw(l.t, "override")), l.stamp()
	l.both(func(p *Partition) { p.SetOverride(l.now, k, o, stamp) })
}

func (l *loss) message(*rapid.T) {
	k, peer := l.person(), l.person()
	l.both(func(p *Partition) { p.OpenWindow(l.now, k, peer, l.set.Time(l.now)) })
}

// recall is the word of a gateway that knows what was picked.
func (l *loss) recall(*rapid.T) {
	if l.lossy == nil {
		return
	}
	k := l.person()
	v := l.full.View(k)
	l.lossy.RecallOverride(l.now, k, v.Override, 0, max(v.Version, NeverPicked))
	l.told()
	if who := l.lossy.find(k); who != none && l.lossy.people.at(who).inner() != Offline && v.Public != Offline {
		if got := l.lossy.State(k, Viewer{}); got != v.Public {
			l.t.Fatalf("%s is live, and it is known what it picked: it is %v, and shown as %v", k.ID, v.Public, got)
		}
	}
}

func (l *loss) advance(*rapid.T) {
	l.now += Tick(rapid.IntRange(1, 5).Draw(l.t, "ticks"))
	l.both(func(p *Partition) { p.Advance(l.now) })
}

func (l *loss) lose(*rapid.T) {
	l.lossy = New(l.set, NewMemory(l.set), 5, l.now)
	l.lossy.SetWhole(false)
	l.lossy.Warm(l.now)
}

// told compares what is told of changes with how it is.
func (l *loss) told() {
	l.full.TakeChanges(nil)
	l.lossy.TakeChanges(func(c Change) {
		k := KeyOf(string(c.ID))
		if c.Pair || !l.lossy.Complete(k, &c) {
			return
		}
		if want := l.full.View(k); c.View.Public != want.Public {
			l.t.Fatalf("%s is told to be %v, and is %v", k.ID, c.View.Public, want.Public)
		}
	})
}

// check has nobody see of the lossy partition what isn't so. That something isn't known may be
// seen.
func (l *loss) check(*rapid.T) {
	if l.lossy == nil {
		return
	}
	if !l.lossy.Warming() {
		l.lossy = nil // what is lost by now is lost
		return
	}
	if err := l.lossy.Check(); err != nil {
		l.t.Fatal(err)
	}
	l.told()
	for _, id := range testPeople {
		for _, viewer := range append(testPeople, "") {
			l.compare(KeyOf(id), viewerNamed(viewer))
		}
	}
}

func (l *loss) compare(k Key, viewer Viewer) {
	want, got := l.full.Record(l.now, k, viewer, false), l.lossy.Record(l.now, k, viewer, false)
	view := l.lossy.View(k)
	for what, got := range map[string]State{
		"a record": got.State, "a state": l.lossy.State(k, viewer),
		"a view": view.For(k.ID, viewer.ID, trustIn(l.lossy, k, viewer)),
	} {
		if got != Unknown && got != want.State {
			l.t.Fatalf("%s of %s for %q: %v, and is %v", what, k.ID, viewer.ID, got, want.State)
		}
		if got == Offline {
			l.t.Fatalf("%s of %s for %q: offline, and may be live", what, k.ID, viewer.ID)
		}
	}
	stranger := l.full.Record(l.now, k, Viewer{}, false) // who was excepted may have become one
	if got.LastSeen != 0 && got.LastSeen != want.LastSeen && got.LastSeen != stranger.LastSeen {
		l.t.Fatalf("last seen of %s for %q: %d, and is %d", k.ID, viewer.ID, got.LastSeen, want.LastSeen)
	}
}

// TestNothingWrongIsSeenAfterALoss: while it isn't known what was lost, nobody sees anything that a
// partition would not have shown that lost nothing. So nobody that hides is seen.
func TestNothingWrongIsSeenAfterALoss(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		set := testSettings()
		l := &loss{t: t, set: set, now: Origin, clock: NewClock(7), full: New(set, NewMemory(set), 5, Origin)}
		t.Repeat(map[string]func(*rapid.T){
			"":         l.check,
			"announce": l.announce,
			"signOut":  l.signOut,
			"override": l.override,
			"message":  l.message,
			"recall":   l.recall,
			"advance":  l.advance,
			"lose":     l.lose,
		})
	})
}
