package redis

import (
	"context"
	"sync"
	"time"

	"github.com/scaiwave/presence/bench/contest"
	"github.com/scaiwave/presence/bench/load"
	"github.com/scaiwave/presence/bench/report"
	"github.com/scaiwave/presence/bench/result"
	"github.com/scaiwave/presence/bench/target"
)

// sockets measures the memory of a socket that watches one participant, on a fresh node: a node
// that was loaded before would have room for it already.
func (r *run) sockets(ctx context.Context) error {
	defer r.Phase("memory of sockets", true, 0)()
	c, err := r.Node(ctx, "presence (sockets)", contest.Patient...)
	if err != nil {
		return err
	}
	defer c.Close()
	pid := c.Nodes[0].PID()
	before, err := target.UsageOf(pid)
	if err != nil {
		return err
	}
	begun := time.Now()
	empty, err := r.Quiet(ctx, pid)
	if err != nil {
		return err
	}
	idle, err := target.UsageOf(pid)
	if err != nil {
		return err
	}
	r.constant(report.EmptyCPU, "cores", result.Lower,
		max(idle.CPU-before.CPU, leastTick).Seconds()/time.Since(begun).Seconds(), "nobody is there, nothing is asked")
	v, err := contest.Watch(ctx, c, r.Subscribers, r.people.batches[0][:1])
	if err != nil {
		return err
	}
	defer v.Close()
	full, err := r.Quiet(ctx, pid)
	if err != nil {
		return err
	}
	r.constant(report.EmptyNode, "B", result.Lower, float64(empty), "")
	r.constant(report.Socket, "B/socket", result.Lower, float64(full-empty)/float64(r.Subscribers),
		"WebSocket that watches one participant")
	return r.socketBeats(ctx, c)
}

// leastTick is the unit in which the kernel counts CPU time.
const leastTick = 10 * time.Millisecond

// How many sockets beat, each as often as a server allows.
const (
	beating  = 1000
	beatRate = 16.0 // a second, each
)

// socketBeats measures what heartbeats of sockets cost.
func (r *run) socketBeats(ctx context.Context, c *target.Cluster) error {
	ctx, end := context.WithCancel(ctx)
	var staying sync.WaitGroup
	defer staying.Wait()
	defer end()
	records := load.NewRecorder()
	all := make([]*load.Visitor, beating)
	for i := range all {
		all[i] = &load.Visitor{Cluster: c, Records: records, Token: load.ID("beating", i), Device: contest.Device}
		staying.Go(func() { all[i].Stay(ctx, time.Now()) })
	}
	for load.Away(all) > 0 {
		if !load.Sleep(ctx, 10*time.Millisecond) {
			return ctx.Err()
		}
	}
	m, err := contest.Measure(ctx, c.Nodes[0].PID(),
		func(ctx context.Context) (int64, error) { return r.beatByTurns(ctx, c, all) })
	if err != nil {
		return err
	}
	r.constant(report.SocketBeatsCPU, "1/s", result.Higher, m.PerCPUSecond, "WebSocket, without an answer")
	r.constant(report.SocketBeatBytes, "B", result.Lower, float64(len(load.QuietBeat)+maskedHead),
		"of the message and its frame, without TCP")
	return nil
}

// maskedHead is how many bytes a client's frame of up to 125 bytes has before its text.
const maskedHead = 6

// beatByTurns has all visitors beat in turn, and returns how many heartbeats the node has applied.
func (r *run) beatByTurns(ctx context.Context, c *target.Cluster, all []*load.Visitor) (int64, error) {
	const applied = "presence_heartbeats_total"
	before, err := c.Metric(ctx, applied)
	if err != nil {
		return 0, err
	}
	load.Schedule{Rate: beatRate * float64(len(all)), Workers: 1, Do: func(_ context.Context, i int64, _ time.Time) {
		all[int(i)%len(all)].BeatQuietly()
	}}.Run(ctx, r.Each, load.NewRecorder())
	after, err := c.Metric(ctx, applied)
	return int64(after - before), err
}
