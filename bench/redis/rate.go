package redis

import (
	"context"
	"errors"
	"sync/atomic"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/scaiwave/presence/bench/target"
)

// parallel is how many requests are in flight at once: enough that the server always has the next
// one.
const parallel = 4

// measured is what a server did with its CPU time.
type measured struct {
	perCPUSecond float64
	busy         float64 // share of one core that the server used
}

// The kernel counts CPU time in hundredths of a second. A measurement repeats until there are a few
// of them.
const (
	leastCPU = 50 * time.Millisecond
	mostGoes = 50
)

// measure runs do, and returns what it did for each CPU-second of the process.
func measure(ctx context.Context, pid int, do func(ctx context.Context) (int64, error)) (m measured, err error) {
	before, err := target.UsageOf(pid)
	if err != nil {
		return m, err
	}
	start, total := time.Now(), int64(0)
	for range mostGoes {
		n, err := do(ctx)
		if err == nil {
			err = ctx.Err() // work that ended early says nothing of the server
		}
		if err != nil {
			return m, err
		}
		total += n
		after, err := target.UsageOf(pid)
		if err != nil {
			return m, err
		}
		if cpu := after.CPU - before.CPU; cpu >= leastCPU {
			return measured{float64(total) / cpu.Seconds(), cpu.Seconds() / time.Since(start).Seconds()}, nil
		}
	}
	return m, errors.New("the server used no measurable CPU: measure longer, with --each")
}

// saturate repeats step on several goroutines, and adds up what the steps did. Each step has a
// number of its own.
func saturate(ctx context.Context, each time.Duration, step func(context.Context, int) (int, error)) (int64, error) {
	var done, next atomic.Int64
	until := time.Now().Add(each)
	g, ctx := errgroup.WithContext(ctx)
	for range parallel {
		g.Go(func() error {
			for time.Now().Before(until) {
				n, err := step(ctx, int(next.Add(1)-1))
				if err != nil {
					return err
				}
				done.Add(int64(n))
			}
			return nil
		})
	}
	err := g.Wait()
	return done.Load(), err
}

// all runs step for 0 to n-1.
func all(ctx context.Context, n int, step func(ctx context.Context, i int) error) error {
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(parallel)
	for i := range n {
		g.Go(func() error {
			if ctx.Err() != nil {
				return ctx.Err()
			}
			return step(ctx, i)
		})
	}
	return g.Wait()
}
