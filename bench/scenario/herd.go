package scenario

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"time"

	"github.com/scaiwave/presence/bench/load"
	"github.com/scaiwave/presence/bench/result"
)

// Herd connects a herd at once. Then all its connections are lost, and it comes back.
type Herd struct {
	Options `embed:""`
	People  `embed:""`
	Herd    int           `default:"3000" placeholder:"N" help:"How many connect at once, besides the crowd of participants that is there already."`
	Spread  time.Duration `default:"1s" placeholder:"TIME" help:"Members that lost the connection come back at a random time within this. The first time all connect at once."`
	Within  time.Duration `default:"30s" placeholder:"TIME" help:"How long to wait for all to be connected."`
	Linger  time.Duration `default:"10s" placeholder:"TIME" help:"How long the servers keep a device that lost its connection: a member that stays away for longer is rightly shown offline. Local nodes are told the same."`
	Queries float64       `default:"50" placeholder:"N" help:"Questions of 100 ids a second about others, whose latency should not suffer."`
}

// Name is that of the subcommand.
func (s *Herd) Name() string { return "herd" }

// Validate is called by the command line.
func (s *Herd) Validate() error {
	return errors.Join(s.Options.valid(), s.People.valid(), check(
		limit{"herd", float64(s.Herd), 1, mostSockets}, limit{"spread", s.Spread.Seconds(), 0.001, 3600},
		limit{"within", s.Within.Seconds(), 1, 3600},
		limit{"linger", s.Linger.Seconds(), 0.1, 3600}, limit{"queries", s.Queries, 0.1, 10_000}))
}

func (s *Herd) timings() []string { return append(s.Options.timings(), "--linger="+s.Linger.String()) }

// The names of the latencies of questions, by when they were asked.
const (
	queryIdle = "query, nobody connects"
	queryHerd = "query, all connect"
	queryBack = "query, all come back"
)

func (s *Herd) run(ctx context.Context, r *Run) error {
	var asking atomic.Value
	asking.Store(queryIdle)
	c, err := r.crowd(ctx, s.People, 0)
	if err != nil {
		return err
	}
	r.probe(ctx, c, &load.Probe{
		Size: watchedEach, Rate: s.Queries, Workers: 64,
		Name: func() string { return asking.Load().(string) },
	})
	r.warm(ctx)
	herd, quarter := s.herd(r), s.Duration/4
	calm := func(phase string) {
		asking.Store(queryIdle)
		r.measure(ctx, phase, quarter, func(ctx context.Context) { load.Sleep(ctx, quarter) })
	}
	calm("idle")
	asking.Store(queryHerd)
	first := s.connect(ctx, r, herd)
	asking.Store(queryIdle)
	if err := s.watch(ctx, r, herd); err != nil {
		return err
	}
	calm("connected")
	asking.Store(queryBack)
	back := s.lose(ctx, r, herd)
	calm("connected again")
	s.figures(r, first, back)
	return nil
}

// connect has the whole herd connect at once.
func (s *Herd) connect(ctx context.Context, r *Run, herd []*load.Visitor) (first awaited) {
	r.measure(ctx, "all connect", 0, func(ctx context.Context) {
		due := time.Now()
		for _, v := range herd {
			r.running.Go(func() { v.Stay(ctx, due) })
		}
		first = await(ctx, herd, due, s.Within)
	})
	return first
}

// lose drops all connections of the herd at once, and has it come back.
func (s *Herd) lose(ctx context.Context, r *Run, herd []*load.Visitor) (back awaited) {
	r.measure(ctx, "all come back", 0, func(ctx context.Context) {
		r.fault(fmt.Sprintf("%d connections are lost at once", s.Herd))
		due := time.Now()
		for _, v := range herd {
			v.Drop()
		}
		load.Sleep(ctx, s.Spread/2)
		back = await(ctx, herd, due, s.Within)
	})
	return back
}

// herd makes the herd. Each member has a device.
func (s *Herd) herd(r *Run) (herd []*load.Visitor) {
	for i := range s.Herd {
		id := load.ID("herd-member", i)
		herd = append(herd, &load.Visitor{
			Cluster: r.Cluster, Records: r.Records, Token: r.sign(id), Device: "tab",
			Backoff: s.Spread,
		})
	}
	return herd
}

// watch watches the herd: a member that comes back within the linger must not be shown offline.
func (s *Herd) watch(ctx context.Context, r *Run, herd []*load.Visitor) error {
	all, members := ids("herd-member", s.Herd), make(map[string]*load.Visitor)
	for i, id := range all {
		members[id] = herd[i]
	}
	return r.watchAll(ctx, all, func(id, state []byte) {
		switch {
		case string(state) != "offline":
		case members[string(id)].Absence() < s.Linger:
			r.Records.FalseOffline.Add(1)
		default:
			r.Records.Count("rightly shown offline: away for longer than the linger", time.Now(), 1)
		}
	})
}

// awaited is how long a herd took to connect, and how many of it were away when the time was over.
// The zero value is unknown: the run ended before the wait, or during it.
type awaited struct {
	known bool
	took  time.Duration
	away  int
}

// await waits until all are connected, or the time for it is over.
func await(ctx context.Context, herd []*load.Visitor, due time.Time, within time.Duration) awaited {
	for ctx.Err() == nil {
		away := load.Away(herd)
		switch took := time.Since(due); {
		case away == 0:
			return awaited{known: true, took: took}
		case took >= within:
			return awaited{known: true, took: within, away: away}
		}
		load.Sleep(ctx, 10*time.Millisecond)
	}
	return awaited{}
}

func (s *Herd) figures(r *Run, first, back awaited) {
	r.measuredAll()
	r.usual()
	r.stayed()
	s.arrival(r, "all connected after", first)
	s.arrival(r, "all back after", back)
	idle := r.quantile(queryIdle, 99)
	r.number("query p99, all connect, to idle", "x", result.Lower, r.quantile(queryHerd, 99)/idle, "")
	r.number("query p99, all come back, to idle", "x", result.Lower, r.quantile(queryBack, 99)/idle, "")
}

const herdTarget = 30 * time.Second

// arrival adds the figure of a wait. Its target is at most the time of the wait, so that a wait in
// vain misses it, however short it was.
func (s *Herd) arrival(r *Run, name string, a awaited) {
	if !a.known {
		r.note(name + ": not measured, the run was ended before")
		return
	}
	f := result.Figure{
		Name: name, Unit: "s", Value: a.took.Seconds(), Better: result.Lower,
		Target: &result.Target{Op: "<", Value: min(herdTarget, s.Within).Seconds()},
	}
	if a.away > 0 {
		f.Comment = fmt.Sprintf("not all were there: %d of %d were missing when the time was over", a.away, s.Herd)
	}
	r.figure(f)
}
