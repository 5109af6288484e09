package authorize

import (
	"math/rand/v2"
	"time"

	"github.com/scaiwave/presence/shard"
)

// Verdict is what a backend says of a pair of participant and viewer.
type Verdict uint8

// The verdicts.
const (
	NotKnown Verdict = iota // the backend has not answered, or that was too long ago
	Denied                  // as about an id that was never seen
	Allowed                 // as if an edge allowed it
)

// Answer is a verdict and how long it counts.
type Answer struct {
	Verdict Verdict
	Until   time.Time // of NotKnown: when to ask again
}

// Forever is the end of what no backend is asked about.
var Forever = time.Unix(1<<40, 0)

// retryAfter is how long it takes on average until it makes sense to ask again.
const retryAfter = time.Second

func notKnown(now time.Time) Answer {
	return Answer{Until: now.Add(retryAfter/2 + rand.N(retryAfter))}
}

// Trust is what a verdict says of the pair, beside what the participant says. What isn't known is
// no trust: nothing may be shown.
func (v Verdict) Trust() shard.Trust {
	if v == Allowed {
		return shard.Trusted
	}
	return shard.Denied
}
