package abuse

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"time"
)

// reading is what was seen of one kind of request.
type reading struct {
	mu     sync.Mutex
	Took   []int64 // nanoseconds
	Failed int
	Why    string // the last one failed
}

func (r *reading) note(took time.Duration, err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.Took = append(r.Took, int64(took))
	if err != nil {
		r.Failed++
		r.Why = err.Error()
	}
}

// at is a quantile.
func (r *reading) at(q float64) time.Duration {
	r.mu.Lock()
	defer r.mu.Unlock()
	slices.Sort(r.Took)
	if len(r.Took) == 0 {
		return 0
	}
	return time.Duration(r.Took[min(int(q*float64(len(r.Took))), len(r.Took)-1)])
}

// each calls do so many times a second, and measures from when a call is due.
func (r *reading) each(ctx context.Context, rate int, do func(i int) error) {
	var running sync.WaitGroup
	defer running.Wait()
	every := time.Second / time.Duration(rate)
	for i, due := 0, time.Now(); pause(ctx, time.Until(due)); i, due = i+1, due.Add(every) {
		running.Go(func() {
			err := do(i)
			r.note(time.Since(due), err)
		})
	}
}

// time measures one call.
func (r *reading) time(do func() error) {
	begun := time.Now()
	err := do()
	r.note(time.Since(begun), err)
}

// seen is what users saw, and a probe of the node's health.
type seen struct{ Asked, Health reading }

func (s *seen) String() string {
	text := fmt.Sprintf("p50 %v p99 %v, health at most %v", short(s.Asked.at(0.5)), short(s.Asked.at(0.99)),
		short(s.Health.at(1)))
	for _, r := range []*reading{&s.Asked, &s.Health} {
		if r.Failed > 0 {
			text += fmt.Sprintf(", %d failed: %.300s", r.Failed, r.Why)
		}
	}
	return text
}

func short(d time.Duration) time.Duration { return d.Round(100 * time.Microsecond) }
