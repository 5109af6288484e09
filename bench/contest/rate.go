package contest

import (
	"context"
	"errors"
	"sync/atomic"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/scaiwave/presence/bench/target"
)

// Parallel is how many requests are in flight at once: enough that the server always has the next
// one.
const Parallel = 4

// Measured is what a server did with its CPU time.
type Measured struct {
	PerCPUSecond float64
	Busy         float64 // share of one core that the server used
}

// The kernel counts CPU time in hundredths of a second. A measurement repeats until there are a few
// of them.
const (
	leastCPU = 50 * time.Millisecond
	mostGoes = 50
)

// Measure runs do, and returns what it did for each CPU-second of the process.
func Measure(ctx context.Context, pid int, do func(ctx context.Context) (int64, error)) (m Measured, err error) {
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
			return Measured{float64(total) / cpu.Seconds(), cpu.Seconds() / time.Since(start).Seconds()}, nil
		}
	}
	return m, errors.New("the server used no measurable CPU: measure longer, with --each")
}

// Saturate repeats step on several goroutines, and adds up what the steps did. Each step has a
// number of its own.
func Saturate(ctx context.Context, each time.Duration, step func(context.Context, int) (int, error)) (int64, error) {
	var done, next atomic.Int64
	until := time.Now().Add(each)
	g, ctx := errgroup.WithContext(ctx)
	for range Parallel {
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

// All runs step for 0 to n-1.
func All(ctx context.Context, n int, step func(ctx context.Context, i int) error) error {
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(Parallel)
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
