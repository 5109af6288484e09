package main

import (
	"context"
	"fmt"
	"time"

	"github.com/scaiwave/presence/bench/redis"
	"github.com/scaiwave/presence/bench/result"
	"github.com/scaiwave/presence/bench/scenario"
)

// compare are the comparisons with others.
type compare struct {
	Redis compareRedis `cmd:"" help:"The same presence on Redis, as its users write it, side by side in one run."`
}

type compareRedis struct {
	Options redis.Options `embed:""`
	Inside  bool          `default:"true" negatable:"" help:"Compare what goes over the link between two nodes too."`
	Out     string        `short:"o" placeholder:"FILE" help:"Where to write the result; by default bench-results/compare-redis.json."`
}

// Validate is called by kong.
func (c *compareRedis) Validate() error { return c.Options.Check() }

// Run is called by kong.
func (c *compareRedis) Run(ctx context.Context, o *outside) error {
	path, err := placeOf(c.Out, "compare-redis.json")
	if err != nil {
		return err
	}
	if err := writable(path, c.Options.Presence); err != nil {
		return err
	}
	p := newProgress(o.err)
	link := redis.Link(c.link)
	if !c.Inside {
		link = nil
	}
	r, err := redis.Run(ctx, &c.Options, scenario.Machine(), p, link)
	p.Close()
	if err != nil {
		return fmt.Errorf("compare redis: %w", err)
	}
	if err := result.Write(path, r); err != nil {
		return err
	}
	return show(o, r, path)
}

// link measures the link between two nodes, with as many participants and rounds as the rest of the
// comparison.
func (c *compareRedis) link(ctx context.Context, cores []int, binary string) (l redis.Linked, err error) {
	o := &c.Options
	r, err := scenario.Execute(ctx, &scenario.Link{
		Devices: o.Participants, IDs: 1000, Rounds: o.Rounds, Duration: 2 * time.Duration(o.Rounds) * o.Each,
		Presence: binary, Cores: cores,
	}, nil, quiet{})
	if err != nil {
		return l, err
	}
	for name, into := range map[string]*[]float64{
		"heartbeats over the link a server CPU-second":        &l.Heartbeats.Server,
		"heartbeats over the link a CPU-second of both ends":  &l.Heartbeats.Both,
		"fetched ids over the link a server CPU-second":       &l.IDs.Server,
		"fetched ids over the link a CPU-second of both ends": &l.IDs.Both,
	} {
		f, ok := r.Find(name)
		if !ok {
			return l, fmt.Errorf("the scenario link has no figure %q", name)
		}
		*into = f.Runs
	}
	l.Notes = r.Notes
	return l, nil
}

// quiet shows no phases: they are parts of one of the comparison.
type quiet struct{}

func (quiet) Phase(string, time.Duration) {}
