package shard

import (
	"fmt"
	"strings"
	"testing"
)

// heavy is an id of the length that ids may have in a tenant. There are three tenants.
func heavy(i int) string { return heavyIn("abc"[i%3:i%3+1], i) }

func heavyIn(tenant string, i int) string {
	id := fmt.Sprintf("%08d", i)
	return InnerID(strings.Repeat(tenant, MaxTenant), strings.Repeat("x", MaxParticipantID-len(id))+id)
}

// sayings are the ways to say something about a viewer, each with a newer version.
func sayings(set *Settings, p *Partition) []func(k Key, viewer string) Outcome {
	v := versionAt(set, Origin)
	next := func() Version {
		v += 1 << versionNodeBits
		return v
	}
	return []func(k Key, viewer string) Outcome{
		func(k Key, viewer string) Outcome { return p.SetBlock(k, viewerNamed(viewer), true, next()) },
		func(k Key, viewer string) Outcome { return p.SetBlock(k, viewerNamed(viewer), false, next()) },
		func(k Key, viewer string) Outcome { return p.OpenWindow(Origin, k, KeyOf(viewer), set.OriginMillis) },
		func(k Key, viewer string) Outcome {
			return p.SetEdge(Origin, k, viewerNamed(viewer), Edge{Deny, set.Time(Origin + 100)}, next())
		},
		func(k Key, viewer string) Outcome { return p.SetEdge(Origin, k, viewerNamed(viewer), Edge{}, next()) },
	}
}

// takesBack reports whether one of them takes back what was said.
func takesBack(saying int) bool { return saying == 1 || saying == 4 }

// TestAPartitionCanBeSent: at the limit nothing new is taken, of no kind, while what is there can
// be changed, and all can be taken back. What a snapshot has is then no more than that, and what
// participants without exceptions would have.
func TestAPartitionCanBeSent(t *testing.T) {
	const each = 50 // few enough to fill the last quarter
	set := large()
	set.MaxWeight = 1 << 20
	p := New(set, NewMemory(set), 0, Origin)
	say, n := sayings(set, p), 0
	for ; p.weight < 2*set.MaxWeight; n++ {
		k := KeyOf(heavy(n / each))
		if n%each == 0 {
			p.Heartbeat(Origin, k, "phone", ActivityOnline, 1)
		}
		if o := say[n%len(say)](k, heavy(1e6+n)); o == Full {
			break
		} else if o != Done {
			t.Fatal(n, o)
		}
	}
	all, most := len(p.Snapshot(Origin, 1))+len(p.Extras(Origin, nil)), set.MaxWeight+(n/each+1)*alone(set)
	if all > most || all < set.MaxWeight/2 {
		t.Errorf("a snapshot has %d bytes; want %d at most, and not less than half", all, most)
	}
	before := p.weight
	for i, f := range say {
		if o := f(KeyOf("new"), "anybody"); (o == Done) != takesBack(i) || o != Done && o != Full {
			t.Errorf("%d of a new participant: %d", i, o)
		}
	}
	if p.weight != before {
		t.Errorf("what was not taken weighs %d", p.weight-before)
	}
	room := func(k Key, peer string) Outcome { return p.HasRoom(Origin, k, KeyOf(peer), set.OriginMillis) }
	if o := room(KeyOf("new"), "anybody"); o != Full {
		t.Errorf("a window of a new participant: %d", o)
	}
	if o := room(KeyOf(heavy(0)), heavy(1e6+2)); o != Done {
		t.Errorf("a window that is there: %d", o)
	}
	for i, f := range say {
		if o := f(KeyOf(heavy(0)), heavy(1e6+i)); o != Done {
			t.Errorf("%d of what is there: %d", i, o)
		}
		if o := f(KeyOf(heavy(0)), heavy(1e6+[]int{1, 0, 2, 4, 3}[i])); (o == Done) != (i != 0) {
			t.Errorf("%d of what is there in another way: %d", i, o)
		}
	}
	if err := p.Check(); err != nil {
		t.Error(err)
	}
}

// alone is what a participant of a tenant without exceptions takes in a snapshot. An extra names it
// again.
func alone(set *Settings) int {
	p, id := New(set, NewMemory(set), 0, Origin), heavy(0)
	p.Heartbeat(Origin, KeyOf(id), "phone", ActivityOnline, 1)
	return len(p.Snapshot(Origin, 1)) + len(p.Extras(Origin, nil)) + 2*len(id)
}

// TestNoTenantTakesAPartition: participants of one tenant with many exceptions have three eighths,
// and those with few half. Others, without a tenant or of another one, then find as much. What goes
// makes room again.
func TestNoTenantTakesAPartition(t *testing.T) {
	set := large()
	set.MaxWeight = 1 << 20
	p := New(set, NewMemory(set), 0, Origin)
	say := sayings(set, p)
	fill := func(tenant string, from, each int) (last int) {
		for n := from; p.weight < 2*set.MaxWeight; n++ {
			if say[0](KeyOf(heavyIn(tenant, n/each)), heavy(1e6+n)) == Full {
				return n - 1
			}
		}
		return 0
	}
	weight := func(of string, want int) {
		t.Helper()
		const longest = namedWeight + MaxInnerID
		if got := p.weighTenants()[strings.Repeat(of, MaxTenant*count(of != ""))]; got < want || got >= want+longest {
			t.Errorf("tenant %q has %d bytes, want %d and one at most", of, got, want)
		}
		if err := p.Check(); err != nil {
			t.Error(err)
		}
	}
	fill("a", 0, 1000)
	weight("a", set.MaxWeight*3/8)
	last := fill("a", 1_000_000, 50)
	weight("a", set.MaxWeight/2)
	for i, f := range say {
		if o := f(KeyOf(heavyIn("a", 99_999_999)), "anybody"); (o == Full) == takesBack(i) {
			t.Errorf("%d of a new participant: %d", i, o)
		}
		if o := f(KeyOf(heavyIn("b", 1)), "anybody"); o != Done {
			t.Errorf("%d of a new participant of another tenant: %d", i, o)
		}
		if o := f(KeyOf("ada"), fmt.Sprint("friend", i)); o != Done {
			t.Errorf("%d of one without a tenant: %d", i, o)
		}
	}
	whose, viewer := KeyOf(heavyIn("a", last/50)), heavy(1e6+last)
	if o := say[0](whose, "another"); o != Full {
		t.Errorf("a block more: %d", o)
	}
	if o := say[1](whose, viewer); o != Done {
		t.Errorf("the end of a block: %d", o)
	}
	if o := say[0](whose, "another"); o != Done {
		t.Errorf("a block in the place of another: %d", o)
	}
	if fill("b", 2_000_000, 50); p.weight < set.MaxWeight {
		t.Errorf("%d bytes for all, want %d", p.weight, set.MaxWeight)
	}
	if err := p.Check(); err != nil {
		t.Error(err)
	}
}

// TestTenantsAreCountedAtTheLimit: where little is said nothing is counted by tenant, also after
// there was much.
func TestTenantsAreCountedAtTheLimit(t *testing.T) {
	set := large()
	set.MaxWeight = 1 << 20
	p := New(set, NewMemory(set), 0, Origin)
	say := sayings(set, p)
	for n := 0; p.weight < set.MaxWeight/8; n++ {
		say[0](KeyOf(heavy(n/50)), heavy(1e6+n))
	}
	if p.weights != nil {
		t.Error("tenants are counted where all weigh little")
	}
	for n := 0; p.weight < set.MaxWeight/2+1000; n++ {
		say[0](KeyOf(heavy(n/50)), heavy(1e6+n))
	}
	if p.weights == nil {
		t.Error("tenants are not counted where one may have its half")
	}
	for n := 0; n < 10_000 && p.weights != nil; n++ {
		p.Erase(KeyOf(heavy(n)), versionAt(set, Origin+1000), set.OriginMillis)
	}
	if p.weights != nil || p.weight == 0 {
		t.Errorf("tenants are counted until nothing is left: %d bytes", p.weight)
	}
}
