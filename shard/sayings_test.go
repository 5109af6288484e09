package shard

import (
	"fmt"
	"strings"
	"testing"
	"unsafe"
)

// TestStatusesAreSmall: who says nothing pays nothing. A status of 20 bytes takes 64 more, with an
// end or without, and nothing once it is forgotten.
func TestStatusesAreSmall(t *testing.T) {
	if person, fact := unsafe.Sizeof(person{}), unsafe.Sizeof(fact{}); person != 20 || fact != 32 {
		t.Errorf("a participant takes %d bytes, and %d for what was said", person, fact)
	}
	const people, text = 20_000, "on a train, back at 5"
	for _, until := range []Tick{0, 300} {
		set := testSettings()
		p := New(set, NewMemory(set), 0, Origin)
		k := func(i int) Key { return KeyOf(fmt.Sprintf("participant-%08d", i)) }
		for i := range people {
			p.SignOut(k(i), "tab", versionAt(set, Origin+100_000)) // remembered for long
		}
		taken := func() int { m, own := p.Memory.Bytes(), p.Bytes(); return m.All() + own.All() }
		before := taken()
		for i := range people {
			s := Status{Text: text[:20]}
			if until != 0 {
				s.Until = set.Time(Origin + until)
			}
			p.SetStatus(Origin, k(i), s, false, versionAt(set, Origin)+Version(i))
		}
		p.TakeChanges(nil)
		if each := float64(taken()-before)/people - 20; each > 64 {
			t.Errorf("until %d: a status takes %.1f bytes more than its text", until, each)
		} else {
			t.Logf("until %d: %.1f bytes more than the text", until, each)
		}
		for i := range people {
			p.SetStatus(Origin, k(i), Status{}, false, versionAt(set, Origin)+people+Version(i))
		}
		for now := Origin; now < Origin+3*set.FactTTL; now += 50 {
			p.Advance(now)
		}
		if err := p.Check(); err != nil {
			t.Fatal(err)
		}
		if p.said != 0 || p.statements.there != 0 || len(p.firstSaid.cells) > 100 || p.ends != nil {
			t.Errorf("%d statements are left in %d pages, and %d cells", p.said, p.statements.there, len(p.firstSaid.cells))
		}
	}
}

// ahead is a copy of what a partition has, at a node whose clock is so many ticks behind.
func behind(set *Settings, ticks Tick) (*Settings, *Partition) {
	late := *set
	late.OriginMillis -= int64(ticks) * set.TickMillis
	return &late, NewCopy(&late, NewMemory(&late), 0, Origin)
}

// TestEndsAreToldOnce: the owner's clock decides when something ends. A copy that takes over
// doesn't bring it back, though by its own clock it isn't over yet. One that the owner has not told
// ends it by its own clock.
func TestEndsAreToldOnce(t *testing.T) {
	for _, told := range []bool{true, false} {
		set := testSettings()
		p, k := sayer(set)
		p.Mirror(true)
		late, c := behind(set, 30)
		follow := func(now Tick) {
			if _, err := c.Apply(now, 0, p.TakeExtras(now, p.TakeRecords(now, nil)), ceiling); err != nil {
				t.Fatal(err)
			}
		}
		next := stamps(set, Origin)
		until := set.Time(Origin + 10)
		p.SetStatus(Origin, k, Status{Text: "out", Until: until}, false, next())
		p.SetOverrideUntil(Origin, k, OverrideBusy, until, next())
		p.SetClaim(Origin, k, "call", until, next())
		p.note(p.find(k)) // ada herself
		follow(Origin)
		now := Origin + 12
		p.Heartbeat(now, k, "phone", ActivityOnline, 1)
		p.Advance(now)
		if v := p.View(k); v.Public != Online || p.Sayings(k) != nil {
			t.Fatalf("at the owner it is %+v, says %+v", v, p.Sayings(k))
		}
		if told {
			follow(now)
		}
		c.Promote(now)
		c.TakeChanges(nil)
		for ; now < Origin+60; now++ {
			c.Heartbeat(now, k, "phone", ActivityOnline, 1)
			c.Advance(now)
			over := told || late.Time(now) >= until
			if v, s := c.View(k), c.Sayings(k); (v.Public == Online) != over || (s == nil) != over {
				t.Fatalf("told %v: at %d it is %v, says %+v; is it over: %v", told, now-Origin, v.Public, s, over)
			}
		}
		changes := 0
		c.TakeChanges(func(Change) { changes++ })
		if told && changes != 0 || !told && changes == 0 {
			t.Errorf("told %v: %d changes after the promotion", told, changes)
		}
	}
}

// TestEndsOnTime: of many ends each comes within its tick, and once.
func TestEndsOnTime(t *testing.T) {
	const many, within = 20_000, 300
	set := testSettings()
	p := New(set, NewMemory(set), 0, Origin)
	next := stamps(set, Origin)
	due := map[string]Tick{}
	for i := range many {
		id := fmt.Sprint("p", i)
		due[id] = Origin + 1 + Tick(i*7919%within)
		until := set.Time(due[id]) - int64(i%100) // within the tick before
		switch i % 3 {
		case 0:
			p.SetStatus(Origin, KeyOf(id), Status{Text: "out", Until: until}, false, next())
		case 1:
			p.SetOverrideUntil(Origin, KeyOf(id), OverrideBusy, until, next())
		case 2:
			p.SetClaim(Origin, KeyOf(id), "call", until, next())
		}
	}
	p.TakeChanges(nil)
	for now := Origin; now <= Origin+within+1; now++ {
		if p.Next() <= now {
			p.Advance(now)
		}
		p.TakeChanges(func(c Change) {
			if at, known := due[string(c.ID)]; !known || at != now {
				t.Fatalf("%s ends at %d, and was due at %d", c.ID, now-Origin, at-Origin)
			}
			delete(due, string(c.ID))
		})
	}
	if len(due) != 0 {
		t.Errorf("%d have not ended", len(due))
	}
}

// TestLongStatus: a text may be longer than a name of the arena, and moves in it with others.
func TestLongStatus(t *testing.T) {
	set := testSettings()
	p := New(set, NewMemory(set), 0, Origin)
	p.Mirror(true)
	next := stamps(set, Origin)
	long := func(i int) Status {
		return Status{Text: strings.Repeat(string(rune('a'+i%26)), 250+i%7), Emoji: strings.Repeat("x", i%33)}
	}
	const people = 500
	k := func(i int) Key { return KeyOf(fmt.Sprint("p", i)) }
	for i := range people {
		p.SetStatus(Origin, k(i), Status{Text: "before"}, false, next())
	}
	for i := range people {
		p.SetStatus(Origin, k(i), long(i), i%2 == 0, next())
	}
	p.purge()
	p.scatter()
	c := NewCopy(set, NewMemory(set), 0, Origin)
	if _, err := c.Apply(Origin, 0, p.TakeExtras(Origin, p.TakeRecords(Origin, nil)), ceiling); err != nil {
		t.Fatal(err)
	}
	f := NewCopy(set, NewMemory(set), 0, Origin)
	if _, err := f.Fill(Origin, 0, Extended(p.Snapshot(Origin, 1), p.Extras(Origin, nil)), ceiling); err != nil {
		t.Fatal(err)
	}
	for _, x := range []*Partition{p, c, f} {
		if err := x.Check(); err != nil {
			t.Fatal(err)
		}
		for i := range people {
			if a := x.Account(Origin, k(i)); a.Status.Status != long(i) || a.Status.Public != (i%2 == 0) {
				t.Fatalf("%d: %+v", i, a.Status)
			}
		}
	}
	left := 0
	p.Leave(func(uint64) { left++ })
	if p.statements.used != 0 || p.firstSaid.count != 0 || p.names.both.dead != p.names.both.written {
		t.Errorf("%d statements are left, of %d participants", p.statements.used, p.firstSaid.count)
	}
}

// TestCutWhileHiding: one side of a cut knows that ada hides, the other has her new status. When
// they come together, in whatever order, strangers see on what stood.
func TestCutWhileHiding(t *testing.T) {
	set := testSettings()
	next := stamps(set, Origin)
	here, k := sayer(set)
	there, _ := sayer(set)
	first := next()
	for _, p := range []*Partition{here, there} {
		p.SetStatus(Origin, k, Status{Text: "first"}, false, first)
	}
	here.SetOverride(Origin, k, OverrideAppearOffline, next())
	there.SetStatus(Origin, k, Status{Text: "second"}, false, next())
	there.SetStatus(Origin, k, Status{Text: "third"}, false, next())
	there.OpenWindow(Origin, k, KeyOf("cleo"), set.Time(Origin))
	for i, order := range [][2]*Partition{{here, there}, {there, here}} {
		p := New(set, NewMemory(set), 0, Origin)
		for j, from := range order {
			all := Extended(from.Snapshot(Origin, Version(10*i+j+1)), from.Extras(Origin, nil))
			if _, err := p.Merge(Origin, all, ceiling); err != nil {
				t.Fatal(err)
			}
		}
		for viewer, want := range map[string]string{"": "first", "ben": "first", "cleo": "third", "ada": "third"} {
			if got := p.Record(Origin, k, viewerNamed(viewer), false).Status.Text; got != want {
				t.Errorf("order %d: %q sees %q, want %q", i, viewer, got, want)
			}
		}
	}
}

// TestSaidBehind: what was said while its participant hid is shown to no stranger by a newer pick
// to hide, of which it isn't known that it was picked again: it comes from the other side of a cut,
// or from a gateway. If it was seen by everyone in between, it stands.
func TestSaidBehind(t *testing.T) {
	set := testSettings()
	for name, again := range map[string]func(p *Partition, k Key, first, newer Version){
		"picked at the other side": func(p *Partition, k Key, first, newer Version) {
			there, _ := sayer(set)
			there.SetOverride(Origin, k, OverrideAppearOffline, first)
			there.SetOverride(Origin, k, OverrideAppearOffline, newer)
			all := Extended(there.Snapshot(Origin, newer), there.Extras(Origin, nil))
			if _, err := p.Merge(Origin, all, ceiling); err != nil {
				t.Fatal(err)
			}
		},
		"hidden at the other side, too": func(p *Partition, k Key, first, newer Version) {
			there, _ := sayer(set)
			there.SetStatus(Origin, k, Status{Text: "first"}, false, first-1)
			there.SetOverride(Origin, k, OverrideAppearOffline, newer)
			all := Extended(there.Snapshot(Origin, newer), there.Extras(Origin, nil))
			if _, err := p.Merge(Origin, all, ceiling); err != nil {
				t.Fatal(err)
			}
		},
		"recalled": func(p *Partition, k Key, _, newer Version) {
			p.RecallOverride(Origin, k, OverrideAppearOffline, 0, newer)
		},
	} {
		next := stamps(set, Origin)
		p, k := sayer(set)
		p.OpenWindow(Origin, k, KeyOf("cleo"), set.Time(Origin))
		before, first := next(), next()
		p.SetStatus(Origin, k, Status{Text: "first"}, false, before)
		p.SetOverride(Origin, k, OverrideAppearOffline, first)
		p.SetStatus(Origin, k, Status{Text: "behind"}, false, next())
		again(p, k, first, next())
		sees := func(viewer string) string { return p.Record(Origin, k, viewerNamed(viewer), false).Status.Text }
		if a, b := sees("ben"), sees("cleo"); a != "first" || b != "behind" {
			t.Errorf("%s: a stranger sees %q, a friend %q", name, a, b)
		}
		for i, again := range []func(version Version){
			func(v Version) { p.SetOverride(Origin, k, OverrideAppearOffline, v) },
			func(v Version) { p.RecallOverride(Origin, k, OverrideAppearOffline, 0, v) },
		} {
			text := fmt.Sprint("behind ", i)
			p.SetStatus(Origin, k, Status{Text: text}, false, next())
			p.SetOverride(Origin, k, OverrideAuto, next())
			if again(next()); sees("ben") != text {
				t.Errorf("%s: %q, which everyone has seen, stands no more: %q", name, text, sees("ben"))
			}
		}
		if err := p.Check(); err != nil {
			t.Error(err)
		}
	}
}

// TestTooManyClaims: a ninth source is refused, a renewal isn't. Those of two sides of a cut all
// count, up to a bound.
func TestTooManyClaims(t *testing.T) {
	set := testSettings()
	next := stamps(set, Origin)
	until := set.Time(Origin + 100)
	p, k := sayer(set)
	q, _ := sayer(set)
	for i := range MaxClaims {
		p.SetClaim(Origin, k, fmt.Sprint("p", i), until, next())
		q.SetClaim(Origin, k, fmt.Sprint("q", i), until, next())
	}
	if o := p.SetClaim(Origin, k, "ninth", until, next()); o != TooManyClaims {
		t.Errorf("a ninth claim: %d", o)
	}
	if o := p.SetClaim(Origin, k, "p3", until+1, next()); o != Done {
		t.Errorf("a renewal: %d", o)
	}
	if _, err := p.Merge(Origin, Extended(q.Snapshot(Origin, 7), q.Extras(Origin, nil)), ceiling); err != nil {
		t.Fatal(err)
	}
	if n := len(p.Account(Origin, k).Claims); n != 2*MaxClaims {
		t.Errorf("%d claims of two sides", n)
	}
	for i := range 100 {
		p.SetClaim(Origin, k, fmt.Sprint("old", i), 0, next())
	}
	if live, over := p.claimsOf(p.find(k), ""); live != 2*MaxClaims || over != MaxClaims {
		t.Errorf("%d claims are live, and %d are remembered", live, over)
	}
}

// TestStatementsRefused: one that can't be is refused with all that came with it, and said so.
func TestStatementsRefused(t *testing.T) {
	set := testSettings()
	v := versionAt(set, Origin)
	p := New(set, NewMemory(set), 0, Origin)
	write := func(in saying) []byte {
		in.version = max(in.version, v)
		return p.appendSaying(nil, []byte("ada"), &in)
	}
	good := write(saying{kind: saidClaim, source: "call", until: 5})
	for says, b := range map[string][]byte{
		"text contains U+0007":       write(saying{kind: saidStatus, text: "a\a"}),
		"both empty":                 write(saying{kind: saidStood}),
		"out of range":               write(saying{kind: saidStatus, text: strings.Repeat("x", MaxStatusText+1)}),
		"emoji is 33 bytes long":     write(saying{kind: saidStatus, emoji: strings.Repeat("x", 33)}),
		"the mark 0x4":               write(saying{kind: saidStatus, text: "a", mark: 4}),
		"kind 19, version":           write(saying{kind: saidAvailability}),
		"claim without an end":       write(saying{kind: saidClaim, source: "call"}),
		"it contains U+0041":         write(saying{kind: saidClaim, source: "A", until: 5}),
		"kind 16 with a source":      write(saying{kind: saidStatus, text: "a", source: "call"}),
		"ahead of the clock":         write(saying{kind: saidStatus, text: "a", version: v + 2}),
		"bytes wanted":               good[:len(good)-1],
		"first pick of a run is cut": append([]byte{saidPick, 16}, write(saying{kind: saidPick})[2:18]...),
	} {
		c := NewCopy(set, NewMemory(set), 0, Origin)
		_, err := c.Apply(Origin, 0, append(write(saying{kind: saidStatus, text: "a"}), b...), v+1)
		if err == nil || !strings.Contains(err.Error(), says) || c.Counts() != (Counts{}) {
			t.Errorf("%v, want one that says %q", err, says)
		}
	}
}
