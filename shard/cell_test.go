package shard

import (
	"cmp"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
)

// TestPlaceOf: whatever the hashes are, evenly spread or not, a cell is found, and the place of one
// that isn't there.
func TestPlaceOf(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	for name, hash := range map[string]func() uint64{
		"even":    r.Uint64,
		"low":     func() uint64 { return r.Uint64N(1000) },
		"high":    func() uint64 { return ^r.Uint64N(1000) },
		"few":     func() uint64 { return r.Uint64N(5) << 61 },
		"in ends": func() uint64 { return r.Uint64N(2) * ^uint64(0) },
	} {
		for _, n := range []int{1, 2, 3, 10, 1000} {
			cells := make([]cell, n)
			for i := range cells {
				cells[i] = cell{hash: hash()}
			}
			slices.SortFunc(cells, func(a, b cell) int { return cmp.Compare(a.hash, b.hash) })
			for range 200 {
				h := hash()
				want := slices.IndexFunc(cells, func(c cell) bool { return c.hash >= h })
				if want < 0 {
					want = n
				}
				if got := placeOf(cells, h); got != want {
					t.Fatalf("%s: %x is at %d of %d, not %d", name, h, got, n, want)
				}
			}
		}
	}
}

// TestCellsInBlocks grows and shrinks lists of many participants at random, and wants all to be
// there, and next to no page once they are gone.
func TestCellsInBlocks(t *testing.T) {
	var m cellMemory
	r := rand.New(rand.NewPCG(5, 6))
	lists, want := make([]list, 100), make([]map[uint64]int, 100)
	for i := range want {
		want[i] = map[uint64]int{}
	}
	for step := range 60_000 {
		i, hash := r.IntN(len(lists)), r.Uint64N(300)<<55
		l := &lists[i]
		place, found := m.find(l, hash, cellWindow)
		if _, is := want[i][hash]; is != found {
			t.Fatalf("step %d: cell %x is found: %v", step, hash, found)
		}
		switch grow := step < 30_000; {
		case found && m.in(l)[place].slot() != uint32(want[i][hash]):
			t.Fatalf("step %d: another cell is found: %v", step, m.in(l)[place])
		case found && (!grow || r.IntN(4) == 0):
			m.remove(l, place)
			delete(want[i], hash)
		case !found && (grow || r.IntN(8) == 0):
			m.insert(l, windowCell(hash, uint32(step)))
			want[i][hash] = step
		}
		if len(want[i]) != int(l.cells) {
			t.Fatalf("step %d: %d cells, not %d", step, l.cells, len(want[i]))
		}
	}
	for i := range lists {
		for lists[i].cells > 0 {
			m.remove(&lists[i], 0)
		}
	}
	for size := range m.of {
		if p := &m.of[size]; p.used+p.there+len(p.pages) > 0 {
			t.Errorf("of size %d there are %d blocks in %d pages", size, p.used, p.there)
		}
	}
}

// BenchmarkExceptions is what a viewer without an exception costs, of a participant with so many.
func BenchmarkExceptions(b *testing.B) {
	set := testSettings()
	set.MaxExceptions, set.WindowMillis = 10_000, 1<<40
	for _, n := range []int{0, 100, 10_000} {
		p := New(set, NewMemory(set), 0, Origin)
		k := KeyOf("ada")
		p.SetOverride(Origin, k, OverrideBusy, 1)
		for i := range n {
			p.OpenWindow(Origin, k, KeyOf(fmt.Sprint("peer-", i)), set.OriginMillis)
		}
		viewers := make([]Viewer, 4096)
		for i := range viewers {
			viewers[i] = set.Viewer(fmt.Sprint("viewer-", i))
		}
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			for i := 0; b.Loop(); i++ {
				p.State(k, viewers[i%len(viewers)])
			}
		})
	}
}

// BenchmarkExceptionBytes is what an exception takes, by how many a participant has.
func BenchmarkExceptionBytes(b *testing.B) {
	const n = 20_000
	for kind, add := range map[string]func(p *Partition, k Key, viewer string){
		"window": func(p *Partition, k Key, viewer string) {
			p.OpenWindow(Origin, k, KeyOf(viewer), p.settings.OriginMillis)
		},
		"edge": func(p *Partition, k Key, viewer string) {
			p.SetEdge(Origin, k, p.settings.Viewer(viewer), Edge{Allow: Allow}, versionAt(p.settings, Origin))
		},
		"block": func(p *Partition, k Key, viewer string) {
			p.SetBlock(k, p.settings.Viewer(viewer), true, versionAt(p.settings, Origin))
		},
	} {
		for _, each := range []int{1, 10, 200} {
			b.Run(fmt.Sprintf("%s/each=%d", kind, each), func(b *testing.B) {
				set := testSettings()
				set.MaxExceptions = each
				for b.Loop() {
					p := New(set, NewMemory(set), 0, Origin)
					for i := range n {
						add(p, KeyOf(fmt.Sprintf("participant-%012d", i/each)), fmt.Sprintf("participant-%012d", i))
					}
					b.ReportMetric(float64(p.footprint())/n, "B/"+kind)
				}
			})
		}
	}
}
