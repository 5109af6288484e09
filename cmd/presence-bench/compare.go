package main

import (
	"context"
	"fmt"
	"time"

	"github.com/scaiwave/presence/bench/centrifugo"
	"github.com/scaiwave/presence/bench/redis"
	"github.com/scaiwave/presence/bench/result"
	"github.com/scaiwave/presence/bench/scenario"
)

// compare are the comparisons with others.
type compare struct {
	Redis      compareRedis      `cmd:"" help:"The same presence on Redis, as its users write it, side by side in one run."`
	Centrifugo compareCentrifugo `cmd:"" help:"The same sockets, deliveries and questions about presence on Centrifugo, side by side in one run."`
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
	link := redis.Link(c.link)
	if !c.Inside {
		link = nil
	}
	return compared(o, "redis", c.Out, []string{c.Options.Presence}, func(p *progress) (*result.Result, error) {
		return redis.Run(ctx, &c.Options, scenario.Machine(), p, link)
	})
}

// compared has measure compare with another server, and writes the result. It reads the files in
// read.
func compared(o *outside, with, out string, read []string, measure func(*progress) (*result.Result, error)) error {
	path, err := placeOf(out, "compare-"+with+".json")
	if err != nil {
		return err
	}
	if err := writable(path, read...); err != nil {
		return err
	}
	p := newProgress(o.err)
	r, err := measure(p)
	p.Close()
	if err != nil {
		return fmt.Errorf("compare %s: %w", with, err)
	}
	if err := result.Write(path, r); err != nil {
		return err
	}
	return show(o, r, path)
}

type compareCentrifugo struct {
	Options centrifugo.Options `embed:""`
	Out     string             `short:"o" placeholder:"FILE" help:"Where to write the result; by default bench-results/compare-centrifugo.json."`
}

// Validate is called by kong.
func (c *compareCentrifugo) Validate() error { return c.Options.Check() }

// Run is called by kong.
func (c *compareCentrifugo) Run(ctx context.Context, o *outside) error {
	read := []string{c.Options.Presence, c.Options.Centrifugo}
	return compared(o, "centrifugo", c.Out, read, func(p *progress) (*result.Result, error) {
		return centrifugo.Run(ctx, &c.Options, scenario.Machine(), p)
	})
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
