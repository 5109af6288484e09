package scenario

import (
	"context"
	"errors"

	"github.com/scaiwave/presence/bench/load"
	"github.com/scaiwave/presence/bench/result"
)

// Query fetches the states of many ids at once, at a rate.
type Query struct {
	Options `embed:""`
	People  `embed:""`
	IDs     int     `name:"ids" default:"1000" placeholder:"N" help:"Ids in a question, up to 10,000."`
	Rate    float64 `default:"100" placeholder:"N" help:"Questions a second."`
	Waiting int     `default:"64" placeholder:"N" help:"How many questions may wait for an answer at once. Further ones begin late, which their latency shows."`
}

// Name is that of the subcommand.
func (s *Query) Name() string { return "query" }

// Validate is called by the command line.
func (s *Query) Validate() error {
	return errors.Join(s.Options.valid(), s.People.valid(), check(
		limit{"ids", float64(s.IDs), 1, 10_000}, limit{"rate", s.Rate, 0.1, 1_000_000},
		limit{"waiting", float64(s.Waiting), 1, 10_000}))
}

func (s *Query) run(ctx context.Context, r *Run) error {
	c, err := r.crowd(ctx, s.People, 0)
	if err != nil {
		return err
	}
	r.probe(ctx, c, &load.Probe{Size: s.IDs, Rate: s.Rate, Workers: s.Waiting})
	r.warm(ctx)
	r.measure(ctx, "query", s.Duration, func(ctx context.Context) { load.Sleep(ctx, s.Duration) })
	r.measuredAll()
	r.usual()
	r.stayed()
	asked := float64(r.Records.Asked.Load())
	r.number("ids fetched", "1/s", result.Higher, asked/r.measured.Seconds(), "")
	r.number("ids fetched a server CPU-second", "1/s", result.Higher, asked/r.Meter.CPU(result.Server),
		"the CPU-seconds have the crowd's heartbeats in them")
	return nil
}
