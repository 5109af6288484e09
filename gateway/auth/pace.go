package auth

import "time"

// How often the JWKS is fetched. Together these are 16 fetches a minute at most, whatever strangers
// send.
const (
	refreshEvery = 5 * time.Minute  // a removed key is refused after this
	minGap       = time.Second      // between the beginnings of two fetches
	firstRetry   = 5 * time.Second  // after a failure, twice as long each time
	maxRetryGap  = 30 * time.Second // between attempts while the JWKS is down and nobody asks

	askEvery, askBurst           = 5 * time.Second, 4  // fetches for unknown keys
	rotationEvery, rotationBurst = 15 * time.Second, 4 // more of them, for what looks like a rotation
)

// want is what a fetch is wanted for. The greater one counts.
type want int

const (
	nothing  want = iota // it is made when it is due
	unknown              // a token names a key that isn't at hand
	rotation             // tokens of several subjects name the same one
)

// bucket lets something happen burst times at once, and then every so often.
type bucket struct {
	every time.Duration
	burst int
	full  time.Time // when it is full again
}

// free returns from when on it may happen once more.
func (b *bucket) free() time.Time { return b.full.Add(-time.Duration(b.burst-1) * b.every) }

func (b *bucket) take(now time.Time) {
	if b.full.Before(now) {
		b.full = now
	}
	b.full = b.full.Add(b.every)
}

// pace tells when to fetch: as often as it is due, and when that could let a token in, as the
// buckets allow.
type pace struct {
	begun  time.Time     // when the last fetch did
	due    time.Time     // when one is made without being asked for
	retry  time.Duration // how long to wait after a failure; 0: the last fetch was none
	common bucket        // for all unknown keys
	spare  bucket        // for rotations, when common is empty
}

func newPace() pace {
	return pace{
		common: bucket{every: askEvery, burst: askBurst},
		spare:  bucket{every: rotationEvery, burst: rotationBurst},
	}
}

// next returns when a fetch may begin that is wanted for w.
func (p *pace) next(w want) time.Time {
	at := p.due
	if w >= unknown {
		at = earlier(at, p.common.free())
	}
	if w >= rotation {
		at = earlier(at, p.spare.free())
	}
	if least := p.begun.Add(minGap); at.Before(least) {
		return least
	}
	return at
}

// begin counts a fetch. One that is due by itself takes nothing from those that are asked for.
func (p *pace) begin(now time.Time) {
	p.begun = now
	switch {
	case !now.Before(p.due):
	case !now.Before(p.common.free()):
		p.common.take(now)
	default:
		p.spare.take(now)
	}
}

// end sets when the next fetch is due.
func (p *pace) end(now time.Time, err error) {
	switch {
	case err == nil:
		p.retry = 0
		p.due = now.Add(refreshEvery)
		return
	case p.retry == 0:
		p.retry = firstRetry
	default:
		p.retry = min(2*p.retry, maxRetryGap)
	}
	p.due = now.Add(p.retry)
}

func earlier(a, b time.Time) time.Time {
	if b.Before(a) {
		return b
	}
	return a
}
