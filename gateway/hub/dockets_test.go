package hub

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/scaiwave/presence/shard"
)

// TestDeniedIsAsNeverSeen: over random sequences of everything that others, the backend and the
// clock do, what a viewer is told of one whom it may not see is what it is told of an id that was
// never seen: nothing, and woken by nothing.
func TestDeniedIsAsNeverSeen(t *testing.T) {
	for seed := range uint64(60) {
		synctest.Test(t, func(t *testing.T) {
			r := rand.New(rand.NewPCG(seed, 17))
			o, h, c := newCourt("ben cy")
			woken := 0
			v := h.NewViewer("ben", func() { woken++ })
			defer v.Close()
			c.silent = r.IntN(2) == 0
			states := subscribe(t, v, "ada", "zed")
			if states[0] != states[1] {
				t.Fatalf("seed %d: snapshot %v", seed, states)
			}
			for step := range 60 {
				switch r.IntN(7) {
				case 0, 1:
					o.become(h, "ada", []shard.State{shard.Offline, shard.Idle, shard.Online, shard.Busy}[r.IntN(4)])
				case 2:
					o.except("ada", "ben", r.IntN(2) == 0)
					o.deliver(h)
				case 3:
					c.set(func(c *court) { c.silent = r.IntN(2) == 0 })
				case 4:
					h.Forget([]string{"ben"})
				case 5:
					settle(time.Duration(r.IntN(90)) * time.Second)
				default:
					states := subscribe(t, v, "zed", "ada")
					if states[0] != states[1] {
						t.Fatalf("seed %d, step %d: snapshot %v", seed, step, states)
					}
				}
				if ada, zed := tellsOf(v); ada != zed {
					t.Fatalf("seed %d, step %d: told %q of ada and %q of zed", seed, step, ada, zed)
				}
			}
		})
	}
}

// tellsOf is what a viewer is told of two ids, without their names.
func tellsOf(v *Viewer) (ada, zed string) {
	for _, told := range drained(v) {
		id, state, _ := strings.Cut(told, "=")
		if id == "ada" {
			ada += state
		} else {
			zed += state
		}
	}
	return ada, zed
}

// TestManyDockets: viewers come and go while the backend is asked again and again; see -race.
func TestManyDockets(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o, h, c := newCourt()
		c.ttl = 10 * time.Millisecond
		var all sync.WaitGroup
		for i := range 8 {
			all.Go(func() {
				r := rand.New(rand.NewPCG(uint64(i), 18))
				for range 20 {
					v := h.NewViewer("ben", func() {})
					for range 20 {
						id := fmt.Sprint("p", r.IntN(5))
						subscribe(t, v, id)
						o.become(h, id, shard.Online)
						time.Sleep(time.Duration(r.IntN(10)) * time.Millisecond)
						drain(v, 100)
						v.Unsubscribe(list(fmt.Sprint("p", r.IntN(5))))
						if r.IntN(4) == 0 {
							h.Forget([]string{"ben"})
						}
					}
					v.Close()
				}
			})
		}
		all.Wait()
	})
}
