package centrifugo

import (
	"context"
	"time"

	"github.com/scaiwave/presence/bench/contest"
	"github.com/scaiwave/presence/bench/load"
	"github.com/scaiwave/presence/bench/result"
	"github.com/scaiwave/presence/bench/target"
)

// memory compares the memory of an idle socket. It comes first: a server that was loaded before
// would have room for it already.
func (r *run) memory(ctx context.Context) error {
	defer r.Phase("memory of sockets", true, 0)()
	ours, err := r.eachSocket(ctx, r.pids().Ours, r.ours)
	if err != nil {
		return err
	}
	theirs, err := r.eachSocket(ctx, r.pids().Theirs, r.theirs)
	if err == nil {
		r.CompareOnce("memory of an idle socket (with a device; in a channel with presence)", "B/socket", result.Lower,
			ours, theirs, nil)
	}
	return err
}

type connector func(ctx context.Context, first, n int) (crowd, error)

// eachSocket is the resident memory that each socket of a crowd adds to a server.
func (r *run) eachSocket(ctx context.Context, pid int, connect connector) (bytes float64, err error) {
	empty, err := r.Quiet(ctx, pid)
	if err != nil {
		return 0, err
	}
	c, err := connect(ctx, 0, r.Sockets)
	if err != nil {
		return 0, err
	}
	defer c.close()
	full, err := r.Quiet(ctx, pid)
	if err == nil {
		err = c.check()
	}
	return float64(full-empty) / float64(r.Sockets), err
}

// connects compares the cost of connecting, up to where others see it.
func (r *run) connects(ctx context.Context) error {
	const work = "connects (WebSocket, hello with a device; WebSocket, connect and subscribe)"
	var runs [][2]float64
	for range r.Rounds {
		end := r.Phase("connects", false, 0)
		ours, err := r.connect(ctx, r.pids().Ours, r.ours)
		if err != nil {
			return err
		}
		r.Doubt("presence", work, ours)
		theirs, err := r.connect(ctx, r.pids().Theirs, r.theirs)
		if err != nil {
			return err
		}
		r.Doubt(r.Kind, work, theirs)
		runs = append(runs, [2]float64{ours.PerCPUSecond, theirs.PerCPUSecond})
		end()
	}
	r.Compare(work, "1/s", result.Higher, "public", runs, nil)
	return nil
}

// connect measures what it costs that a crowd connects. What its leaving costs doesn't count.
func (r *run) connect(ctx context.Context, pid int, connect connector) (m contest.Measured, err error) {
	var crowds []crowd
	m, err = contest.Measure(ctx, pid, func(ctx context.Context) (int64, error) {
		c, err := connect(ctx, len(crowds)*r.Sockets, r.Sockets)
		if err == nil {
			crowds = append(crowds, c)
		}
		return int64(r.Sockets), err
	})
	for _, c := range crowds {
		c.close()
	}
	if err == nil {
		err = rest(ctx, pid)
	}
	return m, err
}

const (
	restPause = 200 * time.Millisecond
	restTurns = 100
)

// rest waits until a server does next to nothing, at most 20 s: it has noticed who left.
func rest(ctx context.Context, pid int) error {
	before, err := target.UsageOf(pid)
	for turns := 0; err == nil && turns < restTurns; turns++ {
		if !load.Sleep(ctx, restPause) {
			return ctx.Err()
		}
		var now target.Usage
		if now, err = target.UsageOf(pid); now.CPU-before.CPU <= restPause/10 {
			break
		}
		before = now
	}
	return err
}
