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

// Rush has sockets connect at once, again and again, while others ask.
type Rush struct {
	Options      `embed:""`
	Rush         int           `default:"5000" placeholder:"N" help:"How many sockets connect at once, each with a hello."`
	Times        int           `default:"5" placeholder:"N" help:"How often. After each time all leave, and --calm follows."`
	Calm         time.Duration `default:"3s" placeholder:"TIME" help:"Between two rushes, for comparison: nobody connects."`
	Within       time.Duration `default:"30s" placeholder:"TIME" help:"How long to wait for all to be connected."`
	Participants int           `default:"1000" placeholder:"N" help:"How many participants are there all the time, and are asked about. They beat in batches over HTTP."`
	Queries      float64       `default:"100" placeholder:"N" help:"Questions of 100 ids a second, by a backend that keeps its connections."`
	Newcomers    float64       `default:"20" placeholder:"N" help:"The same questions a second, each on a connection of its own; and as many health checks of each local node."`
	Holding      int           `default:"0" placeholder:"N" help:"Clients that hold back what a node waits for: half of them a part of their header, the others their hello."`
	Signed       bool          `help:"Local nodes check signatures of tokens (ES256), of the rush and of the backend."`
}

// Name is that of the subcommand.
func (s *Rush) Name() string { return "rush" }

// Validate is called by the command line.
func (s *Rush) Validate() error {
	if s.Signed && len(s.Server) > 0 {
		return errors.New("--signed is for local nodes; of a running cluster --key-file has the secret")
	}
	return errors.Join(s.Options.valid(), check(
		limit{"rush", float64(s.Rush), 1, mostSockets}, limit{"times", float64(s.Times), 1, 1000},
		limit{"calm", s.Calm.Seconds(), 0.1, 3600}, limit{"within", s.Within.Seconds(), 1, 3600},
		limit{"participants", float64(s.Participants), 1, mostParticipants},
		limit{"queries", s.Queries, 0.1, 10_000}, limit{"newcomers", s.Newcomers, 0.1, 1000},
		limit{"holding", float64(s.Holding), 0, mostSockets}))
}

func (s *Rush) where() Options {
	o := s.Options
	o.Signed = s.Signed
	return o
}

// What is asked, and what happens meanwhile.
const (
	askedByOld = "query"
	askedByNew = "query on a new connection"
	askedWell  = "health check"

	nobodyComes = ", nobody connects"
	allCome     = ", all connect"
	allGo       = ", all leave"
)

// leaving is how long a node may need to notice that all have left.
const leaving = time.Second

func (s *Rush) run(ctx context.Context, r *Run) error {
	c, err := r.crowd(ctx, People{Participants: s.Participants, Batch: mostBatch}, 0)
	if err != nil {
		return err
	}
	var when atomic.Value
	when.Store(nobodyComes)
	s.ask(ctx, r, c, func(what string) string { return what + when.Load().(string) })
	for i := range s.Holding {
		r.running.Go(func() { load.HoldBack(ctx, r.Cluster, i%2 == 0) })
	}
	r.warm(ctx)
	var told []rushed
	for i := range s.Times {
		r.measure(ctx, "calm", s.Calm, func(ctx context.Context) { load.Sleep(ctx, s.Calm) })
		t, err := s.rush(ctx, r, i, &when)
		if err != nil {
			return err
		}
		told = append(told, t)
	}
	s.figures(r, told)
	return nil
}

// ask asks in the background until ctx ends. A latency has the name that it had when the question
// was due.
func (s *Rush) ask(ctx context.Context, r *Run, c *load.Crowd, name func(what string) string) {
	r.probe(ctx, c, &load.Probe{
		Size: watchedEach, Rate: s.Queries, Workers: 64, Name: func() string { return name(askedByOld) },
	})
	fresh := &load.Probe{
		API: r.API.Fresh(), Records: r.Records, IDs: c.IDs,
		Size: watchedEach, Rate: s.Newcomers, Workers: 64, Name: func() string { return name(askedByNew) },
	}
	fresh.Prepare()
	r.running.Go(func() { fresh.Run(ctx, maxDuration) })
	for _, n := range r.Cluster.Nodes {
		if n.Admin == "" {
			continue
		}
		check := load.Schedule{Rate: s.Newcomers, Workers: 64, Units: 1}
		check.Do = func(ctx context.Context, _ int64, due time.Time) {
			what := name(askedWell)
			r.Records.Done(what, due, 1, n.Ready(ctx))
		}
		r.running.Go(func() { check.Run(ctx, maxDuration, r.Records) })
	}
}

// rush has all connect at once, and leave when all are there.
func (s *Rush) rush(ctx context.Context, r *Run, i int, when *atomic.Value) (told rushed, err error) {
	t := rush{Servers: r.urls(), CAFile: s.CAFile, Within: s.Within}
	for n := range s.Rush {
		t.Tokens = append(t.Tokens, r.sign(load.ID(fmt.Sprintf("rush-%d", i), n)))
	}
	all, err := startRushers(ctx, t)
	if err != nil {
		return told, err
	}
	when.Store(allCome)
	r.measure(ctx, fmt.Sprintf("rush %d", i+1), 0, func(context.Context) {
		if told, err = all.wait(); err == nil {
			told.note(r.Records)
		}
	})
	when.Store(allGo)
	r.measure(ctx, fmt.Sprintf("all leave %d", i+1), leaving, func(ctx context.Context) {
		all.leave()
		load.Sleep(ctx, leaving)
	})
	when.Store(nobodyComes)
	return told, err
}

func (r *Run) urls() (all []string) {
	for _, n := range r.Cluster.Nodes {
		all = append(all, n.URL)
	}
	return all
}

func (s *Rush) figures(r *Run, told []rushed) {
	r.measuredAll()
	r.usual()
	r.stayed()
	r.figure(s.arrival(told))
	for _, what := range []string{askedByOld, askedByNew, askedWell} {
		for _, when := range []string{nobodyComes, allCome, allGo} {
			if r.Records.Answered(what+when) > 0 {
				r.number(what+" p99"+when, "ms", result.Lower, 1000*r.quantile(what+when, 99), "")
			}
		}
	}
}

// arrival is the median of the times until all were connected.
func (s *Rush) arrival(told []rushed) result.Figure {
	f := result.Figure{
		Name: "all connected after", Unit: "s", Better: result.Lower,
		Target: &result.Target{Op: "<", Value: s.Within.Seconds()},
	}
	for _, t := range told {
		f.Runs = append(f.Runs, t.Took.Seconds())
		if t.Away > 0 {
			f.Comment = fmt.Sprintf("not all were there: once %d of %d were missing when the time was over", t.Away, s.Rush)
		}
	}
	f.Value = result.Median(f.Runs)
	return f
}
