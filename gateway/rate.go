package gateway

import (
	"context"
	"net"
	"sync"
	"time"

	"golang.org/x/time/rate"
)

// rates counts what each of many does, each by itself: requests of a participant, ids that it asks
// about. Memory follows those who did something within the last seconds: a limiter that is full
// again is the same as none, and is swept when the map has doubled.
type rates struct {
	perSecond rate.Limit
	burst     int

	mu       sync.Mutex
	limiters map[string]*rate.Limiter
	sweepAt  int // map size
}

const sweepFrom = 1024

func newRates(perSecond float64, burst int) *rates {
	return &rates{
		perSecond: rate.Limit(perSecond), burst: burst,
		limiters: make(map[string]*rate.Limiter), sweepAt: sweepFrom,
	}
}

// take counts n of who and returns 0. If that is too many it counts nothing, and returns how long
// it takes until it would not be. More than the burst is never let through.
func (r *rates) take(who string, n int, now time.Time) time.Duration {
	r.mu.Lock()
	defer r.mu.Unlock()
	l := r.limiters[who]
	if l == nil {
		r.sweep(now)
		l = rate.NewLimiter(r.perSecond, r.burst)
		r.limiters[who] = l
	}
	if l.AllowN(now, n) {
		return 0
	}
	missing := float64(n) - l.TokensAt(now)
	return max(time.Duration(missing/float64(r.perSecond)*float64(time.Second)), 1)
}

// spent reports whether not even one more of who would be let through.
func (r *rates) spent(who string, now time.Time) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	l := r.limiters[who]
	return l != nil && l.TokensAt(now) < 1
}

func (r *rates) sweep(now time.Time) {
	if len(r.limiters) < r.sweepAt {
		return
	}
	for id, l := range r.limiters {
		if l.TokensAt(now) >= float64(r.burst) {
			delete(r.limiters, id)
		}
	}
	r.sweepAt = max(sweepFrom, 2*len(r.limiters))
}

// size is how many are being counted.
func (r *rates) size() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return len(r.limiters)
}

// flood is how long a client has gone on after it was told that it is too fast. It ends with a
// second without a refusal.
type flood struct {
	mu          sync.Mutex
	since, last time.Time
}

const floodPause = time.Second

// refused notes a refusal and returns for how long they have gone on.
func (f *flood) refused(now time.Time) time.Duration {
	f.mu.Lock()
	defer f.mu.Unlock()
	if now.Sub(f.last) > floodPause {
		f.since = now
	}
	f.last = now
	return now.Sub(f.since)
}

type floodKey struct{}

// withFlood gives every connection its flood; it is http.Server's ConnContext.
func withFlood(ctx context.Context, _ net.Conn) context.Context {
	return context.WithValue(ctx, floodKey{}, new(flood))
}
