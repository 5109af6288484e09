package auth

import (
	"sync"
	"time"

	"github.com/scaiwave/presence/shard/wake"
)

// rounds keeps the fetches and those who wait for them together. Fetches are numbered from 1, and
// there is one at a time.
//
//	a token:  its key is unknown ─ ask: 7 ─────────────────── 7 has ended: is the key there now?
//	fetches:     6 is under way ───────── 6 ends ─ 7 begins ─ 7 ends
//
// What 6 brings may be from before the token was made, so only 7 shows that its key doesn't exist.
type rounds struct {
	mu     sync.Mutex
	pace   pace
	want   want // of those who ask for a fetch that has not begun
	named  sightings
	begun  int
	good   int           // the last one that brought keys
	failed int           // the last one that didn't
	ended  chan struct{} // closed at the end of the next one to end

	wanted wake.Signal
}

func newRounds() *rounds {
	return &rounds{pace: newPace(), ended: make(chan struct{}), wanted: wake.New()}
}

// ask wants a fetch for a token of subject that names kid, and returns the number of the first that
// counts for it.
func (r *rounds) ask(kid, subject string) (number int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	w := unknown
	if r.named.add(kid, subject) {
		w = rotation
	}
	r.want = max(r.want, w)
	r.wanted.Raise()
	return r.begun + 1
}

// standing is how far the fetches are.
type standing struct {
	good, failed int
	ended        chan struct{}
}

func (r *rounds) standing() standing {
	r.mu.Lock()
	defer r.mu.Unlock()
	return standing{r.good, r.failed, r.ended}
}

// until returns how long it takes until the next fetch may begin.
func (r *rounds) until(now time.Time) time.Duration {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.pace.next(r.want).Sub(now)
}

// again returns after how long a fetch may begin for a token that comes then.
func (r *rounds) again(now time.Time) time.Duration {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.pace.next(max(r.want, unknown)).Sub(now)
}

// begin starts a round: tokens that come from now on wait for the next.
func (r *rounds) begin(now time.Time) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.pace.begin(now)
	r.want = nothing
	r.begun++
}

// end tells those who wait. New keys must be in place by then.
func (r *rounds) end(now time.Time, err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.pace.end(now, err)
	if err == nil {
		r.good = r.begun
	} else {
		r.failed = r.begun
	}
	close(r.ended)
	r.ended = make(chan struct{})
}

// maxNamed is how many unknown keys are remembered.
const maxNamed = 256

// sightings remembers which subjects' tokens name a key that isn't known. The zero value is empty.
type sightings map[string]sighting

type sighting struct {
	subject string // the first
	several bool
}

// add reports whether tokens of several subjects have named kid, as after a rotation. Strangers can
// make that up, too: what it brings them is bounded. A full memory starts over.
func (s *sightings) add(kid, subject string) bool {
	seen, ok := (*s)[kid]
	if ok && (seen.several || seen.subject == subject) {
		return seen.several
	}
	if *s == nil || !ok && len(*s) >= maxNamed {
		*s = make(sightings, 1)
	}
	(*s)[kid] = sighting{subject: subject, several: ok}
	return ok
}
