package presence

import (
	"errors"
	"math/rand/v2"
	"time"
)

const (
	shortestCeiling = time.Second // of the first pause
	longestCeiling  = 30 * time.Second
	settledAfter    = 10 * time.Second // a connection that lasted so long was a good one
	tokenLeast      = 0.5              // of the ceiling: each refused token costs the issuer one more
	crowdedAttempt  = 4                // after CodeRateLimited: anything up to 16 s
)

// ending is how an attempt or a connection ended.
type ending struct {
	err      error
	welcomed bool
	lasted   time.Duration // since the welcome
	moved    bool          // the node said that it leaves, and when to come back:
	redialAt time.Time
}

// course decides what follows an ending.
type course struct {
	fixedToken bool
	attempts   int            // that failed in a row
	hops       int            // nodes in a row that left before the connection was a good one
	random     func() float64 // from 0 to 1
}

func newCourse(fixedToken bool) *course {
	return &course{fixedToken: fixedToken, random: rand.Float64}
}

// after returns the pause before the next attempt, and whether there is to be one.
func (c *course) after(e ending) (wait time.Duration, again bool) {
	if e.welcomed && e.lasted >= settledAfter {
		c.attempts, c.hops = 0, 0
	}
	if e.moved {
		c.attempts = 0
		return max(time.Until(e.redialAt), c.hop(-1)), true
	}
	if c.final(e) {
		return 0, false
	}
	wait = c.pause(e)
	c.attempts++
	return wait, true
}

// final reports whether trying again is pointless: the server said not to come back, or the hello
// will not become right by itself.
func (c *course) final(e ending) bool {
	if refused, ok := errors.AsType[*Error](e.err); ok {
		return !refused.Repeatable() && refused.Code != codeTooManyDevices
	}
	switch codeOf(e.err) {
	case CodeGoodbye, CodeBadMessage, CodeReplaced:
		return true
	case CodeUnauthorized, CodeTokenExpired:
		return c.fixedToken
	case CodeTooLarge:
		return !e.welcomed
	}
	return false
}

func (c *course) pause(e ending) time.Duration {
	if _, ok := errors.AsType[*TokenError](e.err); ok {
		return c.backoff(c.attempts, tokenLeast)
	}
	switch code := codeOf(e.err); {
	case code == CodeTokenExpired && c.attempts == 0: // it was a good one
		return 0
	case code == CodeTokenExpired, code == CodeUnauthorized:
		return c.backoff(c.attempts, tokenLeast)
	case code == CodeRateLimited:
		return c.backoff(crowdedAttempt, 0)
	case code == CodeLeaving && e.welcomed: // it was asked for, so it is no failure
		c.attempts = -1
		if e.lasted >= settledAfter {
			return 0
		}
		return c.hop(0)
	}
	return c.backoff(c.attempts, 0)
}

// hop is the pause after a node that left. Nodes that leave one after the other are a cluster that
// restarts; nodes that go on doing so must not be hammered. first is the attempt that the first is.
func (c *course) hop(first int) time.Duration {
	c.hops++
	if attempt := first + c.hops - 1; attempt >= 0 {
		return c.backoff(attempt, 0)
	}
	return 0
}

// backoff is full jitter: any time between least of a ceiling and the ceiling, which doubles with
// each attempt, so that a herd spreads out.
func (c *course) backoff(attempt int, least float64) time.Duration {
	ceiling := min(shortestCeiling<<min(attempt, 10), longestCeiling)
	return time.Duration((least + (1-least)*c.random()) * float64(ceiling))
}

// codeOf returns the close code of a connection's end; 0 when there was none.
func codeOf(err error) int {
	if c, ok := errors.AsType[*Closed](err); ok {
		return c.Code
	}
	return 0
}
