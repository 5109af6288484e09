package scenario

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/scaiwave/presence/bench/load"
	"github.com/scaiwave/presence/bench/result"
)

// Capacity raises the load step by step until the service level breaks.
type Capacity struct {
	Options `embed:""`
	People  `embed:""`
	Work    string        `enum:"heartbeats,queries,edges" default:"heartbeats" help:"What is raised: heartbeats, queries of --batch ids, or edges that a backend sets, 200 of each participant."`
	From    float64       `default:"10000" placeholder:"N" help:"Heartbeats, ids or edges a second of the first step."`
	Grow    float64       `default:"1.5" placeholder:"X" help:"By what each step multiplies the load."`
	Step    time.Duration `default:"5s" placeholder:"TIME" help:"How long a step lasts. (--duration is not used.)"`
	Steps   int           `default:"20" placeholder:"N" help:"How many steps at most."`
	P99     time.Duration `name:"p99" default:"100ms" placeholder:"TIME" help:"The service level: 99 % of requests are answered within this, from when they were due."`
	Errors  float64       `default:"0.1" placeholder:"PERCENT" help:"The service level: this part of the requests may fail."`
}

// Name is that of the subcommand.
func (s *Capacity) Name() string { return "capacity" }

// Validate is called by the command line.
func (s *Capacity) Validate() error {
	if s.Work == "heartbeats" && s.Sockets >= s.Participants {
		return errors.New("--sockets must be fewer than --participants: what is raised are the heartbeats of those " +
			"without a socket, in batches")
	}
	if s.Work == "edges" && s.Participants < 2 {
		return errors.New("--participants must be 2 or more: an edge is between two")
	}
	return errors.Join(s.Options.valid(), s.People.valid(), check(
		limit{"from", s.From, 1, 1e9}, limit{"grow", s.Grow, 1.01, 10}, limit{"step", s.Step.Seconds(), 0.5, 3600},
		limit{"steps", float64(s.Steps), 1, 1000}, limit{"p99", s.P99.Seconds(), 0.001, 60},
		limit{"errors", s.Errors, 0, 100}))
}

// raised is the name of the latency of the work that is raised.
const raised = "raised load"

func (s *Capacity) run(ctx context.Context, r *Run) error {
	c, err := r.crowd(ctx, s.People, 0)
	if err != nil {
		return err
	}
	r.warm(ctx)
	carried, broke, rate := 0.0, "", s.From
	var steps [][2]float64
	for i := 0; i < s.Steps && broke == "" && ctx.Err() == nil; i++ {
		r.measured = 0 // each step counts by itself, and the result has the last one
		r.measure(ctx, fmt.Sprintf("%.0f/s", rate), s.Step, func(ctx context.Context) { s.step(ctx, r, c, rate) })
		r.measuredAll()
		if ctx.Err() != nil {
			break // a step that was cut short shows nothing
		}
		steps = append(steps, [2]float64{r.now(), rate})
		if broke = s.broken(r); broke == "" {
			carried, rate = rate, rate*s.Grow
		}
	}
	r.result.Series = append(r.result.Series, result.Series{Name: "offered " + s.Work, Unit: "1/s", Points: steps})
	if len(steps) == 0 {
		return ctx.Err()
	}
	next := "nothing broke: there were no more steps, or the run was ended"
	if broke != "" {
		next = "what broke at the next step: " + broke
		r.number("load at which it broke", "1/s", result.Neither, rate, "")
		r.note(fmt.Sprintf("latencies, counts and what was used are of the step that broke, of %.0f/s", rate))
	}
	r.note(next)
	r.number(s.Work+" carried", "1/s", result.Higher, carried, next)
	r.usual()
	return nil
}

// size is how many heartbeats, ids or edges a request has. A crowd smaller than a batch doesn't
// fill it; its edges do.
func (s *Capacity) size() int {
	switch s.Work {
	case "queries":
		return min(s.Batch, s.Participants)
	case "edges":
		return s.Batch
	}
	return max(1, min(s.Batch, s.Participants-s.Sockets))
}

// step offers a rate for the length of a step.
func (s *Capacity) step(ctx context.Context, r *Run, c *load.Crowd, rate float64) {
	switch s.Work {
	case "edges":
		edges := func(int) ([]byte, int) { return c.NextEdges(s.size()), s.size() }
		s.beat(ctx, r, rate, edges, r.API.SetEdges)
	case "queries":
		p := &load.Probe{
			API: r.API, Records: r.Records, IDs: c.IDs, Size: s.size(), Rate: rate / float64(s.size()), Workers: 256,
			Name: func() string { return raised },
		}
		p.Prepare()
		p.Run(ctx, s.Step)
	default:
		s.beat(ctx, r, rate, c.Bodies, r.API.Beat)
	}
}

// beat sends heartbeats at a rate. The schedule counts each batch as a full one, also a batch that
// it could not begin. The last batch of a crowd may be smaller.
func (s *Capacity) beat(ctx context.Context, r *Run, rate float64, bodies func(int) ([]byte, int),
	send func(context.Context, []byte, int) error,
) {
	size := s.size()
	one := func(ctx context.Context, i int64, due time.Time) {
		body, n := bodies(int(i))
		r.Records.Offered(due, int64(n-size))
		r.Records.Done(raised, due, int64(n), send(ctx, body, n))
	}
	load.Schedule{Rate: rate / float64(size), Workers: 256, Units: int64(size), Do: one}.Run(ctx, s.Step, r.Records)
}

// broken returns what of the service level doesn't hold, or nothing.
func (s *Capacity) broken(r *Run) string {
	counts, p99 := r.Records.Counts(), r.Records.Quantile(raised, 99)
	failed := int64(0)
	for _, n := range counts.Errors {
		failed += n
	}
	requests := failed + r.Records.Answered(raised)
	own := ""
	if r.limited() {
		own = "; the generator was at its limit or late itself, so the servers may carry more"
	}
	switch {
	case counts.FalseOffline > 0:
		return fmt.Sprintf("%d states said offline of participants who never left%s", counts.FalseOffline, own)
	case requests == 0:
		return "nothing was due in the step; a longer --step, a smaller --batch or a higher --from changes that"
	case 100*float64(failed) > s.Errors*float64(requests):
		return fmt.Sprintf("%d of %d requests failed: %v%s", failed, requests, counts.Errors, own)
	case p99 > s.P99:
		return fmt.Sprintf("99 %% were answered within %v, not %v%s", p99.Round(time.Millisecond), s.P99, own)
	}
	return ""
}
