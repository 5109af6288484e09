package contest

import (
	"context"
	"fmt"
	"sync/atomic"
	"time"
)

// Audience is many listeners who are told the same.
type Audience struct {
	size   int
	heard  atomic.Int64  // changes, by all listeners together
	wanted atomic.Int64  // what heard must reach
	all    chan struct{} // one slot: heard has reached wanted
}

// NewAudience returns an audience of size listeners.
func NewAudience(size int) *Audience { return &Audience{size: size, all: make(chan struct{}, 1)} }

// Hear counts n changes.
func (a *Audience) Hear(n int) {
	if a.heard.Add(int64(n)) >= a.wanted.Load() {
		select {
		case a.all <- struct{}{}:
		default:
		}
	}
}

// Heard is the number of changes that were heard so far, by all listeners together.
func (a *Audience) Heard() int64 { return a.heard.Load() }

// Round calls change, and waits until each listener has heard the n changes that it makes. It
// returns the number of deliveries.
func (a *Audience) Round(ctx context.Context, n int, change func() error) (int, error) {
	more := int64(n * a.size)
	a.wanted.Add(more)
	if err := change(); err != nil {
		return 0, err
	}
	for a.heard.Load() < a.wanted.Load() {
		select {
		case <-a.all:
		case <-ctx.Done():
			return 0, ctx.Err()
		case <-time.After(deliveryWait):
			return 0, fmt.Errorf("%d deliveries are missing after %v", a.wanted.Load()-a.heard.Load(), deliveryWait)
		}
	}
	return int(more), nil
}

const deliveryWait = time.Minute

// Repeat makes rounds until each is over, and returns the number of deliveries.
func (a *Audience) Repeat(ctx context.Context, each time.Duration, n int, change func() error) (int64, error) {
	var total int64
	for until := time.Now().Add(each); time.Now().Before(until); {
		told, err := a.Round(ctx, n, change)
		if err != nil {
			return total, err
		}
		total += int64(told)
	}
	return total, nil
}
