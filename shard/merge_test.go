package shard

import (
	"bytes"
	"fmt"
	"testing"

	"pgregory.net/rapid"
)

// account is a partition's whole state as text, apart from what only one node knows: slots,
// generations and the ids of merged snapshots. Two nodes agree when their accounts do.
func (w *world) account(p *Partition) string {
	var b bytes.Buffer
	var erased Erasures
	erase := func(all []Erasure) {
		erased = all
		fmt.Fprintln(&b, all)
	}
	snapshot := Extended(p.Snapshot(w.m.now, 1), p.Extras(w.m.now, nil))
	_, _, err := readSnapshot(w.m.now, 0, snapshot, taking{erase, func(_ Version, in incoming) {
		fmt.Fprintln(&b, in.id, in.override, in.overrideVersion, in.frozen, in.kind, in.kindVersion)
		for _, x := range in.windows {
			fmt.Fprintln(&b, "  window", x)
		}
		for _, x := range sortedDevices(in.devices) {
			// A sign that an older session gave later may have come to be the newer one's.
			if erased.of(KeyOf(in.id).Hash, []byte(in.id)) != nil {
				if x.lastSign = 0; x.status == expired {
					continue
				}
			}
			fmt.Fprintln(&b, "  device", x)
		}
	}, func(in incomingExtra) {
		fmt.Fprintf(&b, "%s extra %x %x\n", in.id, in.audience, in.lastSeen)
		for _, x := range in.edges {
			fmt.Fprintln(&b, "  edge", x)
		}
		for _, x := range in.blocks {
			fmt.Fprintln(&b, "  block", x)
		}
	}, func(in opaque) {
		fmt.Fprintf(&b, "opaque %q\n", in.append(nil))
	}, func(in saying) {
		fmt.Fprintf(&b, "said %+v\n", in)
	}})
	if err != nil {
		w.t.Fatal(err)
	}
	return sortedBlocks(b.String())
}

// TestMergeInAnyOrder gives two nodes the same three snapshots in different orders and with
// repetitions.
func TestMergeInAnyOrder(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		snapshots := diverged(t)
		w := newWorld(t)
		w.m.now, w.set.MaxDevices, w.set.MaxExceptions = snapshots.now, len(testDevices), 3*len(testPeople)
		first, second := New(w.set, NewMemory(w.set), 1, w.m.now), New(w.set, NewMemory(w.set), 2, w.m.now)
		orders := rapid.Permutation([]int{0, 1, 2})
		merge := func(p *Partition, order []int) {
			for _, i := range order {
				if _, err := p.Merge(w.m.now, snapshots.of[i], ^Version(0)); err != nil {
					t.Fatal(err)
				}
				if err := p.Check(); err != nil {
					t.Fatal(err)
				}
			}
		}
		merge(first, orders.Draw(t, "first"))
		merge(second, orders.Draw(t, "second"))
		merge(second, orders.Draw(t, "again"))
		if a, b := w.account(first), w.account(second); a != b {
			t.Fatalf("two orders, two results:\n%s\n--- and\n%s", a, b)
		}
	})
}

type accounts struct {
	of  [3][]byte
	now Tick
}

// diverged is three nodes' snapshots of one partition: each got another part of the same
// operations.
func diverged(t *rapid.T) (a accounts) {
	var nodes [3]*world
	var clock *Clock
	for i := range nodes {
		nodes[i] = newWorld(t)
		// A limit may cut differently in another order.
		nodes[i].set.MaxDevices, nodes[i].set.MaxExceptions = len(testDevices), 3*len(testPeople)
		if clock == nil {
			clock = nodes[i].clock
		}
		nodes[i].clock = clock // versions are unique across nodes
	}
	for range rapid.IntRange(1, 40).Draw(t, "operations") {
		w := nodes[rapid.IntRange(0, 2).Draw(t, "node")]
		ops := []func(*rapid.T){
			w.announce, w.heartbeat, w.close, w.goodbye, w.signOut, w.override, w.kind, w.window,
			w.erase, w.edge, w.block, w.visibility, w.opaque,
			w.pick, w.status, w.claim, w.availability,
		}
		ops[rapid.IntRange(0, len(ops)-1).Draw(t, "operation")](t)
		if rapid.IntRange(0, 3).Draw(t, "wait") == 0 {
			by := Tick(rapid.IntRange(1, 12).Draw(t, "ticks"))
			for _, w := range nodes {
				w.m.advance(w.m.now + by)
				w.p.Advance(w.m.now)
			}
		}
	}
	for i, w := range nodes {
		a.of[i], a.now = Extended(w.p.Snapshot(w.m.now, Version(100+i)), w.p.Extras(w.m.now, nil)), w.m.now
	}
	return a
}

// TestMergeIntoNothing moves a partition to a new node: everybody must look the same there, now and
// later.
func TestMergeIntoNothing(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		w := newWorld(t)
		ops := []func(*rapid.T){
			w.announce, w.heartbeat, w.close, w.goodbye, w.signOut, w.override, w.kind, w.window, w.erase, w.advance,
			w.edge, w.block, w.visibility, w.opaque,
			w.pick, w.status, w.claim, w.availability,
		}
		move := func(t *rapid.T) {
			snapshot := Extended(w.p.Snapshot(w.m.now, w.stamp()), w.p.Extras(w.m.now, nil))
			next := New(w.set, NewMemory(w.set), 9, w.m.now)
			top, err := next.Merge(w.m.now, snapshot, ^Version(0))
			if err != nil {
				t.Fatal(err)
			}
			if err := w.clock.Observe(top, w.set.Time(w.m.now)); err != nil {
				t.Fatal(err)
			}
			next.TakeChanges(nil)
			w.p = next
			clear(w.refs) // handles hold for one tenancy
		}
		for range rapid.IntRange(1, 60).Draw(t, "operations") {
			if i := rapid.IntRange(0, len(ops)).Draw(t, "operation"); i < len(ops) {
				ops[i](t)
			} else {
				w.check(t)
				move(t)
			}
			w.check(t)
		}
	})
}

// TestRepeatedSnapshotExtendsNoLife is rule 3: remaining times count once.
func TestRepeatedSnapshotExtendsNoLife(t *testing.T) {
	set := testSettings()
	old := New(set, NewMemory(set), 0, Origin)
	old.Heartbeat(Origin, KeyOf("ada"), "phone", ActivityOnline, 1)
	snapshot := old.Snapshot(Origin, 77)

	p := New(set, NewMemory(set), 0, Origin)
	for now := Origin; now < Origin+3*set.Deadline; now++ {
		p.Advance(now)
		if _, err := p.Merge(now, snapshot, ^Version(0)); err != nil {
			t.Fatal(err)
		}
		want := Online
		if now > Origin+set.Deadline {
			want = Offline
		}
		if got := p.State(KeyOf("ada"), Viewer{}); got != want {
			t.Fatalf("%d ticks on: %v, want %v", now-Origin, got, want)
		}
	}
}

// TestExpiryIsNotAFact is rule 2: the side that heard nothing must not take the device from the
// side that did.
func TestExpiryIsNotAFact(t *testing.T) {
	set := testSettings()
	cutOff, alive := New(set, NewMemory(set), 0, Origin), New(set, NewMemory(set), 0, Origin)
	join := Announcement{KeyOf("ada"), "phone", ActivityOnline, 5}
	cutOff.Announce(Origin, join)
	ref, _, _ := alive.Announce(Origin, join)
	now := Origin
	for range 100 {
		now++
		alive.Touch(now, ref)
		alive.Advance(now)
		cutOff.Advance(now)
	}
	if got := cutOff.State(join.Participant, Viewer{}); got != Offline {
		t.Fatalf("the cut-off side says %v", got)
	}
	for _, side := range []struct{ into, from *Partition }{{cutOff, alive}, {alive, cutOff}} {
		if _, err := side.into.Merge(now, side.from.Snapshot(now, Version(now)), ^Version(0)); err != nil {
			t.Fatal(err)
		}
		if got := side.into.State(join.Participant, Viewer{}); got != Online {
			t.Fatalf("merged: %v", got)
		}
	}
}

// TestOldSnapshotRevivesNobody is the other half of rule 3: tombstones outlive what is under way.
func TestOldSnapshotRevivesNobody(t *testing.T) {
	set := testSettings()
	p := New(set, NewMemory(set), 0, Origin)
	clock := NewClock(1)
	k := KeyOf("ada")
	p.Announce(Origin, Announcement{k, "phone", ActivityOnline, clock.Next(set.Time(Origin))})
	old := p.Snapshot(Origin, 9)
	p.SignOut(k, "phone", clock.Next(set.Time(Origin)))
	now := Origin + set.Tombstone - 1
	p.Advance(now)
	if _, err := p.Merge(now, old, ^Version(0)); err != nil {
		t.Fatal(err)
	}
	if got := p.State(k, Viewer{}); got != Offline {
		t.Fatalf("an old snapshot made it %v", got)
	}
}

func TestMergeRefuses(t *testing.T) {
	set := testSettings()
	p := New(set, NewMemory(set), 0, Origin)
	p.Heartbeat(Origin, KeyOf("ada"), "phone", ActivityOnline, 1000)
	p.SetOverride(Origin, KeyOf("ben"), OverrideBusy, 2000)
	good := p.Snapshot(Origin, 3)
	for n := range good {
		q := New(set, NewMemory(set), 0, Origin)
		if _, err := q.Merge(Origin, good[:n], ^Version(0)); err == nil {
			t.Fatalf("the first %d of %d bytes were taken", n, len(good))
		}
		if q.Counts() != (Counts{}) {
			t.Fatalf("the first %d bytes left %+v", n, q.Counts())
		}
	}
	q := New(set, NewMemory(set), 0, Origin)
	if _, err := q.Merge(Origin, good, 1999); err == nil || q.Counts() != (Counts{}) {
		t.Fatalf("a version above the ceiling: %v, %+v", err, q.Counts())
	}
	if _, err := q.Merge(Origin, append(good, 0), ^Version(0)); err == nil {
		t.Fatal("trailing bytes were taken")
	}
}

func FuzzMerge(f *testing.F) {
	set := testSettings()
	p := New(set, NewMemory(set), 0, Origin)
	p.Announce(Origin, Announcement{KeyOf("ada"), "phone", ActivityOnline, 7})
	p.SetOverride(Origin, KeyOf("ada"), OverrideAppearOffline, 8)
	p.OpenWindow(Origin, KeyOf("ada"), KeyOf("ben"), set.OriginMillis)
	p.SignOut(KeyOf("cleo"), "tab", 9)
	f.Add(p.Snapshot(Origin, 3))
	p.SetStatus(Origin, KeyOf("ada"), Status{Text: "out", Emoji: "🚆", Until: set.Time(Origin + 90)}, false, 10)
	p.SetOverrideUntil(Origin, KeyOf("ada"), OverrideAppearOffline, set.Time(Origin+80), 11)
	p.SetClaim(Origin, KeyOf("ben"), "call", set.Time(Origin+70), 12)
	p.SetAvailability(Origin, KeyOf("model:x"), UntilSilent, 13)
	f.Add(Extended(p.Snapshot(Origin, 3), p.Extras(Origin, nil)))
	f.Fuzz(func(t *testing.T, b []byte) {
		q := New(set, NewMemory(set), 0, Origin)
		q.Heartbeat(Origin, KeyOf("ada"), "tab", ActivityIdle, 3)
		if _, err := q.Merge(Origin, b, ^Version(0)); err != nil && q.Counts().Participants != 1 {
			t.Fatalf("refused with %v, but left %+v", err, q.Counts())
		}
		if err := q.Check(); err != nil {
			t.Fatal(err)
		}
		q.Advance(Origin + 5000)
		if err := q.Check(); err != nil {
			t.Fatal(err)
		}
	})
}

// TestLaterFlipWins: of two accounts of one session the one that heard more flips counts, however
// awake the other is.
func TestLaterFlipWins(t *testing.T) {
	set := testSettings()
	stale, fresh := New(set, NewMemory(set), 0, Origin), New(set, NewMemory(set), 0, Origin)
	for _, p := range []*Partition{stale, fresh} {
		p.Announce(Origin, Announcement{KeyOf("ada"), "tab", ActivityOnline, 9})
	}
	fresh.Heartbeat(Origin+1, KeyOf("ada"), "tab", ActivityIdle, 10)
	for _, order := range [][2]*Partition{{stale, fresh}, {fresh, stale}} {
		p := New(set, NewMemory(set), 0, Origin)
		for i, from := range order {
			if _, err := p.Merge(Origin+2, from.Snapshot(Origin+2, Version(100+i)), ceiling); err != nil {
				t.Fatal(err)
			}
		}
		if got := p.State(KeyOf("ada"), Viewer{}); got != Idle {
			t.Errorf("%v, want idle", got)
		}
	}
	top := fresh.device(0)
	for top.flips = 1<<16 - 2; fresh.device(0).flips < 1<<16-1; {
		fresh.Heartbeat(Origin+2, KeyOf("ada"), "tab", ActivityOnline, 11)
		fresh.Heartbeat(Origin+2, KeyOf("ada"), "tab", ActivityIdle, 12)
	}
	if fresh.Heartbeat(Origin+2, KeyOf("ada"), "tab", ActivityOnline, 13); fresh.device(0).flips != 1<<16-1 {
		t.Errorf("the count of flips goes round to %d", fresh.device(0).flips)
	}
}
