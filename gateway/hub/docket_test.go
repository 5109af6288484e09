package hub

import (
	"context"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/scaiwave/presence/gateway/authorize"
	"github.com/scaiwave/presence/gateway/tenant"
	"github.com/scaiwave/presence/shard"
)

// court is a backend's answers in memory: "viewer id" names what is allowed.
type court struct {
	mu      sync.Mutex
	allowed map[string]bool
	ttl     time.Duration
	silent  bool
	asked   []string
	during  func() // runs within Ask, after the answer was made
}

// retryAfter is how long a court that is silent asks for.
const retryAfter = time.Second

func (c *court) Ask(_ context.Context, who tenant.Participant, list tenant.List, answers []authorize.Answer) {
	c.mu.Lock()
	viewer, now := string(who), time.Now()
	for i, id := range list.Keys() {
		c.asked = append(c.asked, viewer+" "+id)
		switch {
		case viewer == id:
			answers[i] = authorize.Answer{Verdict: authorize.Allowed, Until: authorize.Forever}
		case c.silent:
			answers[i] = authorize.Answer{Until: now.Add(retryAfter)}
		case c.allowed[viewer+" "+id]:
			answers[i] = authorize.Answer{Verdict: authorize.Allowed, Until: now.Add(c.ttl)}
		default:
			answers[i] = authorize.Answer{Verdict: authorize.Denied, Until: now.Add(c.ttl)}
		}
	}
	during := c.during
	c.mu.Unlock()
	if during != nil {
		during()
	}
}

func (c *court) set(f func(c *court)) {
	c.mu.Lock()
	defer c.mu.Unlock()
	f(c)
}

func (c *court) questions() []string {
	c.mu.Lock()
	defer c.mu.Unlock()
	asked := c.asked
	c.asked = nil
	return asked
}

// newCourt makes a hub whose viewers are judged. Call it within a bubble.
func newCourt(allowed ...string) (*owner, *Hub, *court) {
	o, h := newTestHub(MaxWatched)
	c := &court{allowed: map[string]bool{}, ttl: time.Minute}
	for _, pair := range allowed {
		c.allowed[pair] = true
	}
	h.SetJudge(c)
	return o, h, c
}

func wantAsked(t *testing.T, c *court, want ...string) {
	t.Helper()
	if got := c.questions(); !slices.Equal(got, want) {
		t.Errorf("asked about %q, want %q", got, want)
	}
}

// settle lets what is due now be asked and told.
func settle(d time.Duration) {
	time.Sleep(d)
	synctest.Wait()
}

func TestVerdictsStandBetween(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o, h, c := newCourt("ben ada")
		o.set("ada", plain(shard.Online, 0))
		o.set("eve", plain(shard.Online, 0))
		o.set("ben", plain(shard.Busy, 0))
		o.set("model:x", shard.View{Public: shard.Online, Inner: shard.Online, Unseen: shard.Online})
		v := h.NewViewer("ben", func() {})
		defer v.Close()
		got := subscribe(t, v, "ada", "eve", "model:x", "ben")
		if want := []shard.State{shard.Online, shard.Offline, shard.Online, shard.Busy}; !slices.Equal(got, want) {
			t.Errorf("snapshot %v, want %v", got, want)
		}
		o.become(h, "ada", shard.Idle)
		o.become(h, "eve", shard.Idle)
		o.set("model:x", shard.View{Public: shard.Busy, Inner: shard.Busy, Unseen: shard.Online})
		o.deliver(h)
		o.become(h, "ben", shard.Idle)
		wantDrained(t, v, "ada=idle", "ben=idle")
		wantAsked(t, c, "ben ada", "ben eve", "ben model:x", "ben ben")
	})
}

// TestSomeAreNotJudged: strangers, a backend's own viewers, and those of a hub without a judge.
func TestSomeAreNotJudged(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o, h, c := newCourt()
		o.set("ada", plain(shard.Online, 0))
		for _, v := range []*Viewer{h.NewViewer("", func() {}), h.NewExempt("robot", func() {})} {
			if got := subscribe(t, v, "ada"); got[0] != shard.Online {
				t.Errorf("snapshot %v", got)
			}
			v.Close()
		}
		wantAsked(t, c)
	})
}

// TestMindsChange: when an answer's time is over it is asked about again, and the viewer is told
// what differs by it. A change that comes as the time is over waits for the answer.
func TestMindsChange(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o, h, c := newCourt("ben ada")
		o.set("ada", plain(shard.Online, 0))
		wakes := 0
		v := h.NewViewer("ben", func() { wakes++ })
		defer v.Close()
		subscribe(t, v, "ada", "eve")
		c.questions()
		c.set(func(c *court) { c.allowed = map[string]bool{"ben eve": true} })
		settle(time.Minute - 1)
		o.become(h, "ada", shard.Busy)
		wantDrained(t, v, "ada=busy")
		wantAsked(t, c)
		settle(1)
		wantAsked(t, c, "ben ada", "ben eve")
		wantDrained(t, v, "ada=offline")
		o.become(h, "ada", shard.Online)
		o.become(h, "eve", shard.Online)
		wantDrained(t, v, "eve=online")
		if wakes != 3 {
			t.Errorf("woken %d times, want 3", wakes)
		}
	})
}

// TestSilence: while the backend is silent nothing is told, not even what was marked before; once
// it is back, what differs.
func TestSilence(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o, h, c := newCourt("ben ada", "ben cy")
		o.set("ada", plain(shard.Online, 0))
		v := h.NewViewer("ben", func() {})
		defer v.Close()
		subscribe(t, v, "ada")
		settle(time.Minute - 1)
		o.become(h, "ada", shard.Busy) // marked, and not told yet
		c.set(func(c *court) { c.silent = true })
		settle(1)
		o.become(h, "ada", shard.Idle)
		wantDrained(t, v)
		if got := subscribe(t, v, "cy"); got[0] != shard.Unknown {
			t.Errorf("snapshot %v of what isn't known", got)
		}
		settle(10 * retryAfter)
		wantDrained(t, v)
		if n := len(c.questions()); n < 10 || n > 24 {
			t.Errorf("asked %d times in ten retries about two ids", n)
		}
		c.set(func(c *court) { c.silent = false })
		settle(retryAfter)
		wantDrained(t, v, "ada=idle", "cy=offline")
		c.questions()
		settle(time.Minute - 2*retryAfter)
		wantAsked(t, c)
	})
}

// TestLateTimers: what comes after an answer's time isn't told by it, even if the timer is late.
func TestLateTimers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o, h, c := newCourt("ben ada")
		v := h.NewViewer("ben", func() {})
		defer v.Close()
		subscribe(t, v, "ada")
		v.docket.timer.Stop()
		settle(time.Minute)
		o.become(h, "ada", shard.Busy)
		wantDrained(t, v)
		wantAsked(t, c, "ben ada")
		h.Forget([]string{"ben"})
		settle(0)
		wantDrained(t, v, "ada=busy")
	})
}

// TestClosedViewersAskNothing: nor does a timer keep them in memory.
func TestClosedViewersAskNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		_, h, c := newCourt()
		v := h.NewViewer("ben", func() {})
		subscribe(t, v, "ada")
		v.Close()
		if v.docket.timer.Stop() {
			t.Error("the timer is still set")
		}
		h.Forget([]string{"ben"})
		settle(time.Hour)
		wantAsked(t, c, "ben ada")
	})
}

// TestSilenceThatEndsAsItWas makes no event.
func TestSilenceThatEndsAsItWas(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o, h, c := newCourt("ben ada")
		o.set("ada", plain(shard.Online, 0))
		v := h.NewViewer("ben", func() { t.Error("woken") })
		defer v.Close()
		subscribe(t, v, "ada")
		c.set(func(c *court) { c.silent = true })
		settle(2 * time.Minute)
		o.become(h, "ada", shard.Busy)
		o.become(h, "ada", shard.Online)
		c.set(func(c *court) { c.silent = false })
		settle(2 * time.Minute)
		wantDrained(t, v)
	})
}

// TestForget has the backend asked anew at once, about viewers of that name alone.
func TestForget(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o, h, c := newCourt("ben ada", "cy ada")
		o.set("ada", plain(shard.Online, 0))
		ben, again, cy := h.NewViewer("ben", func() {}), h.NewViewer("ben", func() {}), h.NewViewer("cy", func() {})
		for _, v := range []*Viewer{ben, again, cy} {
			subscribe(t, v, "ada")
			defer v.Close()
		}
		c.questions()
		o.become(h, "ada", shard.Busy)
		c.set(func(c *court) { c.allowed = nil })
		h.Forget([]string{"ben", "nobody"})
		wantDrained(t, ben) // what was marked before isn't told after
		settle(0)
		wantDrained(t, ben, "ada=offline")
		wantDrained(t, again, "ada=offline")
		wantDrained(t, cy, "ada=busy")
		wantAsked(t, c, "ben ada", "ben ada")
	})
}

// TestForgetDuringAWatch: what the backend had said before Forget doesn't count after it.
func TestForgetDuringAWatch(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o, h, c := newCourt("ben ada")
		o.set("ada", plain(shard.Online, 0))
		c.during = func() {
			c.set(func(c *court) { c.allowed, c.during = nil, nil })
			h.Forget([]string{"ben"})
		}
		v := h.NewViewer("ben", func() {})
		defer v.Close()
		if got := subscribe(t, v, "ada"); got[0] == shard.Online {
			t.Errorf("snapshot %v by an answer that was forgotten", got)
		}
		settle(0)
		o.become(h, "ada", shard.Busy)
		if told := drained(v); !slices.Equal(told, []string{"ada=offline"}) && told != nil {
			t.Errorf("told %v", told)
		}
	})
}

// TestPlacesOfOthers: an answer that comes late isn't taken for that of another id which has the
// place now.
func TestPlacesOfOthers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o, h, c := newCourt("ben ada")
		o.set("ada", plain(shard.Online, 0))
		o.set("eve", plain(shard.Online, 0))
		v := h.NewViewer("ben", func() {})
		defer v.Close()
		subscribe(t, v, "ada", "z")
		c.set(func(c *court) {
			c.during = func() {
				c.set(func(c *court) { c.during = nil })
				v.Unsubscribe(list("ada"))
				if got := subscribe(t, v, "eve"); got[0] != shard.Offline {
					t.Errorf("snapshot %v", got)
				}
			}
		})
		settle(time.Minute)
		o.become(h, "eve", shard.Busy)
		wantDrained(t, v)
	})
}

// TestStatusesWaitForTheBackend: while its answer isn't known, what was told of a status stands as
// that of a state does. What was marked before isn't told either.
func TestStatusesWaitForTheBackend(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o, h, c := newCourt("ben ada")
		o.set("ada", say(plain(shard.Online, 0), "hi", "hi"))
		o.set("eve", say(plain(shard.Online, 0), "hi", "hi"))
		v := h.NewViewer("ben", func() {})
		defer v.Close()
		if got := full(t, v, "ada", "eve"); !slices.Equal(got, []string{"hi", ""}) {
			t.Errorf("snapshot %q", got)
		}
		c.set(func(c *court) { c.silent = true })
		o.becomes(h, "ada", say(plain(shard.Online, 0), "marked", "marked"))
		settle(time.Minute)
		o.becomes(h, "ada", say(plain(shard.Online, 0), "later", "later"))
		wantWords(t, v)
		c.set(func(c *court) { c.silent = false })
		settle(retryAfter)
		wantWords(t, v, "ada:later+")
		c.set(func(c *court) { c.allowed["ben ada"], c.allowed["ben eve"] = false, true })
		h.Forget([]string{"ben"})
		settle(0)
		wantWords(t, v, "ada=offline:+", "eve=online:hi+")
	})
}
