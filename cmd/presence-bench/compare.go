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
	Out     string        `short:"o" default:"compare-redis.json" placeholder:"FILE" help:"Where to write the result."`
}

// Validate is called by kong.
func (c *compareRedis) Validate() error { return c.Options.Check() }

// Run is called by kong.
func (c *compareRedis) Run(ctx context.Context, o *outside) error {
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
	if err := result.Write(c.Out, r); err != nil {
		return err
	}
	return show(o, r, c.Out)
}

// link measures the link between two nodes, as often as everything else.
func (c *compareRedis) link(ctx context.Context) (heartbeats, ids []float64, err error) {
	for range c.Options.Rounds {
		l := &scenario.Link{Devices: 10_000, IDs: 1000, Duration: 2 * c.Options.Each}
		r, err := scenario.Execute(ctx, l, nil, quiet{})
		if err != nil {
			return nil, nil, err
		}
		for name, into := range map[string]*[]float64{"heartbeats over the link a CPU-second": &heartbeats, "fetched ids over the link a CPU-second": &ids} {
			f, ok := r.Find(name)
			if !ok {
				return nil, nil, fmt.Errorf("the scenario link has no figure %q", name)
			}
			*into = append(*into, f.Value)
		}
	}
	return heartbeats, ids, nil
}

// quiet shows no phases: they are part of another one.
type quiet struct{}

func (quiet) Phase(string, time.Duration) {}
