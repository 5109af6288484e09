package shard

import (
	"errors"
	"fmt"
	"slices"
	"testing"
)

// TestStaleHandlesAreDetected makes each thing happen after which a device's handle must not fit
// any more.
func TestStaleHandlesAreDetected(t *testing.T) {
	k := KeyOf("ada")
	for name, happen := range map[string]func(p *Partition){
		"expired":   func(p *Partition) { p.Advance(Origin + 100) },
		"signedOut": func(p *Partition) { p.SignOut(k, "phone", 9) },
		"lingers":   func(p *Partition) { p.Close(Origin, k, "phone", 5) },
		"taken":     func(p *Partition) { p.Announce(Origin, Announcement{k, "phone", ActivityIdle, 6}) },
		"reused": func(p *Partition) {
			p.Advance(Origin + 1000) // forgotten
			for i := range 5 {
				p.Heartbeat(Origin+1000, KeyOf(fmt.Sprint("x", i)), "phone", ActivityOnline, 20)
			}
		},
		"renumbered": func(p *Partition) { p.scatter() },
		"renumbered with the slot in use": func(p *Partition) {
			p.scatter()
			p.Heartbeat(Origin, KeyOf("ben"), "phone", ActivityOnline, 20)
		},
	} {
		t.Run(name, func(t *testing.T) {
			p := New(testSettings(), NewMemory(testSettings()), 0, Origin)
			ref, _, _ := p.Announce(Origin, Announcement{k, "phone", ActivityOnline, 5})
			if o := p.Touch(Origin, ref); o != Done {
				t.Fatalf("fresh handle: %d", o)
			}
			happen(p)
			if o := p.Touch(p.wheel.now, ref); o != Moved {
				t.Errorf("touch: %d", o)
			}
			if o := p.Report(p.wheel.now, ref, ActivityIdle); o != Moved {
				t.Errorf("report: %d", o)
			}
			if err := p.Check(); err != nil {
				t.Error(err)
			}
		})
	}
	p := New(testSettings(), NewMemory(testSettings()), 0, Origin)
	for _, r := range []Ref{{}, {0, 1}, {1 << 30, 1}} {
		if o := p.Touch(Origin, r); o != Moved {
			t.Errorf("made-up handle %+v: %d", r, o)
		}
	}
}

// TestGenerationsWrapIntoRetirement takes a slot to the last generation: then no handle fits it any
// more.
func TestGenerationsWrapIntoRetirement(t *testing.T) {
	k := KeyOf("ada")
	p := New(testSettings(), NewMemory(testSettings()), 0, Origin)
	p.Announce(Origin, Announcement{k, "phone", ActivityOnline, 5})
	p.pulse(0).generation = ^uint32(0)
	last := Ref{0, ^uint32(0)}
	ref, _, o := p.Announce(Origin, Announcement{k, "phone", ActivityOnline, 6})
	if o != Done || p.Touch(Origin, ref) != Moved || p.Touch(Origin, last) != Moved {
		t.Fatalf("outcome %d, handle %+v", o, ref)
	}
	if o := p.Heartbeat(Origin, k, "phone", ActivityOnline, 7); o != Done {
		t.Fatalf("by name: %d", o)
	}
	p.Advance(Origin + 1000)
	p.Heartbeat(Origin+1000, k, "phone", ActivityOnline, 8)
	if p.pulse(0).generation != 0 || p.find(k) == 0 {
		t.Fatalf("slot 0 was used again: %+v", p.pulse(0))
	}
}

// TestSessions is rule 4: a half-open socket can neither keep nor sign out the device of a live
// one.
func TestSessions(t *testing.T) {
	k := KeyOf("ada")
	p := New(testSettings(), NewMemory(testSettings()), 0, Origin)
	p.Announce(Origin, Announcement{k, "phone", ActivityOnline, 5})
	_, taken, _ := p.Announce(Origin, Announcement{k, "phone", ActivityOnline, 9})
	if !taken {
		t.Error("the newer session did not take the device")
	}
	if o := p.Close(Origin, k, "phone", 5); o != Replaced {
		t.Errorf("close of the older: %d", o)
	}
	if o := p.Goodbye(k, "phone", 5, 50); o != Replaced {
		t.Errorf("goodbye of the older: %d", o)
	}
	if _, _, o := p.Announce(Origin, Announcement{k, "phone", ActivityIdle, 5}); o != Replaced {
		t.Errorf("announce of the older: %d", o)
	}
	p.Advance(Origin + 10)
	if got := p.State(k, Viewer{}); got != Online {
		t.Errorf("the newer one's device is %v", got)
	}
	if o := p.Goodbye(k, "phone", 9, 60); o != Done {
		t.Errorf("goodbye of the newer: %d", o)
	}
	if _, _, o := p.Announce(Origin+10, Announcement{k, "phone", ActivityOnline, 60}); o != Gone {
		t.Errorf("announce after the goodbye: %d", o)
	}
	if _, _, o := p.Announce(Origin+10, Announcement{k, "phone", ActivityOnline, 61}); o != Done {
		t.Errorf("a later hello: %d", o)
	}
}

func TestOlderFactsChangeNothing(t *testing.T) {
	k := KeyOf("ada")
	p := New(testSettings(), NewMemory(testSettings()), 0, Origin)
	p.Heartbeat(Origin, k, "phone", ActivityOnline, 1)
	p.SetOverride(Origin, k, OverrideAuto, 20) // a value like the others
	p.SetOverride(Origin, k, OverrideBusy, 10)
	p.SetKind(k, KindHuman, 20)
	p.SetKind(k, KindModel, 10)
	if got := p.look(p.find(k)); got != (look{public: Online, inner: Online, self: Online, unseen: Offline}) {
		t.Errorf("older values won: %+v", got)
	}
}

func TestClock(t *testing.T) {
	c := NewClock(0xabc)
	const wall = 1_800_000_000_000
	v := c.Next(wall)
	if v.Millis() != wall || v&0xfff != 0xabc {
		t.Errorf("version %x: %d ms", v, v.Millis())
	}
	for range 5000 { // more than the counter holds
		next := c.Next(wall - 1000)
		if next <= v {
			t.Fatal("a version is not above the last")
		}
		v = next
	}
	ahead := NewClock(1).Next(wall + MaxAheadMillis)
	if err := c.Observe(ahead, wall); err != nil || c.Next(wall) <= ahead {
		t.Errorf("a minute ahead: %v", err)
	}
	if err := c.Observe(NewClock(1).Next(wall+MaxAheadMillis+1), wall); !errors.Is(err, ErrVersionAhead) {
		t.Errorf("over a minute ahead: %v", err)
	}
	if top := Ceiling(wall); top < ahead || top >= NewClock(0).Next(wall+MaxAheadMillis+1) {
		t.Errorf("ceiling %x", top)
	}
}

// TestChurnLeavesNothing lets a crowd of short visits come and go and a large crowd leave: counts
// and memory must be back where they began.
func TestChurnLeavesNothing(t *testing.T) {
	set := testSettings()
	p := New(set, NewMemory(set), 0, Origin)
	now := Origin
	visit := func(n, round int) {
		for i := range n {
			id := fmt.Sprintf("visitor-%d-%d", round, i)
			p.Heartbeat(now, KeyOf(id), "phone", ActivityOnline, Version(round+1))
			if i%3 == 0 {
				p.SignOut(KeyOf(id), "phone", Version(round+2))
			}
		}
		now += set.RecordTTL * 2
		p.Advance(now)
		p.TakeChanges(nil)
	}
	visit(100, 0)
	small := p.footprint()
	visit(50_000, 1)
	for round := range 50 {
		visit(100, round+2)
	}
	if c := p.Counts(); c != (Counts{}) {
		t.Errorf("left over: %+v", c)
	}
	if got := p.footprint(); got > 2*small {
		t.Errorf("memory is %d bytes, was %d", got, small)
	}
	if err := p.Check(); err != nil {
		t.Error(err)
	}
}

// scatter gives each participant and each device another slot, as renumber does with some.
func (p *Partition) scatter() {
	for _, who := range slices.Sorted(p.index.all) {
		if person := p.people.at(who); person.has(infoFact) {
			p.moveFact(person)
			if f := p.factOf(who); f.list != none {
				p.moveList(f)
			}
		}
		for d := p.nextOf(who); d&isParticipant == 0; {
			next := p.nextOf(d)
			p.moveExtra(who, d)
			d = next
		}
		p.moveParticipant(who)
	}
	for _, w := range slices.Collect(p.allWindows) {
		p.moveWindow(w)
	}
	p.refile()
}

// footprint is the memory that grows with participants.
func (p *Partition) footprint() int {
	all, own := p.Memory.Bytes(), p.Bytes()
	return all.All() + own.All()
}

func TestWindowLimitKeepsTheNewest(t *testing.T) {
	set := testSettings() // three windows
	p := New(set, NewMemory(set), 0, Origin)
	k := KeyOf("ada")
	p.Heartbeat(Origin, k, "phone", ActivityOnline, 1)
	p.SetOverride(Origin, k, OverrideAppearOffline, 2)
	for i, at := range []int64{40, 10, 30, 20, 50} {
		p.OpenWindow(Origin, k, KeyOf(fmt.Sprint("peer", i)), set.OriginMillis+at)
	}
	open := ""
	for i := range 5 {
		if p.State(k, viewerNamed(fmt.Sprint("peer", i))) == Online {
			open += fmt.Sprint(i)
		}
	}
	if open != "024" {
		t.Errorf("windows of %s are open, want 024", open)
	}
	o := p.OpenWindow(Origin, KeyOf("late"), k, set.OriginMillis-set.WindowMillis)
	if o != Done || p.find(KeyOf("late")) != none {
		t.Error("a window that is over made a record")
	}
}

// TestViewCostsTheSame counts the work of a read that anybody may repeat: it must not show whether
// somebody is there and hiding, or not there.
func TestViewCostsTheSame(t *testing.T) {
	set := testSettings()
	set.MaxExceptions, set.WindowMillis = 1000, 1<<40
	hiding, gone := KeyOf("hiding"), KeyOf("gone")
	p := New(set, NewMemory(set), 0, Origin)
	for _, k := range []Key{hiding, gone} {
		p.Heartbeat(Origin, k, "phone", ActivityOnline, 1)
		p.SetOverride(Origin, k, OverrideAppearOffline, 2)
		for i := range 1000 {
			p.OpenWindow(Origin, k, KeyOf(fmt.Sprint("peer", i)), set.OriginMillis)
		}
	}
	p.SignOut(gone, "phone", 3)
	stranger := viewerNamed("stranger")
	for name, read := range map[string]func(k Key){
		"view":   func(k Key) { p.View(k) },
		"record": func(k Key) { p.Record(Origin, k, stranger, false) },
		"state":  func(k Key) { p.State(k, stranger) },
	} {
		a := testing.AllocsPerRun(20, func() { read(hiding) })
		b := testing.AllocsPerRun(20, func() { read(gone) })
		if a != b {
			t.Errorf("%s: %v allocations for who hides, %v for who is gone", name, a, b)
		}
	}
}
