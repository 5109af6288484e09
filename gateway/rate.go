package gateway

import (
	"context"
	"net"
	"sync"
	"time"

	"golang.org/x/time/rate"
)

// rates counts the requests of each participant. Memory follows those who asked within the last seconds: a limiter that is
// full again is the same as none, and is swept when the map has doubled.
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

// allow counts one request of participant; false: it is one too many.
func (r *rates) allow(participant string, now time.Time) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	l := r.limiters[participant]
	if l == nil {
		r.sweep(now)
		l = rate.NewLimiter(r.perSecond, r.burst)
		r.limiters[participant] = l
	}
	return l.AllowN(now, 1)
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

// size is how many participants are being counted.
func (r *rates) size() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return len(r.limiters)
}

// retryAfterSeconds is when the next request will be let through, rounded up.
func (r *rates) retryAfterSeconds() int {
	return max(1, int(1/float64(r.perSecond)+0.999))
}

// flood is how long a client has gone on after it was told that it is too fast. It ends with a second without a refusal.
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
