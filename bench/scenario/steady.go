package scenario

import (
	"context"
	"errors"

	"github.com/scaiwave/presence/bench/load"
	"github.com/scaiwave/presence/bench/result"
)

// Steady is a crowd that is simply there.
type Steady struct {
	Options  `embed:""`
	People   `embed:""`
	Flips    float64 `default:"0.01" placeholder:"PART" help:"The part of the participants (0 to 1) who go idle or come back with each heartbeat. Only flips are replicated."`
	Queries  float64 `default:"20" placeholder:"N" help:"Questions of 100 ids a second, to see how long answers take beside the heartbeats."`
	Watchers int     `default:"10" placeholder:"N" help:"Sockets that watch 100 participants each, to see whether one is shown offline falsely."`
}

// Name is that of the subcommand.
func (s *Steady) Name() string { return "steady" }

// Validate is called by the command line.
func (s *Steady) Validate() error {
	return errors.Join(s.Options.valid(), s.People.valid(), check(
		limit{"flips", s.Flips, 0, 1}, limit{"queries", s.Queries, 0.1, 10_000},
		limit{"watchers", float64(s.Watchers), 0, 10_000}))
}

const watchedEach = 100

func (s *Steady) run(ctx context.Context, r *Run) error {
	empty := r.Meter.RSS(result.Server)
	c, err := r.crowd(ctx, s.People, s.Flips)
	if err != nil {
		return err
	}
	if err := c.Watch(ctx, s.Watchers, watchedEach, &r.running); err != nil {
		return err
	}
	r.probe(ctx, c, &load.Probe{Size: watchedEach, Rate: s.Queries, Workers: 64})
	r.warm(ctx)
	r.measure(ctx, "steady", s.Duration, func(ctx context.Context) { load.Sleep(ctx, s.Duration) })
	r.measuredAll()
	grown := r.Meter.RSS(result.Server) - empty // while the crowd is there
	r.usual()
	r.stayed()
	counts := r.Records.Counts()
	beats := float64(counts.Achieved - r.Records.Asked.Load())
	r.number("heartbeats", "1/s", result.Neither, beats/r.measured.Seconds(), "as many as are due")
	r.number("heartbeats and asked ids a server CPU-second", "1/s", result.Higher,
		float64(counts.Achieved)/r.Meter.CPU(result.Server), "")
	r.number("memory of empty nodes", "B", result.Lower, float64(empty),
		"resident, over all nodes, before the crowd comes")
	if grown > 0 {
		r.number("memory a participant", "B", result.Lower, float64(grown)/float64(s.Participants),
			"resident, above empty nodes, over all nodes: both copies, sockets, and what the collector has not freed "+
				"yet")
	}
	return nil
}
