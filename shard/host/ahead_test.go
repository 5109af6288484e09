package host

import (
	"testing"
	"time"

	"github.com/scaiwave/presence/shard"
)

// TestEraseWithClocksAhead: neither messages of a gateway whose clock is wrong, nor versions of
// nodes whose clocks are ahead, have an erasure refuse what comes later, or other nodes refuse the
// partition.
func TestEraseWithClocksAhead(t *testing.T) {
	for _, ahead := range []time.Duration{0, 4 * time.Second, 10 * time.Minute} {
		t.Run(ahead.String(), func(t *testing.T) {
			inPair(t, func(t *testing.T, p *pair) {
				version := shard.NewClock(3).Next(time.Now().Add(min(ahead, 59*time.Second)).UnixMilli())
				if err := p.a.stamps.observe(version); err != nil {
					t.Fatal(err)
				}
				at := time.Now().Add(ahead).UnixMilli()
				p.a.OpenWindow("ada", "ben", at)
				p.a.OpenWindow("ben", "ada", at)
				p.pipe.flush(t, p.b, 1)
				e, _ := p.a.Erase("ada")
				p.a.Strike(shard.Erasures{e})
				if o := p.a.OpenWindow("ada", "ben", time.Now().UnixMilli()); o != shard.Erased {
					t.Errorf("a message from before: %d", o)
				}
				p.pipe.flush(t, p.b, 1)
				for name, h := range map[string]*Host{"the owner": p.a, "the copy": p.b} {
					if got := windowsOf(h, "ada", "ben"); got != 0 {
						t.Errorf("%s has %d windows after the erasure", name, got)
					}
				}
				time.Sleep(5 * time.Millisecond)
				if _, _, o := p.a.Attach("ada", "tab", shard.ActivityOnline); o != shard.Done {
					t.Errorf("a new hello: %d", o)
				}
				for _, k := range [][2]string{{"ada", "ben"}, {"ben", "ada"}} {
					if o := p.a.OpenWindow(k[0], k[1], time.Now().UnixMilli()); o != shard.Done {
						t.Errorf("a new message: %d", o)
					}
				}
				p.pipe.flush(t, p.b, 1) // it fails if a version is ahead
				for name, h := range map[string]*Host{"the owner": p.a, "the copy": p.b} {
					if got := windowsOf(h, "ada", "ben"); got != 2 {
						t.Errorf("%s has %d windows after the new message", name, got)
					}
				}
			})
		})
	}
}

func windowsOf(h *Host, ids ...string) (n int) {
	for _, id := range ids {
		held, _ := h.Account(id)
		n += len(held.Windows)
	}
	return n
}
