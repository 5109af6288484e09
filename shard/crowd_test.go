package shard

import (
	"fmt"
	"math/bits"
	"math/rand/v2"
	"slices"
	"testing"
)

// large is what hosts set: a participant may have 10,000 exceptions.
func large() *Settings {
	set := testSettings()
	set.MaxExceptions, set.WindowMillis, set.FactTTL = 10_000, 86_400_000, 864_000
	return set
}

// depth is how many steps down the lowest window is.
func (p *Partition) depth(tree uint32) int {
	if tree == none {
		return 0
	}
	w := p.windows.at(tree)
	return 1 + max(p.depth(w.older), p.depth(w.newer))
}

// TestWindowsByAge: in whichever order messages come, and windows go, what is left is in order, and
// few steps away.
func TestWindowsByAge(t *testing.T) {
	const n = 10_000
	set := large()
	r := rand.New(rand.NewPCG(7, 8))
	for name, at := range map[string]func(i int) int{
		"later and later":     func(i int) int { return i },
		"earlier and earlier": func(i int) int { return n - i },
		"at once":             func(int) int { return 1 },
		"in no order":         func(int) int { return r.IntN(n) },
		"in two rows":         func(i int) int { return i%2*n + i },
	} {
		p, k := sayer(set)
		for i := range n {
			p.OpenWindow(Origin, k, KeyOf(fmt.Sprint("w", i)), set.OriginMillis+int64(at(i)))
		}
		l := p.listOf(p.find(k))
		if most := 4 * bits.Len(n); p.depth(l.tree) > most {
			t.Errorf("%s: %d steps down, want %d at most", name, p.depth(l.tree), most)
		}
		for i, w := range slices.Collect(p.windowsOf(l)) {
			if i%2 == 0 {
				p.unlinkWindow(l, w)
			}
			if i%4 == 0 {
				p.windows.at(w).at = int64(r.IntN(n))
			}
			if i%2 == 0 {
				p.linkWindow(l, w)
			}
		}
		var times []int64
		for w := range p.windowsOf(l) {
			times = append(times, -p.windows.at(w).at)
		}
		if len(times) != n || !slices.IsSorted(times) {
			t.Errorf("%s: %d windows, in order: %v", name, len(times), slices.IsSorted(times))
		}
		if p.windows.at(p.oldestWindow(l)).at != -times[n-1] || p.newestTime(l) != -times[0] {
			t.Errorf("%s: the ends are others", name)
		}
	}
}

// TestManyMakeRoom: where thousands of edges take the place of windows, all is filed anew once for
// every thousand, and not for each. When the windows would have ended their slots are free.
func TestManyMakeRoom(t *testing.T) {
	const n = 3000
	set := large()
	set.MaxExceptions = n
	p, k := sayer(set)
	for i := range n {
		p.OpenWindow(Origin, k, KeyOf(fmt.Sprint("w", i)), set.OriginMillis+int64(i))
	}
	v, again, before := versionAt(set, Origin), 0, 0
	for i := range n {
		v += 1 << versionNodeBits
		if o := p.SetEdge(Origin, k, viewerNamed(fmt.Sprint("e", i)), Edge{Allow: Deny}, v); o != Done {
			t.Fatal(o)
		}
		again += count(p.orphans != before+1)
		before = p.orphans
	}
	if most := n / keptChanges; again == 0 || again > most {
		t.Errorf("filed anew %d times, want once to %d times", again, most)
	}
	if err := p.Check(); err != nil {
		t.Error(err)
	}
	if p.orphans == 0 {
		t.Fatal("nothing is left to be let go")
	}
	p.Advance(Origin + Tick(set.WindowMillis/set.TickMillis) + n)
	if p.orphans != 0 || p.windows.used != 0 {
		t.Errorf("%d windows that have ended are filed, %d have a slot", p.orphans, p.windows.used)
	}
	if err := p.Check(); err != nil {
		t.Error(err)
	}
}

// TestLatestStonesStay: of what is forgotten the latest is remembered, and not much more than that.
func TestLatestStonesStay(t *testing.T) {
	set := large()
	set.MaxExceptions = 100
	p, k := sayer(set)
	v, dropped := versionAt(set, Origin), 0
	for i := range 1000 {
		v += 1 << versionNodeBits
		if i%2 == 0 {
			p.SetBlock(k, viewerNamed(fmt.Sprint(i)), false, v)
		} else {
			p.SetEdge(Origin, k, viewerNamed(fmt.Sprint(i)), Edge{}, v)
		}
		l := p.listOf(p.find(k))
		dropped += count(int(l.stones) <= set.MaxExceptions && i >= set.MaxExceptions)
		for j := max(i-set.MaxExceptions+1, 0); j <= i; j++ {
			if from, to := cellsFor(p.cells.in(l), viewerNamed(fmt.Sprint(j)).Hash); from == to {
				t.Fatalf("after %d, %d isn't remembered", i, j)
			}
		}
	}
	if most := 1000 / set.MaxExceptions; dropped == 0 || dropped > most {
		t.Errorf("%d times some were dropped, want %d at most", dropped, most)
	}
	if err := p.Check(); err != nil {
		t.Error(err)
	}
}

// TestManyEnd: a thousand edges that end at once are told each, remembered as forgotten, and gone
// in a day; what is between them stays.
func TestManyEnd(t *testing.T) {
	set := large()
	p, k := sayer(set)
	v := versionAt(set, Origin)
	for i := range 1000 {
		v += 1 << versionNodeBits
		p.OpenWindow(Origin, k, KeyOf(fmt.Sprint("w", i)), set.OriginMillis)
		p.SetBlock(k, viewerNamed(fmt.Sprint("b", i)), true, v)
		p.SetEdge(Origin, k, viewerNamed(fmt.Sprint("e", i)), Edge{Deny, set.Time(Origin + 50 + Tick(i%2))}, v)
	}
	p.TakeChanges(nil)
	for step, want := range []int{500, 500} {
		told := 0
		p.Advance(Origin + 50 + Tick(step))
		p.TakeChanges(func(c Change) { told += count(c.Pair && c.Trust == Stranger) })
		if told != want {
			t.Errorf("step %d: %d ends were told, want %d", step, told, want)
		}
		if err := p.Check(); err != nil {
			t.Fatal(err)
		}
	}
	c, l := p.Counts(), p.listOf(p.find(k))
	if c.Windows != 1000 || c.Blocks != 1000 || c.Edges != 0 || l.stones != 1000 {
		t.Errorf("left are %+v, and %d are remembered", c, l.stones)
	}
	p.Advance(Origin + 60 + set.FactTTL)
	if l := p.listOf(p.find(k)); l == nil || l.stones != 0 || p.Counts().Blocks != 1000 {
		t.Errorf("left are %+v, and of the list %+v", p.Counts(), l)
	}
}

// BenchmarkMany is what each of many takes that come to one participant at once. Of 10,000 each
// must take about what each of 100 does. A few times as much is for the memory: cells are moved.
func BenchmarkMany(b *testing.B) {
	set := large()
	for _, n := range []int{100, 1000, 10_000} {
		set.MaxExceptions = n
		for _, m := range manyOf(set, n) {
			b.Run(fmt.Sprintf("%s/n=%d", m.name, n), func(b *testing.B) {
				for b.Loop() {
					b.StopTimer()
					p, k := sayer(set)
					m.begin(p, k)
					b.StartTimer()
					m.run(p, k)
				}
				b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*n), "ns/item")
			})
		}
	}
}

// many is something that comes many times at once.
type many struct {
	name       string
	begin, run func(p *Partition, k Key)
}

func manyOf(set *Settings, n int) []many {
	v := versionAt(set, Origin)
	var gone []Erasure
	for i := range n {
		id := fmt.Sprint("gone", i)
		gone = append(gone, Erasure{Hash: KeyOf(id).Hash, Sum: sumOf([]byte(id)), Version: v, At: 1, Newest: 1})
	}
	edges := func(n int, kind string, e Edge) func(p *Partition, k Key) {
		return func(p *Partition, k Key) {
			for i := range n {
				v += 1 << versionNodeBits
				p.SetEdge(Origin, k, viewerNamed(fmt.Sprint(kind, i)), e, v)
			}
		}
	}
	windows := func(by int64) func(p *Partition, k Key) {
		return func(p *Partition, k Key) {
			for i := range int64(n) {
				p.OpenWindow(Origin, k, KeyOf(fmt.Sprint("w", i)), set.OriginMillis+by*i)
			}
		}
	}
	denied, soon := edges(n, "e", Edge{Allow: Deny}), edges(n, "e", Edge{Deny, set.Time(Origin + 50)})
	return []many{
		{"edges", func(*Partition, Key) {}, denied},
		{"edges over windows", windows(1), denied},
		{"windows backwards", func(*Partition, Key) {}, windows(-1)},
		{"ends", soon, func(p *Partition, _ Key) { p.Advance(Origin + 51) }},
		{"stones over stones", edges(2*n, "s", Edge{}), edges(n, "e", Edge{})},
		{"erasures", denied, func(p *Partition, _ Key) { p.Strike(Seek(Collect(gone), 1), 0) }},
	}
}
