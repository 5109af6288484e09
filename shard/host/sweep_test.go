package host

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/scaiwave/presence/shard"
)

// erased is a host of which many participants were erased; somebody who is not has a window.
func erased(tb testing.TB, partitions, n int) *Host {
	tb.Helper()
	h, err := New(Config{Partitions: partitions, Settings: DefaultSettings()})
	if err != nil {
		tb.Fatal(err)
	}
	for i := range n {
		h.Erase(fmt.Sprint("erased-", i))
	}
	h.OpenWindow("ada", "ben", time.Now().UnixMilli())
	return h
}

func all(h *Host) (all shard.Erasures) {
	news, _ := h.Erasures(nil, 1<<30)
	for _, r := range news {
		all = append(all, r.All...)
	}
	return shard.Collect(all)
}

// TestSweepOfManyPartitions: to look for an erasure in all of many partitions costs about what it
// costs in a few.
func TestSweepOfManyPartitions(t *testing.T) {
	const n = 5000
	least := func(h *Host) (d time.Duration) {
		d = time.Hour
		some := all(h)
		for range 10 {
			start := time.Now()
			h.Strike(some)
			d = min(d, time.Since(start))
		}
		return d
	}
	few, many := least(erased(t, 8, n)), least(erased(t, 4096, n))
	t.Logf("8 partitions: %v, 4096: %v", few, many)
	if many > 20*few+5*time.Millisecond {
		t.Errorf("in 8 partitions it takes %v, in 4096 %v", few, many)
	}
}

// TestErasuresInPages: what is known isn't given again, and a page has no more than was asked for.
func TestErasuresInPages(t *testing.T) {
	h := erased(t, 64, 1000)
	known := map[int]uint64{}
	got, pages := []shard.Erasure{}, 0
	for more := true; more; pages++ {
		var news []Remembered
		news, more = h.Erasures(known, 100)
		size := 0
		for _, r := range news {
			got, size = append(got, r.All...), size+len(r.All)
			known[r.Partition] = r.All.Digest()
		}
		if size > 100 {
			t.Fatalf("a page has %d", size)
		}
	}
	if want := all(h); !slices.Equal(shard.Collect(got), want) || len(want) != 1000 || pages < 10 {
		t.Errorf("%d of %d in %d pages", len(got), len(want), pages)
	}
	h.Erase("one more")
	if news, more := h.Erasures(known, 100); len(news) != 1 || more {
		t.Errorf("after one more there is news of %d partitions", len(news))
	}
}

// TestErasuresAreLimited: all partitions together remember about a million.
func TestErasuresAreLimited(t *testing.T) {
	for partitions, want := range map[int]int{1: 10_000, 64: 10_000, 4096: 256, 65536: 100} {
		if got := erasuresOf(partitions); got != want {
			t.Errorf("of %d partitions each remembers %d, want %d", partitions, got, want)
		}
	}
}

// BenchmarkSweep is what a sweep costs a node, with and without something new to learn.
func BenchmarkSweep(b *testing.B) {
	h := erased(b, 4096, 100_000)
	now := time.Now().UnixMilli()
	for i := range 100_000 {
		h.OpenWindow(fmt.Sprint("somebody-", i), fmt.Sprint("somebody-else-", i), now)
	}
	some := all(h)
	b.Run("strike", func(b *testing.B) {
		for b.Loop() {
			h.Strike(some)
		}
	})
	b.Run("collect", func(b *testing.B) {
		for b.Loop() {
			all(h)
		}
	})
	known := map[int]uint64{}
	news, _ := h.Erasures(nil, 1<<30)
	for _, r := range news {
		known[r.Partition] = r.All.Digest()
	}
	b.Run("answer", func(b *testing.B) {
		for b.Loop() {
			h.Erasures(known, 20_000)
		}
	})
}
