package memnet

import (
	"context"
	"sync"
	"time"
)

// deadline is the time at which reads or writes stop waiting.
type deadline struct {
	mu    sync.Mutex
	at    time.Time     // zero: there is none
	moved chan struct{} // closed when at changes; nil while nobody waits
}

func (d *deadline) set(t time.Time) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.at = t
	if d.moved != nil {
		close(d.moved)
		d.moved = nil
	}
}

func (d *deadline) look() (at time.Time, moved <-chan struct{}) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.moved == nil {
		d.moved = make(chan struct{})
	}
	return d.at, d.moved
}

// passed reports whether a time is set, and over.
func passed(at time.Time) bool { return !at.IsZero() && !time.Now().Before(at) }

// earlier is the first of two times, of which either may be none.
func earlier(a, b time.Time) time.Time {
	if a.IsZero() || !b.IsZero() && b.Before(a) {
		return b
	}
	return a
}

// rest waits until one of the channels is closed, or until a time if it is set.
func rest(at time.Time, a, b, c <-chan struct{}) {
	var due <-chan time.Time
	if !at.IsZero() {
		t := time.NewTimer(time.Until(at))
		defer t.Stop()
		due = t.C
	}
	select {
	case <-a:
	case <-b:
	case <-c:
	case <-due:
	}
}

func pause(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-t.C:
		return nil
	}
}
