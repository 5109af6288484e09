package auth

import (
	"sync"
	"time"
)

// How often the JWKS is fetched.
const (
	refreshEvery = 5 * time.Minute  // a removed key is refused after this; a new one should be published this much ahead
	minGap       = 5 * time.Second  // between fetches, whatever happens
	maxRetryGap  = 30 * time.Second // between attempts while the JWKS is down
)

// outcome is what came of a fetch.
type outcome struct {
	poked   bool // it was made because of an unknown kid
	changed bool // and brought other keys
	err     error
}

// nextGap is how long to leave the JWKS alone after a fetch. Unknown kids that come to nothing double it, so a flood of
// invented ones makes about 7 fetches in the first ten minutes, no matter how many tokens there are.
func nextGap(gap time.Duration, o outcome) time.Duration {
	switch {
	case o.err != nil:
		return min(2*gap, maxRetryGap)
	case o.changed, !o.poked:
		return minGap
	default:
		return min(2*gap, refreshEvery)
	}
}

// rest is how much longer to wait for a poke once the gap is over. After a failure there is nothing to wait for.
func rest(gap time.Duration, err error) time.Duration {
	if err != nil {
		return 0
	}
	return refreshEvery - gap
}

// What is remembered of unknown kids.
const (
	maxAsked = 256
	askAgain = 30 * time.Second
)

// askedFor remembers which unknown kids were asked for lately, so that a backend that goes on sending its old token pokes
// once in a while, not once a request, and doesn't use up the pace for those who have a new key. The zero value is empty.
type askedFor struct {
	mu   sync.Mutex
	when map[string]time.Time
}

// add says whether the kid has not been asked for within askAgain. A full memory starts over; the pace is what protects
// the JWKS.
func (a *askedFor) add(kid string, now time.Time) bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	if t, ok := a.when[kid]; ok && now.Sub(t) < askAgain {
		return false
	}
	if a.when == nil || len(a.when) >= maxAsked {
		a.when = make(map[string]time.Time, 1)
	}
	a.when[kid] = now
	return true
}
