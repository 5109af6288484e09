package scenario

import (
	"context"
	"errors"
	"fmt"
	"math"
	"sync/atomic"
	"time"

	"github.com/scaiwave/presence/bench/load"
	"github.com/scaiwave/presence/bench/result"
	"github.com/scaiwave/presence/bench/target"
)

// Churn has new participants come for a short visit, again and again, and looks at what they leave
// behind.
type Churn struct {
	Options `embed:""`
	Visits  float64       `default:"5000" placeholder:"N" help:"Participants a second who beat once, through a backend, and are never heard of again."`
	Sockets float64       `default:"100" placeholder:"N" help:"Participants a second who connect, and sign out a second later."`
	Cycles  int           `default:"2" placeholder:"N" help:"How many cycles: --duration of visits, and then quiet."`
	Quiet   time.Duration `default:"45s" placeholder:"TIME" help:"How long to wait at most, after each cycle, until nothing is left. A sign-out is remembered for the deadline and 30 s more."`

	names atomic.Int64
}

// Name is that of the subcommand.
func (s *Churn) Name() string { return "churn" }

// Validate is called by the command line.
func (s *Churn) Validate() error {
	if len(s.Server) > 0 {
		return errors.New("churn looks at metrics and memory of each node, which needs --local")
	}
	return errors.Join(s.Options.valid(), check(
		limit{"visits", s.Visits, 100, 1_000_000}, limit{"sockets", s.Sockets, 0.1, 10_000},
		limit{"cycles", float64(s.Cycles), 1, 100},
		limit{"quiet", s.Quiet.Seconds(), 0, 3600}))
}

// Local nodes forget fast: a cycle is short.
const (
	churnInterval = time.Second
	churnGrace    = time.Second
	churnTTL      = 3 * time.Second
	churnBatch    = 100
	visitLength   = time.Second
)

func (s *Churn) timings() []string {
	return []string{
		"--heartbeat-interval=" + churnInterval.String(), "--grace=" + churnGrace.String(),
		"--record-ttl=" + churnTTL.String(), "--linger=1s",
	}
}

func (s *Churn) run(ctx context.Context, r *Run) error {
	empty := r.Meter.RSS(result.Server)
	after, left, took := []float64{}, 0.0, time.Duration(0)
	for i := range s.Cycles {
		r.measure(ctx, fmt.Sprintf("visits %d", i+1), s.Duration, func(ctx context.Context) { s.visit(ctx, r) })
		r.measure(ctx, fmt.Sprintf("quiet %d", i+1), s.Quiet,
			func(ctx context.Context) { left, took = s.quiet(ctx, r) })
		after = append(after, float64(r.Meter.RSS(result.Server)))
	}
	r.measuredAll()
	r.usual()
	r.figure(result.Figure{
		Name: "participants and records left", Unit: "", Value: left, Better: result.Lower,
		Target: &result.Target{Op: "<=", Value: 0},
	})
	r.number("quiet until nothing is left, or given up", "s", result.Lower, took.Seconds(), "")
	r.number("memory before", "B", result.Neither, float64(empty), "resident, over all nodes, before the first visit")
	r.number("memory after the last cycle", "B", result.Lower, after[len(after)-1],
		"what the collector will give back to the system is in it still")
	r.number("memory after the last cycle to after the first", "x", result.Lower, after[len(after)-1]/after[0],
		"what grows from cycle to cycle would be a leak")
	return nil
}

// quiet waits until no participants and records are left, and returns how many are and how long it
// took.
func (s *Churn) quiet(ctx context.Context, r *Run) (left float64, took time.Duration) {
	for start := time.Now(); ; {
		left = 0
		for _, name := range []string{"presence_participants", "presence_records"} {
			n, err := r.Cluster.Metric(ctx, name)
			if err != nil {
				n = math.Inf(1)
			}
			left += n
		}
		if took = time.Since(start); left == 0 || took > s.Quiet || !load.Sleep(ctx, target.SampleEvery) {
			return left, took
		}
	}
}

// visit has participants come through a backend and by socket, at the same time.
func (s *Churn) visit(ctx context.Context, r *Run) {
	r.running.Go(func() {
		load.Schedule{Rate: s.Sockets, Workers: 64, Do: func(ctx context.Context, _ int64, due time.Time) {
			s.shortSocket(ctx, r, due)
		}}.Run(ctx, s.Duration-visitLength, r.Records)
	})
	batch := func(ctx context.Context, _ int64, due time.Time) {
		ids := make([]string, churnBatch)
		for i := range ids {
			ids[i] = s.next()
		}
		r.Records.Done(load.BatchBeat, due, churnBatch,
			r.API.Beat(ctx, load.BeatBody(ids, "phone", "online"), churnBatch))
	}
	load.Schedule{Rate: s.Visits / churnBatch, Workers: 64, Units: churnBatch, Do: batch}.
		Run(ctx, s.Duration, r.Records)
}

func (s *Churn) next() string { return load.ID("passer-by00", int(s.names.Add(1))) }

// shortSocket connects, and signs out a moment later. It doesn't wait for that.
func (s *Churn) shortSocket(ctx context.Context, r *Run, due time.Time) {
	visit, end := context.WithTimeout(ctx, 2*visitLength)
	v := &load.Visitor{
		Cluster: r.Cluster, Records: r.Records, Token: r.sign(s.next()), Device: "tab",
		Backoff: time.Hour,
	}
	r.running.Go(func() { v.Stay(visit, due) })
	r.running.Go(func() {
		defer end()
		load.Sleep(visit, visitLength)
		if err := v.Goodbye(); err != nil {
			r.Records.Failed(due, err)
		}
		load.Sleep(visit, visitLength/2)
	})
}
