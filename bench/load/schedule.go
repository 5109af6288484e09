package load

import (
	"context"
	"sync"
	"sync/atomic"
	"time"
)

// Schedule begins work at a rate that doesn't depend on how fast the work is done.
type Schedule struct {
	Rate    float64 // how many begin in a second
	Workers int     // how many may wait for an answer at once
	Units   int64   // of work in each, such as the ids of a question; 0: Do notes what was offered
	Do      func(ctx context.Context, i int64, due time.Time)
}

// patience is how long after its end a schedule goes on with work that it hasn't begun.
const patience = time.Second

// drain is how long after the end of ctx work under way may go on: it was due before, so it counts.
const drain = 2 * time.Second

// Run works for d, or until ctx ends. Work that was due by then and could not begin is an error.
func (s Schedule) Run(ctx context.Context, d time.Duration, r *Recorder) {
	var (
		next    atomic.Int64
		workers sync.WaitGroup
		start   = time.Now()
		ended   atomic.Int64                       // when ctx ended, in Unix nanoseconds
		total   = int64(s.Rate*d.Seconds() + 1e-6) // 1/49.0 times 49 is less than 1
	)
	due := func(i int64) time.Time { return start.Add(time.Duration(float64(i) / s.Rate * float64(time.Second))) }
	ends := start.Add(d + patience)
	defer context.AfterFunc(ctx, func() { ended.Store(time.Now().UnixNano()) })()
	doing, done := outliving(ctx)
	defer done()
	for range max(1, min(s.Workers, int(total))) {
		workers.Go(func() {
			for ctx.Err() == nil && time.Now().Before(ends) {
				i := next.Add(1) - 1
				if i >= total || !r.await(ctx, due(i)) {
					return
				}
				r.Offered(due(i), s.Units)
				s.Do(doing, i, due(i))
			}
		})
	}
	workers.Wait()
	last := time.Now()
	if at := ended.Load(); at != 0 {
		last = time.Unix(0, at)
	}
	for i := next.Load(); i < total && due(i).Before(last); i++ {
		r.Offered(due(i), s.Units)
		r.Failed(due(i), ErrNotStarted)
	}
}

// outliving returns a context that ends a while after ctx.
func outliving(ctx context.Context) (context.Context, context.CancelFunc) {
	longer, cancel := context.WithCancel(context.WithoutCancel(ctx))
	stop := context.AfterFunc(ctx, func() { time.AfterFunc(drain, cancel) })
	return longer, func() { stop(); cancel() }
}

// await waits until work is due, and notes how late it woke. Work that is overdue already doesn't
// count as overslept: its worker was busy. await returns false when ctx ended first.
func (r *Recorder) await(ctx context.Context, due time.Time) bool {
	wait := time.Until(due)
	if wait <= 0 {
		return true
	}
	if !Sleep(ctx, wait) {
		return false
	}
	r.overslept(due, time.Since(due))
	return true
}

// Sleep waits for d. It returns false when ctx ended first.
func Sleep(ctx context.Context, d time.Duration) bool {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-t.C:
		return ctx.Err() == nil
	}
}
