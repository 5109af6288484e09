package gateway

import (
	"fmt"
	"net/http/httptest"
	"testing"
	"testing/synctest"
	"time"

	"github.com/scaiwave/presence/gateway/wire"
)

func TestParticipantRate(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := newGate(t, func(c *Config) { c.Limits.ParticipantRate, c.Limits.ParticipantBurst = 2, 5 })
		ask := func(token string) answer { return g.do("GET", "/v1/presence?ids=a", token, "") }
		for range 5 {
			ask("v").want(200, "")
		}
		a := ask("v").problem(wire.RateLimited, "2 requests a second")
		if got := a.header.Get("Retry-After"); got != "1" {
			t.Errorf("Retry-After %q", got)
		}
		g.do("PUT", "/v1/presence/me/override", "v", `{"override":"busy"}`).problem(wire.RateLimited, "")
		ask("w").want(200, "")
		for range 20 {
			ask("v|s").want(200, "")
		}
		ask("v|a").problem(wire.RateLimited, "")
		time.Sleep(time.Second)
		ask("v").want(200, "")
		ask("v").want(200, "")
		ask("v").problem(wire.RateLimited, "")
	})
}

func TestRatesForgetTheIdle(t *testing.T) {
	r := newRates(50, 200)
	now := time.Unix(1, 0)
	for i := range 100_000 {
		now = now.Add(time.Millisecond)
		if r.take(fmt.Sprint("p", i), 1, now) != 0 {
			t.Fatal("refused")
		}
	}
	// A limiter is full again 20 ms after its one request; the rest waits for the map to double.
	if n := r.size(); n > 2*sweepFrom {
		t.Errorf("%d limiters for 20 participants who asked lately", n)
	}
}

// Who waits as long as it is told to is let in, and a moment before that it isn't.
func TestRateSaysHowLong(t *testing.T) {
	for _, tt := range []struct {
		perSecond float64
		n         int
		want      time.Duration
	}{
		{50, 1, 20 * time.Millisecond},
		{1, 1, time.Second},
		{0.5, 1, 2 * time.Second},
		{1000, 2500, 2500 * time.Millisecond},
	} {
		r := newRates(tt.perSecond, tt.n)
		now := time.Unix(1, 0)
		if wait := r.take("p", tt.n, now); wait != 0 {
			t.Errorf("%v a second: the burst waits %v", tt.perSecond, wait)
		}
		wait := r.take("p", tt.n, now)
		if wait != tt.want {
			t.Errorf("%v a second: %d wait %v, want %v", tt.perSecond, tt.n, wait, tt.want)
		}
		if r.take("p", tt.n, now.Add(wait-time.Millisecond)) == 0 {
			t.Errorf("%v a second: let in early", tt.perSecond)
		}
		if again := r.take("p", tt.n, now.Add(wait)); again != 0 {
			t.Errorf("%v a second: after the wait it is %v more", tt.perSecond, again)
		}
	}
}

func TestRetryAfter(t *testing.T) {
	for wait, want := range map[time.Duration]int{
		0: 1, 20 * time.Millisecond: 1, time.Second: 1, time.Second + 1: 2,
		3400 * time.Millisecond: 4,
	} {
		if got := retryAfter(wait); got != want {
			t.Errorf("%v: %d, want %d", wait, got, want)
		}
	}
}

func TestFlood(t *testing.T) {
	var f flood
	at := func(d time.Duration) time.Duration { return f.refused(time.Unix(100, 0).Add(d)) }
	for _, tt := range []struct{ at, want time.Duration }{
		{0, 0},
		{900 * time.Millisecond, 900 * time.Millisecond},
		{1800 * time.Millisecond, 1800 * time.Millisecond},
		{3 * time.Second, 0}, // a pause of more than a second
		{4 * time.Second, time.Second},
	} {
		if got := at(tt.at); got != tt.want {
			t.Errorf("at %v: %v, want %v", tt.at, got, tt.want)
		}
	}
}

// A connection that goes on for ten seconds is told to close, and one that pauses is not.
func TestFloodClosesTheConnection(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := newGate(t, func(c *Config) { c.Limits.ParticipantRate, c.Limits.ParticipantBurst = 1, 1 })
		ctx := withFlood(t.Context(), nil)
		ask := func() bool {
			r := httptest.NewRequest("GET", "/v1/presence?ids=a", nil).WithContext(ctx)
			r.Header.Set("Authorization", "Bearer v")
			w := httptest.NewRecorder()
			g.s.Handler().ServeHTTP(w, r)
			return w.Header().Get("Connection") == "close"
		}
		start := time.Now()
		for !ask() {
			time.Sleep(100 * time.Millisecond)
			if time.Since(start) > time.Minute {
				t.Fatal("never closed")
			}
		}
		if took := time.Since(start); took < 10*time.Second || took > 11*time.Second {
			t.Errorf("closed after %v", took)
		}
	})
}
