package authorize

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/scaiwave/presence/gateway/tenant"
)

// TestAnswersAreKept: for the time that the backend says, and not a moment longer.
func TestAnswersAreKept(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c, b := newStage(t, MostKept)
		b.friends["ben"] = []string{"ada", "stray"}
		want(t, ask(t, c, "ben", "ada", "eve"), "allowed denied")
		want(t, ask(t, c, "ben", "eve", "ada"), "denied allowed")
		wantAsked(t, b, "ben: ada eve")
		want(t, ask(t, c, "ben", "ada", "stray"), "allowed allowed")
		wantAsked(t, b, "ben: stray")
		b.set(func(b *backend) { b.friends["ben"] = []string{"eve"} })
		time.Sleep(300*time.Second - 1)
		want(t, ask(t, c, "ben", "ada", "eve"), "allowed denied")
		time.Sleep(time.Nanosecond)
		want(t, ask(t, c, "ben", "ada", "eve"), "denied allowed")
		wantAsked(t, b, "ben: ada eve")
		want(t, ask(t, c, "cy", "ada"), "denied")
		wantAsked(t, b, "cy: ada")
	})
}

// TestNobodyIsAskedAboutOneself: nor for a stranger.
func TestNobodyIsAskedAboutOneself(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c, b := newStage(t, MostKept)
		want(t, ask(t, c, "ben", "ben"), "allowed")
		want(t, ask(t, c, "", "ada", "ben"), "allowed allowed")
		wantAsked(t, b)
	})
}

// TestTimesAreBounded: an answer counts for a second at least and for an hour at most.
func TestTimesAreBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c, b := newStage(t, MostKept)
		for ttl, want := range map[string]time.Duration{
			"0": time.Second, "-7": time.Second, "1e300": time.Hour, "3601": time.Hour, "1.5": 1500 * time.Millisecond,
			"60": time.Minute,
		} {
			b.set(func(b *backend) { b.ttl = ttl })
			answers := make([]Answer, 1)
			c.Ask(t.Context(), tenant.Participant("viewer"+ttl), tenant.ListOf("ada"), answers)
			if got := time.Until(answers[0].Until); got != want {
				t.Errorf("ttl_seconds %s: kept for %v, want %v", ttl, got, want)
			}
		}
	})
}

// TestEqualQuestionsAreAskedOnce: many who ask at the same time wait for one answer.
func TestEqualQuestionsAreAskedOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c, b := newStage(t, MostKept)
		b.friends["ben"], b.slow = []string{"ada"}, 900*time.Millisecond
		var all sync.WaitGroup
		for range 20 {
			all.Go(func() { want(t, ask(t, c, "ben", "ada"), "allowed") })
		}
		synctest.Wait()
		all.Go(func() { want(t, ask(t, c, "ben", "ada", "eve"), "allowed denied") })
		all.Wait()
		wantAsked(t, b, "ben: ada", "ben: eve")
	})
}

// TestBatches: a call asks about at most a thousand ids, and so many are asked at once.
func TestBatches(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c, b := newStage(t, MostKept)
		var ids []string
		for i := range 2500 {
			ids = append(ids, fmt.Sprint("p", i))
		}
		b.friends["ben"], b.slow = ids[:1700], 900*time.Millisecond
		got := strings.Fields(ask(t, c, "ben", ids...))
		for i, word := range got {
			if (word == "allowed") != (i < 1700) {
				t.Fatalf("%s is %s", ids[i], word)
			}
		}
		var sizes []int
		for _, q := range b.questions() {
			sizes = append(sizes, len(q.Participants))
		}
		if len(sizes) != 3 || sizes[0]+sizes[1]+sizes[2] != 2500 || max(sizes[0], sizes[1], sizes[2]) != maxBatch {
			t.Errorf("batches of %d", sizes)
		}
		if b.most != 3 {
			t.Errorf("%d at once, want 3", b.most)
		}
	})
}

// TestPlacesAreBounded: what finds no place in time isn't known, and the endpoint isn't to blame.
func TestPlacesAreBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c, b := newStage(t, MostKept)
		b.slow = 900 * time.Millisecond
		var all sync.WaitGroup
		for i := range 3 * Places {
			all.Go(func() { ask(t, c, fmt.Sprint("v", i), "ada") })
		}
		all.Wait()
		s := c.Stats()
		if b.most != Places || s.Answered != 2*Places || s.TurnedAway != Places || s.Failed != 0 || s.Open {
			t.Errorf("at most %d at once, want %d; %+v", b.most, Places, s)
		}
	})
}

// TestSilence: a call has a second; after five in a row nobody waits any longer, and one call a
// second tries again.
func TestSilence(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c, b := newStage(t, MostKept)
		b.friends["ben"], b.slow = []string{"ada"}, time.Hour
		for range maxFailures {
			start := time.Now()
			want(t, ask(t, c, "ben", "ada"), "unknown")
			if took := time.Since(start); took != Timeout {
				t.Errorf("waited %v", took)
			}
		}
		if !c.Stats().Open || !strings.Contains(c.Remark(), "does not answer (authorize: no answer within 1s)") {
			t.Errorf("the circuit is closed: %q", c.Remark())
		}
		b.questions()
		b.set(func(b *backend) { b.slow, b.broken = 0, true })
		start := time.Now()
		for time.Since(start) < 10*time.Second {
			want(t, ask(t, c, "ben", "ada"), "unknown")
			time.Sleep(100 * time.Millisecond)
		}
		if n := len(b.questions()); n < 5 || n > 10 {
			t.Errorf("%d calls in 10 s while the circuit is open", n)
		}
		b.set(func(b *backend) { b.broken = false })
		time.Sleep(probeEvery)
		want(t, ask(t, c, "ben", "ada"), "allowed")
		b.set(func(b *backend) { b.broken = true })
		for range maxFailures - 1 {
			want(t, ask(t, c, "ben", "eve"), "unknown")
		}
		if c.Stats().Open || c.Remark() != "" {
			t.Errorf("the circuit is open: %q", c.Remark())
		}
	})
}

// TestFailuresAreNoDenials: what isn't an answer makes nobody vanish.
func TestFailuresAreNoDenials(t *testing.T) {
	for body, status := range map[string]int{
		`{"allowed":["ada"],"ttl_seconds":9}`: 500, `{"allowed":["ada"]}`: 302, "": 204, `{"allowed":[]} `: 404,
		`{}`: 200, `[]`: 200, `{"allowed":"ada"}`: 200, `{"allowed":[1]}`: 200, `<html>`: 200,
		`{"allowed":["` + strings.Repeat("x", maxAnswerBytes) + `"]}`: 200,
	} {
		synctest.Test(t, func(t *testing.T) {
			c, b := newStage(t, MostKept)
			b.replies = func() (int, string) { return status, body }
			if got := ask(t, c, "ben", "ada"); got != "unknown" || c.Stats().Failed != 1 {
				t.Errorf("%d %.40s: %s, %+v", status, body, got, c.Stats())
			}
			b.set(func(b *backend) { b.replies, b.friends["ben"] = nil, []string{"ada"} })
			want(t, ask(t, c, "ben", "ada"), "allowed")
		})
	}
}

// TestNullIsNobody: a backend in Go writes an empty list so; it may say more than is read.
func TestNullIsNobody(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c, b := newStage(t, MostKept)
		b.replies = func() (int, string) {
			return http.StatusOK, `{"allowed":null,"ttl_seconds":9,"later":{"version":[2]}}`
		}
		want(t, ask(t, c, "ben", "ada"), "denied")
	})
}

// TestForget: what is kept is dropped, and what was asked before isn't kept: who waits is told what
// the backend says after that.
func TestForget(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c, b := newStage(t, MostKept)
		b.friends["ben"], b.friends["cy"] = []string{"ada"}, []string{"ada"}
		want(t, ask(t, c, "ben", "ada"), "allowed")
		want(t, ask(t, c, "cy", "ada"), "allowed")
		b.set(func(b *backend) { b.slow = 500 * time.Millisecond })
		var waiting sync.WaitGroup
		waiting.Go(func() { want(t, ask(t, c, "ben", "eve"), "allowed") })
		time.Sleep(250 * time.Millisecond) // the backend has read it
		b.questions()
		b.set(func(b *backend) { b.friends["ben"], b.friends["cy"] = []string{"eve"}, nil })
		c.Forget([]string{"ben", "nobody"})
		want(t, ask(t, c, "ben", "ada"), "denied")
		waiting.Wait()
		wantAsked(t, b, "ben: ada", "ben: eve")
		want(t, ask(t, c, "ben", "eve", "ada"), "allowed denied")
		want(t, ask(t, c, "cy", "ada"), "allowed")
		wantAsked(t, b)
	})
}

// TestMemoryIsBounded: the viewer who asked longest ago makes room.
func TestMemoryIsBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c, b := newStage(t, 6)
		for _, viewer := range []string{"v1", "v2", "v3"} {
			ask(t, c, viewer, "a", "b")
		}
		ask(t, c, "v1", "a")
		b.questions()
		ask(t, c, "v4", "a", "b")
		if s := c.Stats(); s.Kept != 6 || s.Dropped != 2 {
			t.Errorf("%d kept and %d dropped, want 6 and 2", s.Kept, s.Dropped)
		}
		ask(t, c, "v1", "a", "b")
		ask(t, c, "v3", "a", "b")
		wantAsked(t, b, "v4: a b")
		ask(t, c, "v2", "a")
		wantAsked(t, b, "v2: a")
		ask(t, c, "v5", "a", "b", "c", "d", "e", "f", "g")
		if s := c.Stats(); s.Kept > 6 || len(c.kept.viewers) != c.kept.order.Len() {
			t.Errorf("%d kept, of %d viewers, %d in order", s.Kept, len(c.kept.viewers), c.kept.order.Len())
		}
	})
}

// TestWhatIsOverGoes: a viewer who asks about other ids again and again keeps no more than what
// still counts, twice.
func TestWhatIsOverGoes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c, b := newStage(t, MostKept)
		b.ttl = "1"
		for i := range 50 * sweepFrom {
			ask(t, c, "ben", fmt.Sprint("p", i))
			time.Sleep(100 * time.Millisecond)
		}
		if n := c.Stats().Kept; n > 2*sweepFrom || n != len(c.kept.of("ben").answers) {
			t.Errorf("%d are kept", n)
		}
	})
}

// TestCallersMayLeave: what was asked for one who has gone is kept for the next.
func TestCallersMayLeave(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c, b := newStage(t, MostKept)
		b.friends["ben"], b.slow = []string{"ada"}, 500*time.Millisecond
		ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
		defer cancel()
		answers := make([]Answer, 1)
		if c.Ask(ctx, "ben", tenant.ListOf("ada"), answers); answers[0].Verdict != NotKnown {
			t.Errorf("%v before the backend has answered", answers[0])
		}
		time.Sleep(500 * time.Millisecond)
		want(t, ask(t, c, "ben", "ada"), "allowed")
		wantAsked(t, b, "ben: ada")
	})
}

// TestTenants: a backend is told of a tenant by its name, beside ids as it knows them. One id in two
// tenants is two, of viewers and of participants.
func TestTenants(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c, b := newStage(t, MostKept)
		b.friends["ben"] = []string{"ada"}
		acme := tenant.Name("acme")
		answers := make([]Answer, 2)
		c.Ask(t.Context(), acme.Participant("ben"), acme.Participants([]string{"ada", "eve"}), answers)
		if answers[0].Verdict != Allowed || answers[1].Verdict != Denied {
			t.Errorf("%v", answers)
		}
		for _, q := range b.questions() {
			if *q.Tenant != "acme" || q.Viewer != "ben" || !slices.Equal(q.Participants, []string{"ada", "eve"}) {
				t.Errorf("asked %q %+v", *q.Tenant, q)
			}
		}
		b.set(func(b *backend) { b.friends = nil })
		want(t, ask(t, c, "ben", "ada"), "denied")
		c.Forget([]string{"ben"})
		if c.Ask(t.Context(), acme.Participant("ben"), acme.Participants([]string{"ada", "eve"}), answers); answers[0].Verdict != Allowed {
			t.Error("what was kept of a tenant's viewer is forgotten with that of another one")
		}
	})
}
