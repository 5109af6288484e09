package many

import (
	"sync"
	"time"
)

// life is when somebody of the crowd showed to be alive, and that was taken. Whoever did in time
// may not be shown offline, however busy the machine is. Whoever didn't, because the client itself
// had to wait for a processor, is offline by the rules.
type life struct {
	deadline time.Duration // static

	mu     sync.Mutex
	sent   time.Time // of the last sign of life that was acknowledged
	broken time.Time // the last time that one came later than a deadline after the one before
}

// sign is a sign of life that a node took: it counted at some moment between the two. What a node
// took whose links are cut, the others can't know. Its client has a deadline to be elsewhere.
func (l *life) sign(nd *node, sent, acked time.Time) {
	if nd.deaf.Load() {
		return
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if !l.sent.IsZero() && acked.Sub(l.sent) > l.deadline {
		l.broken = acked
	}
	l.sent = sent
}

// unbroken says whether all signs since then were in time, so that at no moment an offline can have
// been right.
func (l *life) unbroken(since time.Time) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return time.Since(l.sent) < l.deadline && l.broken.Before(since)
}
