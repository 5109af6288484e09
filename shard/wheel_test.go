package shard

import (
	"maps"
	"slices"
	"testing"
)

// clockwork is a wheel of things that are due when the test says.
type clockwork struct {
	wheel
	due []Tick
}

func newClockwork(n int, now, phase Tick) *clockwork {
	return &clockwork{newWheel(new(slab[refs]), now, phase), make([]Tick, n)}
}

func (c *clockwork) add(ref uint32, due Tick) {
	c.due[ref] = due
	c.file(ref, due)
}

// advance goes on to tick now and returns what fired at which tick.
func (c *clockwork) advance(now Tick) map[uint32]Tick {
	fired := map[uint32]Tick{}
	var some [refsEach]uint32
	for c.next <= now {
		for n, chain := 0, c.cascade(); chain != 0; {
			n, chain = c.some(chain, some[:])
			for _, ref := range some[:n] {
				c.file(ref, c.due[ref])
			}
		}
		c.turn()
		for n := c.wheel.due(some[:]); n > 0; n = c.wheel.due(some[:]) {
			for _, ref := range some[:n] {
				if c.due[ref] > c.now {
					c.file(ref, c.due[ref])
				} else {
					fired[ref] = c.now
				}
			}
		}
		c.seek()
	}
	c.now = max(c.now, now)
	return fired
}

func TestWheelFiresAtTheVeryTick(t *testing.T) {
	spans := []Tick{1, 2, 255, 256, 257, 511, 512, 513, 65_535, 65_536, 65_537, 200_000}
	for _, start := range []Tick{Origin, Origin + 1, Origin + 255, Origin + 256, Origin + 65_535} {
		for phase := Tick(0); phase < 256; phase += 51 {
			c := newClockwork(len(spans), start, phase)
			for i, s := range spans {
				c.add(uint32(i), start+s)
			}
			for i, s := range spans {
				if early := c.advance(start + s - 1); len(early) != 0 {
					t.Fatalf("start %d phase %d: before tick %d fired %v", start, phase, s, early)
				}
				if got := c.advance(start + s); got[uint32(i)] != start+s || len(got) != 1 {
					t.Fatalf("start %d phase %d: at tick %d fired %v", start, phase, s, got)
				}
			}
			if c.next != never || c.size != 0 || c.parked != 0 || c.refs.there != 0 || c.near != nil {
				t.Fatalf("an empty wheel waits for %d, size %d, parked %d", c.next, c.size, c.parked)
			}
		}
	}
}

func TestWheelFilesThePastAtTheNextTick(t *testing.T) {
	c := newClockwork(1, 1000, 0)
	c.add(0, 3)
	if got := c.advance(1001); got[0] != 1001 {
		t.Fatalf("fired %v", got)
	}
}

// FuzzWheel compares the wheel with a plain map. Two bytes are an operation: file a thing so far
// ahead, move the due tick of a filed one away, or let time pass.
func FuzzWheel(f *testing.F) {
	f.Add([]byte{0, 10, 1, 255, 128, 5, 64, 3, 200, 200})
	f.Add([]byte{0, 1, 0x81, 0, 0x41, 0xff, 0xc1, 0xff, 0xc1, 0xff})
	f.Fuzz(func(t *testing.T, ops []byte) {
		const n = 32
		c := newClockwork(n, Origin, Tick(len(ops)))
		due := map[uint32]Tick{}
		for ; len(ops) >= 2; ops = ops[2:] {
			ref, arg := uint32(ops[0]%n), Tick(ops[1])
			switch ops[0] >> 6 {
			case 0, 1:
				ahead := arg << (2 * (ops[0] >> 5 & 3)) // up to 16,320 ticks
				if _, filed := due[ref]; !filed {
					due[ref] = c.now + ahead + 1
					c.add(ref, due[ref])
				}
			case 2:
				if _, filed := due[ref]; filed {
					due[ref] += arg
					c.due[ref] = due[ref]
				}
			case 3:
				checkAdvance(t, c, due, c.now+arg*arg/16)
			}
		}
		checkAdvance(t, c, due, c.now+100_000)
		if len(due) != 0 || c.size != 0 {
			t.Fatalf("left over: %v, size %d", due, c.size)
		}
	})
}

// checkAdvance lets time pass and wants just those to fire that are due, each at its own tick.
func checkAdvance(t *testing.T, c *clockwork, due map[uint32]Tick, now Tick) {
	t.Helper()
	want := map[uint32]Tick{}
	for _, ref := range slices.Sorted(maps.Keys(due)) {
		if due[ref] <= now {
			want[ref] = due[ref]
			delete(due, ref)
		}
	}
	if got := c.advance(now); !maps.Equal(got, want) {
		t.Fatalf("until %d fired %v, want %v", now, got, want)
	}
}
