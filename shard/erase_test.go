package shard

import (
	"bytes"
	"fmt"
	"reflect"
	"slices"
	"testing"
)

// full is a partition in which ada has all there is to have, and ben, cleo and dan have windows
// with her.
func full(set *Settings) *Partition {
	p, ada := New(set, NewMemory(set), 0, Origin), KeyOf("ada")
	v := lastOf(set.OriginMillis)
	p.Announce(Origin, Announcement{ada, "phone", ActivityOnline, v - 9})
	p.Announce(Origin, Announcement{ada, "tab", ActivityIdle, v - 8})
	p.SignOut(ada, "tv", v-7)
	p.SetOverride(Origin, ada, OverrideAppearOffline, v-6)
	p.SetKind(ada, KindHuman, v-5)
	for _, id := range []string{"ben", "cleo", "dan"} {
		p.OpenWindow(Origin, ada, KeyOf(id), set.OriginMillis)
		p.OpenWindow(Origin, KeyOf(id), ada, set.OriginMillis)
	}
	p.TakeChanges(nil)
	return p
}

func pagesOf(a *arena) (all [][]byte) {
	for _, page := range a.pages {
		if page != nil {
			all = append(all, page[:])
		}
	}
	return all
}

// TestEraseForgetsAll: not even the memory of a partition has the id, or what was with it.
func TestEraseForgetsAll(t *testing.T) {
	set := testSettings()
	p := full(set)
	p.OpenWindow(Origin, KeyOf("ben"), KeyOf("cleo"), set.OriginMillis)
	before := p.Counts()
	e, devices := p.Erase(KeyOf("ada"), lastOf(set.OriginMillis), set.OriginMillis)
	if fmt.Sprint(devices) != "[phone tab tv]" || e.Version < lastOf(set.OriginMillis) {
		t.Errorf("erased %q by %d", devices, e.Version)
	}
	p.Advance(Origin + 1)
	if c := p.Counts(); c != (Counts{Participants: 1, Windows: 1}) || before.Windows != 7 {
		t.Errorf("of %+v are left %+v", before, c)
	}
	for what, b := range map[string][]byte{"the names": slices.Concat(pagesOf(&p.names)...), "a snapshot": p.Snapshot(Origin+1, 1)} {
		if bytes.Contains(b, []byte("ada")) || !bytes.Contains(b, []byte("ben")) {
			t.Errorf("%s: %q", what, b)
		}
	}
	if got, want := p.View(KeyOf("ada")), p.View(KeyOf("zoe")); got != want {
		t.Errorf("ada looks like %+v, and who was never there like %+v", got, want)
	}
	record := func(k Key) Record { return p.Record(Origin+1, k, viewerNamed(k.ID), true) }
	if got, want := record(KeyOf("ada")), record(KeyOf("zoe")); !reflect.DeepEqual(got, want) {
		t.Errorf("ada's record is %+v, and that of who was never there %+v", got, want)
	}
	if h := p.Account(Origin+1, KeyOf("ada")); !reflect.DeepEqual(h, Account{}) {
		t.Errorf("held: %+v", h)
	}
	if err := p.Check(); err != nil {
		t.Error(err)
	}
}

// TestErasedStaysErased brings back, in each way, what was known before. What is new counts.
func TestErasedStaysErased(t *testing.T) {
	set := testSettings()
	ada, ben := KeyOf("ada"), KeyOf("ben")
	old := full(set)
	v := lastOf(set.OriginMillis)
	snapshot := old.Snapshot(Origin, 7)
	old.Mirror(true)
	old.SetOverride(Origin, ada, OverrideBusy, v-1)
	old.OpenWindow(Origin, KeyOf("eve"), ada, set.OriginMillis)
	records := old.TakeRecords(Origin, nil)
	for name, bring := range map[string]func(p *Partition) error{
		"a snapshot":         func(p *Partition) error { _, err := p.Merge(Origin, snapshot, ceiling); return err },
		"a snapshot to fill": func(p *Partition) error { _, err := p.Fill(Origin, 0, snapshot, ceiling); return err },
		"records":            func(p *Partition) error { _, err := p.Apply(Origin, 0, records, ceiling); return err },
		"a remembered pick":  func(p *Partition) error { p.RecallOverride(Origin, ada, OverrideBusy, 0, v-6); return nil },
		"a message": func(p *Partition) error {
			p.OpenWindow(Origin, ada, ben,
				set.OriginMillis)
			return nil
		},
		"a message of others": func(p *Partition) error {
			p.OpenWindow(Origin, ben, ada,
				set.OriginMillis)
			return nil
		},
		"a socket": func(p *Partition) error {
			if _, _, o := p.Announce(Origin, Announcement{ada, "phone", ActivityOnline, v - 9}); o != Gone {
				return fmt.Errorf("its announcement: %d", o)
			}
			return nil
		},
	} {
		t.Run(name, func(t *testing.T) {
			p := NewCopy(set, NewMemory(set), 0, Origin)
			p.Erase(ada, v, set.OriginMillis)
			if err := bring(p); err != nil {
				t.Fatal(err)
			}
			if h := p.Account(Origin, ada); !reflect.DeepEqual(h, Account{}) || p.Counts().Windows != 0 {
				t.Errorf("it is back: %+v, %+v", h, p.Counts())
			}
			p.SetOverride(Origin, ada, OverrideBusy, v+1)
			p.OpenWindow(Origin, ben, ada, set.OriginMillis+1)
			_, _, o := p.Announce(Origin, Announcement{ada, "phone", ActivityOnline, v + 2})
			if got := p.State(ada, Viewer{}); got != Busy || o != Done || p.Counts().Windows != 1 {
				t.Errorf("what is new: %v, %d, %+v", got, o, p.Counts())
			}
			if err := p.Check(); err != nil {
				t.Error(err)
			}
		})
	}
}

// TestErasureTravels: whoever takes over a partition, or follows it, forgets too, and remembers
// that.
func TestErasureTravels(t *testing.T) {
	set := testSettings()
	p := full(set)
	p.Mirror(true)
	e, _ := p.Erase(KeyOf("ada"), lastOf(set.OriginMillis), set.OriginMillis)
	records := p.TakeRecords(Origin, nil)
	if bytes.Contains(records, []byte("ada")) {
		t.Errorf("the record has the name: %q", records)
	}
	for name, tell := range map[string]func(q *Partition) error{
		"a snapshot": func(q *Partition) error {
			_,
				err := q.Merge(Origin, p.Snapshot(Origin, 8), ceiling)
			return err
		},
		"a record": func(q *Partition) error { _, err := q.Apply(Origin, 0, records, ceiling); return err },
	} {
		q := full(set)
		q.SetOverride(Origin, KeyOf("ada"), OverrideBusy, e.Version+1) // came after it
		if err := tell(q); err != nil {
			t.Fatal(err)
		}
		h := q.Account(Origin, KeyOf("ada"))
		if h.Override != OverrideBusy || len(h.Devices)+len(h.Windows) > 0 || h.KindAt != 0 ||
			!q.Erased().Has(e) || q.TakeStruck() == 0 {
			t.Errorf("%s: %+v, %v", name, h, q.Erased())
		}
		if q.Counts().Windows != 0 {
			t.Errorf("%s: others have %d windows with her", name, q.Counts().Windows)
		}
		if err := q.Check(); err != nil {
			t.Error(err)
		}
	}
}

// TestStrike: of who is erased elsewhere go the windows that others have here, and the ones of no
// other.
func TestStrike(t *testing.T) {
	set := testSettings()
	erased, _ := New(set, NewMemory(set), 0, Origin).Erase(KeyOf("ada"), lastOf(set.OriginMillis), set.OriginMillis)
	never, _ := New(set, NewMemory(set), 0, Origin).Erase(KeyOf("zoe"), lastOf(set.OriginMillis), set.OriginMillis)
	p := full(set)
	for i := range 200 {
		p.OpenWindow(Origin, KeyOf(fmt.Sprint("w", i)), KeyOf([]string{"ada", "ben"}[i%2]), set.OriginMillis)
	}
	p.OpenWindow(Origin, KeyOf("late"), KeyOf("ada"), set.OriginMillis+1)
	p.TakeChanges(nil)
	if p.Strike(Seek(Erasures{never}, 1), 0) || len(p.Erased()) > 0 || p.TakeStruck() != 0 {
		t.Error("an erasure that concerns nobody here is remembered")
	}
	for _, when := range []string{"at once", "again"} {
		if !p.Strike(Seek(Erasures{erased}, 1), 0) || len(p.Erased()) != 1 {
			t.Errorf("one that concerns somebody here is not, %s", when)
		}
	}
	ended := 0
	p.TakeChanges(func(c Change) {
		if c.Pair && c.Trust == Stranger {
			ended++
		}
	})
	if c := p.Counts(); c.Windows != 101 || ended != 106 {
		t.Errorf("%d windows are left, the end of %d was told", c.Windows, ended)
	}
	p.Advance(Origin + 700)
	if c := p.Counts(); c != (Counts{}) {
		t.Errorf("after their time there are %+v", c)
	}
	if err := p.Check(); err != nil {
		t.Error(err)
	}
}

// TestEraseEmpty: somebody whose last window was struck, or has ended at this tick, leaves no
// record behind.
func TestEraseEmpty(t *testing.T) {
	set := testSettings()
	for name, end := range map[string]func(p *Partition){
		"struck": func(p *Partition) { p.Erase(KeyOf("ben"), lastOf(set.OriginMillis), set.OriginMillis) },
		"ended":  func(p *Partition) { p.Advance(set.tickAfter(set.OriginMillis + set.WindowMillis)) },
	} {
		p := New(set, NewMemory(set), 0, Origin)
		p.OpenWindow(Origin, KeyOf("ada"), KeyOf("ben"), set.OriginMillis)
		end(p)
		p.Erase(KeyOf("ada"), lastOf(set.OriginMillis), set.OriginMillis)
		if c := p.Counts(); c != (Counts{}) {
			t.Errorf("%s: %+v", name, c)
		}
		if err := p.Check(); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestErasuresEnd: they are forgotten after their time, wake the partition for it, and are never
// more than MaxErasures.
func TestErasuresEnd(t *testing.T) {
	set := testSettings()
	p := New(set, NewMemory(set), 0, Origin)
	for i := range set.MaxErasures + 2 {
		p.Erase(KeyOf(fmt.Sprint("p", i)), lastOf(set.OriginMillis+int64(i)), set.OriginMillis)
	}
	if len(p.Erased()) != set.MaxErasures || p.erasedUntil(KeyOf("p0")) != 0 || p.erasedUntil(KeyOf("p6")) == 0 {
		t.Errorf("%d are remembered", len(p.Erased()))
	}
	for p.Next() != never {
		p.Advance(p.Next())
	}
	if now := p.wheel.now; len(p.Erased()) != 0 || now > Origin+set.ErasureTTL+10 {
		t.Errorf("at tick %d, %d are left", now-Origin, len(p.Erased()))
	}
}

// TestEraseCoversMessagesAhead: one that is dated ahead, however far, is erased too, wherever a
// copy of it turns up. It neither lifts the version, nor has messages thrown away that come later.
func TestEraseCoversMessagesAhead(t *testing.T) {
	set := testSettings()
	ada, ben := KeyOf("ada"), KeyOf("ben")
	for _, ahead := range []int64{0, 4000, 600_000} {
		p, q := New(set, NewMemory(set), 0, Origin), NewCopy(set, NewMemory(set), 0, Origin)
		p.Mirror(true)
		for _, k := range []struct{ who, peer Key }{{ada, ben}, {ben, ada}} {
			p.OpenWindow(Origin, k.who, k.peer, set.OriginMillis+ahead)
		}
		old := p.Snapshot(Origin, 3)
		follow := func() {
			t.Helper()
			if _, err := q.Apply(Origin, 0, p.TakeRecords(Origin, nil), Ceiling(set.OriginMillis)); err != nil {
				t.Fatal(err)
			}
		}
		follow()
		e, _ := p.Erase(ada, lastOf(set.OriginMillis), set.OriginMillis)
		if e.Version != lastOf(set.OriginMillis) || e.At != set.OriginMillis {
			t.Errorf("ahead by %d: erased by %+v", ahead, e)
		}
		follow()
		for name, c := range map[string]*Partition{"the owner": p, "the copy": q} {
			if _, err := c.Merge(Origin, old, Ceiling(set.OriginMillis)); err != nil || c.Counts().Windows != 0 {
				t.Errorf("ahead by %d, %s: %v, %+v", ahead, name, err, c.Counts())
			}
		}
		if o := p.OpenWindow(Origin, ada, ben, set.OriginMillis); o != Erased {
			t.Errorf("ahead by %d: a message from before is answered %d", ahead, o)
		}
		if o := p.OpenWindow(Origin, ada, ben, set.OriginMillis+1); o != Done {
			t.Errorf("ahead by %d: a new message is answered %d", ahead, o)
		}
		follow()
		if p.Counts().Windows != 1 || q.Counts().Windows != 1 {
			t.Errorf("ahead by %d: the new message is at the owner %d times, at the copy %d times",
				ahead, p.Counts().Windows, q.Counts().Windows)
		}
		if _, err := New(set, NewMemory(set), 0, Origin).Merge(Origin, p.Snapshot(Origin, 4), Ceiling(set.OriginMillis)); err != nil {
			t.Errorf("ahead by %d: handed over: %v", ahead, err)
		}
	}
}

// TestFormerSnapshot: a disk may have been written before there were erasures.
func TestFormerSnapshot(t *testing.T) {
	set := testSettings()
	b := full(set).Snapshot(Origin, 5) // one byte each: format, id, number of erasures
	former := append([]byte{formerFormat, b[1]}, b[3:]...)
	p := NewCopy(set, NewMemory(set), 0, Origin)
	if _, err := p.Fill(Origin, 0, former, ceiling); err != nil || p.Counts().Windows != 6 {
		t.Errorf("%v, %+v", err, p.Counts())
	}
}

// TestAccount reads all there is.
func TestAccount(t *testing.T) {
	set := testSettings()
	p := full(set)
	v := lastOf(set.OriginMillis)
	at := set.OriginMillis
	want := Account{
		Override: OverrideAppearOffline, OverrideAt: v - 6, Frozen: Origin, Kind: KindHuman, KindAt: v - 5,
		LastSeen: Origin,
		Devices: []KeptDevice{
			{"phone", DeviceLive, ActivityOnline, Origin, v - 9},
			{"tab", DeviceLive, ActivityIdle, Origin, v - 8},
			{"tv", DeviceSignedOut, ActivityIdle, 0, v - 7},
		},
		Windows: []KeptWindow{{"dan", at}, {"cleo", at}, {"ben", at}},
	}
	if got := p.Account(Origin, KeyOf("ada")); !reflect.DeepEqual(got, want) {
		t.Errorf("got  %+v\nwant %+v", got, want)
	}
}

// BenchmarkStrike is what an erasure costs for each window in a partition.
func BenchmarkStrike(b *testing.B) {
	const windows = 10_000
	set := testSettings()
	e, _ := New(set, NewMemory(set), 0, Origin).Erase(KeyOf("nobody"), lastOf(set.OriginMillis), set.OriginMillis)
	p := New(set, NewMemory(set), 0, Origin)
	for i := range windows {
		p.OpenWindow(Origin, KeyOf(fmt.Sprint("somebody-", i)), KeyOf(fmt.Sprint("somebody-else-", i)),
			set.OriginMillis)
	}
	for b.Loop() {
		p.Strike(Seek(Erasures{e}, 1), 0)
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/windows, "ns/window")
}
