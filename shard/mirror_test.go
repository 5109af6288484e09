package shard

import (
	"errors"
	"fmt"
	"testing"

	"pgregory.net/rapid"
)

// follower is a copy beside a world's partition, on a node that counts its ticks from elsewhere.
type follower struct {
	*world
	set  *Settings
	copy *Partition
	lag  Tick // of its ticks
}

const ceiling = Version(1<<64 - 1)

func newFollower(t *rapid.T) *follower {
	w := newWorld(t)
	f := &follower{world: w, set: testSettings(), lag: 1000}
	f.set.OriginMillis += int64(f.lag) * f.set.TickMillis
	f.copy = NewCopy(f.set, NewMemory(f.set), 5, f.now())
	w.p.Mirror(true)
	return f
}

func (f *follower) now() Tick { return f.m.now - f.lag }

// follow takes over what has changed; now and then everything.
func (f *follower) follow() {
	records := f.p.TakeExtras(f.m.now, f.p.TakeRecords(f.m.now, nil))
	if rapid.IntRange(0, 9).Draw(f.t, "fill") == 0 {
		again := NewCopy(f.set, NewMemory(f.set), 5, f.now())
		again.Succeed(f.copy)
		f.copy = again
		all := Extended(f.p.Snapshot(f.m.now, f.stamp()), f.p.Extras(f.m.now, nil))
		if _, err := f.copy.Fill(f.now(), 0, all, ceiling); err != nil {
			f.t.Fatal(err)
		}
	} else if _, err := f.copy.Apply(f.now(), 0, records, ceiling); err != nil {
		f.t.Fatal(err)
	}
	f.copy.Advance(f.now())
	f.compare("copy", f.copy)
	if got, want := f.copy.appendOpaque(nil), f.p.appendOpaque(nil); string(got) != string(want) {
		f.t.Fatalf("the copy has %q, the owner %q", got, want)
	}
}

func (f *follower) compare(what string, p *Partition) {
	if err := p.Check(); err != nil {
		f.t.Fatal(err)
	}
	for _, id := range testPeople {
		want := f.expected(id)
		if got := seenBy(p, id); got != want {
			f.t.Fatalf("%s: %s looks like %s, at the owner like %s", what, id, got, want)
		}
	}
}

// seenBy is what world.expected is of the model.
func seenBy(p *Partition, id string) string {
	v := p.View(KeyOf(id))
	s := fmt.Sprint(v.Override, v.Closed)
	for _, v := range append(testPeople, "") {
		s += " " + p.State(KeyOf(id), viewerNamed(v)).String()
	}
	return s + sayingsIn(p, id)
}

func TestCopyFollows(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		f := newFollower(t)
		f.run()
		f.copy.Promote(f.now())
		f.compare("promoted", f.copy)
		f.outlive()
	})
}

func (f *follower) run() {
	f.t.Repeat(map[string]func(*rapid.T){
		"":          func(*rapid.T) { f.follow() },
		"announce":  f.announce,
		"heartbeat": f.heartbeat,
		"report":    f.report,
		"close":     f.close,
		"goodbye":   f.goodbye,
		"signOut":   f.signOut,
		"override":  f.override,
		"kind":      f.kind,
		"window":    f.window,
		"edge":      f.edge,
		"block":     f.block,
		"visible":   f.visibility,
		"opaque":    f.opaque,
		"pick":      f.pick,
		"status":    f.status,
		"claim":     f.claim,
		"available": f.availability,
		"erase":     f.erase,
		"advance":   f.advance,
		"renumber":  f.renumber,
	})
}

// outlive checks that whoever was live is live for a full deadline after the promotion, and then
// gone.
func (f *follower) outlive() {
	present := map[string]bool{}
	for who := range f.copy.index.all {
		for d := f.copy.firstOf(who); d&isParticipant == 0; d = f.copy.nextOf(d) {
			present[string(f.copy.id(who))] = present[string(f.copy.id(who))] || f.copy.device(d).status == live
		}
	}
	for _, c := range []struct {
		at   Tick
		live bool
	}{{f.now() + f.set.Deadline, true}, {f.now() + f.set.Deadline + 1, false}} {
		f.copy.Advance(c.at)
		for id, was := range present {
			if was && (f.copy.people.at(f.copy.find(KeyOf(id))).inner() != Offline) != c.live {
				f.t.Fatalf("%s at tick %d after the promotion: live is not %v", id, c.at-f.now(), c.live)
			}
		}
	}
}

// TestNobodyLivesFromFailoverToFailover promotes a copy of a copy: who gave no sign to the first
// heir has what it left.
func TestNobodyLivesFromFailoverToFailover(t *testing.T) {
	set := testSettings()
	first, now := New(set, NewMemory(set), 1, Origin), Origin
	for _, id := range []string{"ghost", "ada"} {
		first.Announce(now, Announcement{KeyOf(id), "tab", ActivityOnline, 100})
	}
	second := NewCopy(set, NewMemory(set), 1, now)
	fill(t, second, first, now, 1)
	now += 10
	second.Promote(now)
	second.Heartbeat(now+8, KeyOf("ada"), "tab", ActivityOnline, 200)
	now += 12
	third := NewCopy(set, NewMemory(set), 1, now)
	fill(t, third, second, now, 2)
	third.Promote(now)
	third.Advance(now + 9)
	if a, g := third.State(KeyOf("ada"), Viewer{}), third.State(KeyOf("ghost"), Viewer{}); a != Online || g != Offline {
		t.Errorf("ada is %v, the ghost %v", a, g)
	}
	third.Advance(now + set.Deadline)
	if a := third.State(KeyOf("ada"), Viewer{}); a != Online {
		t.Errorf("ada, who had beaten, is %v before a full deadline", a)
	}
}

func fill(t *testing.T, to, from *Partition, now Tick, id Version) {
	t.Helper()
	if _, err := to.Fill(now, 0, from.Snapshot(now, id), ceiling); err != nil {
		t.Fatal(err)
	}
}

func TestLapse(t *testing.T) {
	set := testSettings()
	p, now := New(set, NewMemory(set), 1, Origin), Origin
	p.Mirror(true)
	ada, ben := KeyOf("ada"), KeyOf("ben")
	p.Announce(now, Announcement{ada, "tab", ActivityOnline, 100})
	p.SetOverride(now, ada, OverrideAppearOffline, 101)
	p.OpenWindow(now, ada, ben, set.Time(now))
	p.SetKind(KeyOf("x"), KindModel, 102)
	disk := p.TakeRecords(now, nil)

	again := NewCopy(set, NewMemory(set), 1, now+30)
	if _, err := again.Apply(now+30, 10, disk, ceiling); err != nil {
		t.Fatal(err)
	}
	again.Lapse()
	if err := again.Check(); err != nil {
		t.Fatal(err)
	}
	r := again.Record(now+30, ada, viewerNamed("ada"), true)
	if r.Self != Offline || r.Override != OverrideAppearOffline || r.TrueSeen != now+20 || len(r.Devices) != 0 {
		t.Errorf("ada: %+v", r)
	}
	again.Heartbeat(now+30, ada, "tab", ActivityOnline, 103)
	if s := again.State(ada, viewerNamed("ben")); s != Online {
		t.Errorf("ben, with a window, sees %v", s)
	}
	if s := again.State(KeyOf("x"), viewerNamed("ben")); s != Online {
		t.Errorf("the model is %v", s)
	}
}

// someRecords are one of an account and one of a window.
func someRecords(set *Settings) []byte {
	p := New(set, NewMemory(set), 1, Origin)
	p.Mirror(true)
	p.Announce(Origin, Announcement{KeyOf("ada"), "tab", ActivityOnline, 100})
	p.OpenWindow(Origin, KeyOf("ada"), KeyOf("ben"), set.Time(Origin))
	return p.TakeRecords(Origin, nil)
}

func TestApplyRefuses(t *testing.T) {
	set := testSettings()
	records := someRecords(set)
	c := NewCopy(set, NewMemory(set), 1, Origin)
	for n := 1; n < len(records); n++ {
		if _, err := c.Apply(Origin, 0, records[:n], ceiling); err == nil &&
			n != len(records)-len("\x02\x03ada\x03ben")-6 {
			t.Errorf("%d of %d bytes were taken", n, len(records))
		} else if err != nil && !errors.Is(err, ErrSnapshot) {
			t.Error(err)
		}
	}
	if _, err := c.Apply(Origin, 0, records, 99); !errors.Is(err, ErrVersionAhead) {
		t.Errorf("a version from the future: %v", err)
	}
}

func FuzzApply(f *testing.F) {
	set := testSettings()
	f.Add(someRecords(set))
	f.Fuzz(func(t *testing.T, b []byte) {
		c := NewCopy(set, NewMemory(set), 1, Origin)
		_, _ = c.Apply(Origin, 0, b, ceiling)
		if err := c.Check(); err != nil {
			t.Fatal(err)
		}
		c.Promote(Origin)
		c.Advance(Origin + 100)
		if err := c.Check(); err != nil {
			t.Fatal(err)
		}
	})
}

// TestRenewedWindowIsFollowed: a window that a later message renewed lasts as long at the copy.
func TestRenewedWindowIsFollowed(t *testing.T) {
	set := testSettings()
	p, c := New(set, NewMemory(set), 1, Origin), NewCopy(set, NewMemory(set), 1, Origin)
	p.Mirror(true)
	ada, ben := KeyOf("ada"), KeyOf("ben")
	for _, at := range []Tick{Origin, Origin + 300} {
		p.OpenWindow(at, ada, ben, set.Time(at))
		if _, err := c.Apply(at, 0, p.TakeRecords(at, nil), ceiling); err != nil {
			t.Fatal(err)
		}
	}
	for _, tt := range []struct {
		at   Tick
		open int
	}{{Origin + 899, 1}, {Origin + 901, 0}} {
		c.Advance(tt.at)
		if got := c.Counts().Windows; got != tt.open {
			t.Errorf("at tick %d the copy has %d windows, want %d", tt.at-Origin, got, tt.open)
		}
	}
}

// TestSignAfterNow: a sign of life that comes while a snapshot's time is looked up doesn't spoil
// the snapshot.
func TestSignAfterNow(t *testing.T) {
	set := testSettings()
	p := New(set, NewMemory(set), 0, Origin)
	p.Heartbeat(Origin+11, KeyOf("ada"), "phone", ActivityOnline, 1)
	if err := CheckSnapshot(Origin+10, p.Snapshot(Origin+10, 77), ceiling); err != nil {
		t.Error(err)
	}
}

// TestSignAfterPromotionIsTold: the first heartbeat by name after a promotion reaches the backup,
// so that a second promotion doesn't take for dead whoever was silent between the first one and the
// refill, and came then.
func TestSignAfterPromotionIsTold(t *testing.T) {
	set := testSettings()
	k := KeyOf("ada")
	first := NewCopy(set, NewMemory(set), 0, Origin)
	owner := New(set, NewMemory(set), 0, Origin)
	owner.Heartbeat(Origin, k, "http", ActivityOnline, 1)
	if _, err := first.Fill(Origin, 0, owner.Snapshot(Origin, 2), ceiling); err != nil {
		t.Fatal(err)
	}
	now := Origin + set.Deadline - 1
	first.Promote(now)
	first.Mirror(true)
	now += set.Deadline / 2
	second := NewCopy(set, NewMemory(set), 0, Origin)
	// The refill, which tells that ada was silent.
	if _, err := second.Fill(now, 0, first.Snapshot(now, 3), ceiling); err != nil {
		t.Fatal(err)
	}
	first.Heartbeat(now+1, k, "http", ActivityOnline, 4)
	if _, err := second.Apply(now+1, 0, first.TakeRecords(now+1, nil), ceiling); err != nil {
		t.Fatal(err)
	}
	now += set.Deadline
	second.Promote(now)
	second.Advance(now + 1)
	if got := second.State(k, Viewer{}); got != Online {
		t.Errorf("%v, after a heartbeat before each promotion", got)
	}
}
