package shard

import (
	"fmt"
	"testing"

	"pgregory.net/rapid"
)

// sayer is a partition in which ada is online.
func sayer(set *Settings) (*Partition, Key) {
	p, k := New(set, NewMemory(set), 0, Origin), KeyOf("ada")
	p.Heartbeat(Origin, k, "phone", ActivityOnline, 1)
	p.TakeChanges(nil)
	return p, k
}

// versionAt is the first version of a tick.
func versionAt(set *Settings, t Tick) Version { return NewClock(0).Next(set.Time(t)) }

// TestEdgesEnd: an edge ends at its tick, is told, and leaves nothing once an older one can't come
// back. So it is with one that ends earlier than another one that was set before, in a copy that is
// promoted before some end, and after a renumbering.
func TestEdgesEnd(t *testing.T) {
	set := testSettings()
	set.MaxExceptions = 10
	p, k := sayer(set)
	p.Mirror(true)
	copied := NewCopy(set, NewMemory(set), 0, Origin)
	v := versionAt(set, Origin)
	for i, ticks := range []Tick{300, 20, 100, 20} {
		e := Edge{Deny, set.Time(Origin + ticks)}
		p.SetEdge(Origin, k, viewerNamed(fmt.Sprint(i)), e, v+Version(i)<<kindBits)
	}
	if _, err := copied.Apply(Origin, 0, p.TakeExtras(Origin, p.TakeRecords(Origin, nil)), ceiling); err != nil {
		t.Fatal(err)
	}
	p.scatter()
	for _, x := range []*Partition{p, copied} {
		isCopy := x.copy
		for now := Origin; now < Origin+400; now++ {
			if x.copy && now == Origin+60 {
				x.Promote(now)
			}
			x.Advance(now)
			for i, ticks := range []Tick{300, 20, 100, 20} {
				want := Denied
				if now >= Origin+ticks {
					want = Stranger
				}
				if got := trustIn(x, k, viewerNamed(fmt.Sprint(i))); got != want {
					t.Fatalf("copy %v: at %d edge %d is %d, want %d", isCopy, now-Origin, i, got, want)
				}
			}
		}
		ended := 0
		x.TakeChanges(func(c Change) { ended += count(c.Pair && c.Trust == Stranger) })
		if want := 4 - 2*count(isCopy); ended != want { // nobody watches a copy
			t.Errorf("copy %v: the end of %d edges was told, want %d", isCopy, ended, want)
		}
		x.Advance(Origin + 400 + set.FactTTL)
		if l := x.listOf(x.find(k)); l != nil {
			t.Errorf("copy %v: %d cells are left", isCopy, l.cells)
		}
		if err := x.Check(); err != nil {
			t.Error(err)
		}
	}
}

// TestTiesAreStrict: of one version every node takes the same, and the stricter.
func TestTiesAreStrict(t *testing.T) {
	set := testSettings()
	ben, v := viewerNamed("ben"), versionAt(set, Origin)
	for _, order := range [][]Allowance{{Forget, Allow, Deny}, {Deny, Allow, Forget}, {Allow, Deny, Forget}} {
		p, k := sayer(set)
		for _, a := range order {
			p.SetEdge(Origin, k, ben, Edge{Allow: a}, v)
		}
		if got := trustIn(p, k, ben); got != Denied {
			t.Errorf("%v: %d", order, got)
		}
		p.SetEdge(Origin, k, ben, Edge{Allow: Allow}, v-1<<kindBits)
		if got := trustIn(p, k, ben); got != Denied {
			t.Errorf("%v: an older edge won: %d", order, got)
		}
	}
	for _, first := range []bool{false, true} {
		p, k := sayer(set)
		p.SetBlock(k, ben, first, v)
		p.SetBlock(k, ben, !first, v)
		if got := trustIn(p, k, ben); got != Denied {
			t.Errorf("blocked first %v: %d", first, got)
		}
	}
}

// TestABlockAndAnEdgeAreTwo: ending one leaves the other.
func TestABlockAndAnEdgeAreTwo(t *testing.T) {
	set := testSettings()
	p, k := sayer(set)
	ben := viewerNamed("ben")
	p.SetBlock(k, ben, true, 10<<kindBits)
	p.SetEdge(Origin, k, ben, Edge{Allow: Deny}, versionAt(set, Origin))
	p.SetBlock(k, ben, false, versionAt(set, Origin))
	if got := trustIn(p, k, ben); got != Denied {
		t.Errorf("after the block there is no edge: %d", got)
	}
	p.SetEdge(Origin, k, ben, Edge{}, versionAt(set, Origin+1))
	if got := trustIn(p, k, ben); got != Stranger {
		t.Errorf("after both: %d", got)
	}
}

// TestTheOldestWindowMakesRoom: for an edge and a block, which never do.
func TestTheOldestWindowMakesRoom(t *testing.T) {
	set := testSettings() // three exceptions
	p, k := sayer(set)
	for i := range 3 {
		p.OpenWindow(Origin, k, KeyOf(fmt.Sprint("peer", i)), set.OriginMillis+int64(i))
	}
	v := versionAt(set, Origin)
	for i, want := range []Outcome{Done, Done, Done, TooManyExceptions} {
		if got := p.SetEdge(Origin, k, viewerNamed(fmt.Sprint("viewer", i)), Edge{Allow: Allow}, v); got != want {
			t.Errorf("edge %d: %d, want %d", i, got, want)
		}
		if err := p.Check(); err != nil {
			t.Fatal(err)
		}
	}
	ben := viewerNamed("ben")
	if o := p.SetBlock(k, ben, true, v); o != TooManyExceptions {
		t.Errorf("a block: %d", o)
	}
	at, peer := set.OriginMillis+9, KeyOf("ben")
	opened, room := p.OpenWindow(Origin, k, peer, at), p.HasRoom(Origin, k, peer, at)
	if opened != TooManyExceptions || room != opened {
		t.Errorf("a window: %d, %d", opened, room)
	}
	if o := p.SetEdge(Origin, k, viewerNamed("viewer0"), Edge{Allow: Deny}, v+1<<kindBits); o != Done {
		t.Errorf("another word on one that is there: %d", o)
	}
	if c := p.Counts(); c.Windows != 0 || c.Edges != 3 || c.Blocks != 0 {
		t.Errorf("left are %+v", c)
	}
	for i := range 100 { // what is forgotten takes no more than that
		p.SetBlock(k, viewerNamed(fmt.Sprint("nobody", i)), false, v+Version(i)<<kindBits)
	}
	if err := p.Check(); err != nil {
		t.Error(err)
	}
}

// TestEraseViewer: of an erased viewer nothing is left with others, on this node and on one that
// takes in what it knew before. What is said of it later counts.
func TestEraseViewer(t *testing.T) {
	set := testSettings()
	p, k := sayer(set)
	ben := viewerNamed("ben")
	v := versionAt(set, Origin)
	p.SetBlock(k, ben, true, v)
	p.SetEdge(Origin, k, ben, Edge{Allow: Deny}, v)
	p.SetEdge(Origin, k, viewerNamed("cleo"), Edge{Allow: Allow}, v)
	before := Extended(p.Snapshot(Origin, 9), p.Extras(Origin, nil))
	e, _ := New(set, NewMemory(set), 0, Origin).Erase(KeyOf("ben"), v+1<<versionLowBits, set.OriginMillis)
	if !p.Strike(Seek(Erasures{e}, 1), 0) || p.TakeStruck() != 1 {
		t.Error("nothing was struck")
	}
	for _, again := range []bool{false, true} {
		if again {
			if _, err := p.Merge(Origin, before, ceiling); err != nil {
				t.Fatal(err)
			}
		}
		if got, other := trustIn(p, k, ben), trustIn(p, k, viewerNamed("cleo")); got != Stranger || other != Trusted {
			t.Errorf("merged %v: of ben %d, of cleo %d", again, got, other)
		}
	}
	if p.SetBlock(k, ben, true, e.Version+1<<kindBits); trustIn(p, k, ben) != Denied {
		t.Error("a later block doesn't count")
	}
	if p.Erase(k, e.Version+1<<versionLowBits, set.OriginMillis); len(p.Said(k).Blocks)+len(p.Said(k).Edges) > 0 {
		t.Errorf("of the erased participant is left %+v", p.Said(k))
	}
	if err := p.Check(); err != nil {
		t.Error(err)
	}
}

// TestFormatOfSnapshots: one without exceptions is of the format before, and so is what is left of
// one with some without its extras.
func TestFormatOfSnapshots(t *testing.T) {
	set := testSettings()
	p, k := sayer(set)
	if b := Extended(p.Snapshot(Origin, 1), p.Extras(Origin, nil)); b[0] != snapshotFormat {
		t.Errorf("the format is %d", b[0])
	}
	p.SetBlock(k, viewerNamed("ben"), true, 9<<kindBits)
	b := Extended(p.Snapshot(Origin, 1), p.Extras(Origin, nil))
	if b[0] != extendedFormat {
		t.Errorf("the format is %d", b[0])
	}
	former, _, err := Parts(b)
	if err != nil || former[0] != snapshotFormat || CheckSnapshot(Origin, former, ceiling) != nil {
		t.Errorf("without extras the format is %d, %v", former[0], err)
	}
}

// TestLaterVersions: what a later version writes behind an extra, and extras of other kinds, are
// passed over. What is cut short, or can't be, is refused.
func TestLaterVersions(t *testing.T) {
	set := testSettings()
	p, k := sayer(set)
	p.SetBlock(k, viewerNamed("ben"), true, 9<<kindBits)
	one := p.Extras(Origin, nil)
	longer := append([]byte{one[0], one[1] + 3}, one[2:]...)
	longer = append(longer, 1, 2, 3)
	later := append([]byte{recordExtra + 5, 2, 0, 0}, longer...)
	c := NewCopy(set, NewMemory(set), 0, Origin)
	if _, err := c.Apply(Origin, 0, later, ceiling); err != nil || trustIn(c, k, viewerNamed("ben")) != Denied {
		t.Errorf("%v", err)
	}
	for n := 1; n < len(one); n++ {
		if _, err := c.Apply(Origin, 0, one[:n], ceiling); err == nil {
			t.Errorf("the first %d of %d bytes are taken", n, len(one))
		}
	}
	for what, b := range map[string][]byte{
		"a record":  p.TakeRecords(Origin, []byte{recordWindow, 1, 'a', 1, 'b', 0}),
		"no edge":   {recordExtra, 15, 1, 'a', 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 1, cellWindow, 0},
		"nobody's":  {recordExtra, 15, 1, 'a', 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, cellDenied, 0},
		"a bad set": {recordExtra, 4, 1, 'a', 7, 0},
	} {
		if err := CheckSnapshot(Origin, Extended(p.Snapshot(Origin, 1), b), ceiling); err == nil {
			t.Errorf("%s is taken", what)
		}
	}
}

func (w *world) visibility(*rapid.T) {
	id := w.person()
	c := VisibilityChange{
		Visibility: Visibility{
			Audience: Audience(rapid.IntRange(0, 2).Draw(w.t, "audience")),
			LastSeen: SeenPolicy(rapid.IntRange(0, 3).Draw(w.t, "last seen")),
		},
		SetAudience: rapid.Bool().Draw(w.t, "set the audience"), SetLastSeen: rapid.Bool().Draw(w.t, "set last seen"),
	}
	w.same("visibility", w.p.SetVisibility(KeyOf(id), c, w.stamp()), Done)
	p := w.m.person(id)
	if c.SetAudience {
		p.set.Audience = c.Audience
	}
	if c.SetLastSeen {
		p.set.LastSeen = c.LastSeen
	}
}
