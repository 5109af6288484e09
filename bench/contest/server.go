package contest

import (
	"context"
	"time"

	"github.com/scaiwave/presence/bench/load"
	"github.com/scaiwave/presence/bench/result"
	"github.com/scaiwave/presence/bench/target"
)

// Patient are flags with which no participant expires while rates are measured.
var Patient = []string{"--heartbeat-interval=8m"}

// Node starts a single node of Presence: several would hold two copies.
func (r *Run) Node(ctx context.Context, name string, flags ...string) (*target.Cluster, error) {
	c, err := target.StartLocal(ctx, target.Plan{Nodes: 1, Binary: r.Binary, Cores: r.Cores, Flags: flags})
	if err == nil {
		r.meter.Watch(name, result.Server, c.Nodes[0].PID())
	}
	return c, err
}

// Watch meters a process of the rival.
func (r *Run) Watch(name string, pid int) { r.meter.Watch(name, r.Kind, pid) }

const (
	quietPause = 500 * time.Millisecond // less where measurements are short
	quietTurns = 40
	quietMost  = 120
)

// Quiet waits until the resident memory hasn't changed by a hundredth for 20 s, at most a minute,
// and returns it. Garbage that the load left behind doesn't count: every 15 s a node gives back
// what it doesn't need.
func (r *Run) Quiet(ctx context.Context, pid int) (rss int64, err error) {
	for turns, same := 0, 0; turns < quietMost && same < quietTurns; turns++ {
		u, err := target.UsageOf(pid)
		if err != nil {
			return 0, err
		}
		if same++; max(u.RSS, rss)-min(u.RSS, rss) > rss/100 {
			rss, same = u.RSS, 0
		}
		if !load.Sleep(ctx, min(quietPause, r.Each/4)) {
			return rss, ctx.Err()
		}
	}
	return rss, nil
}
