package scenario

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/scaiwave/presence/bench/load"
	"github.com/scaiwave/presence/bench/result"
	"github.com/scaiwave/presence/bench/target"
)

// disruption has the flags of scenarios that strike one node after the other.
type disruption struct {
	Options  `embed:""`
	People   `embed:""`
	Watchers int           `default:"100" placeholder:"N" help:"Sockets that watch 100 participants each, to see whether one is shown offline falsely."`
	Queries  float64       `default:"50" placeholder:"N" help:"Questions of 1,000 ids a second."`
	Writes   float64       `default:"20" placeholder:"N" help:"Overrides a second, to see how long writes wait."`
	Settle   time.Duration `default:"5s" placeholder:"TIME" help:"How long to go on measuring after each node is back and all agree. (--duration is not used.)"`
	Down     time.Duration `default:"3s" placeholder:"TIME" help:"How long a node stays away."`
}

func (d *disruption) valid() error {
	if len(d.Server) > 0 {
		return errors.New("this scenario kills or restarts nodes, so it needs --local; --server names a cluster in use")
	}
	if d.Local == 1 {
		return errors.New("--local=1: must be at least 2, so that another node can take over")
	}
	return errors.Join(d.Options.valid(), d.People.valid(), check(
		limit{"watchers", float64(d.Watchers), 0, 10_000}, limit{"queries", d.Queries, 0.1, 10_000},
		limit{"writes", d.Writes, 0.1, 10_000},
		limit{"settle", d.Settle.Seconds(), 0, 3600}, limit{"down", d.Down.Seconds(), 0, 3600}))
}

func (d *disruption) nodes() int { return 3 }

// overriding is the name of the latency of writes.
const overriding = "override"

// disrupt strikes each node in turn, starts it again, and notes what the crowd saw.
func (d *disruption) disrupt(ctx context.Context, r *Run, what string, strike func(n *target.Node) error) error {
	c, err := r.crowd(ctx, d.People, 0)
	if err != nil {
		return err
	}
	if err := c.Watch(ctx, d.Watchers, watchedEach, &r.running); err != nil {
		return err
	}
	p := r.probe(ctx, c, &load.Probe{Size: 1000, Rate: d.Queries, Workers: 256})
	r.running.Go(func() { d.write(ctx, r) })
	r.warm(ctx)
	var unwhole, settling, gaps []float64
	for _, n := range r.Cluster.Nodes {
		r.measure(ctx, what+" "+n.Name, 0, func(ctx context.Context) {
			p.Forget()
			at := time.Now()
			var took time.Duration
			if took, err = d.one(ctx, r, n, what, strike); err != nil {
				return
			}
			load.Sleep(ctx, d.Settle)
			settling, gaps = append(settling, took.Seconds()), append(gaps, p.Longest().Seconds())
			unwhole = append(unwhole, max(0, p.LastBad().Sub(at).Seconds()))
		})
		if err != nil || ctx.Err() != nil {
			break
		}
	}
	r.measuredAll()
	r.usual()
	r.stayed()
	r.each("from the fault to the last answer that was not whole", unwhole, "0: every answer was whole")
	r.each("longest time without a whole answer", gaps, fmt.Sprintf("questions come every %.0f ms", 1000/d.Queries))
	r.each("from the start of the node until all agree", settling, "")
	r.number("slowest override", "ms", result.Lower, 1000*r.quantile(overriding, 100), "")
	return err
}

// one strikes a node and starts it again. It returns how long it took from the start until all
// nodes agreed.
func (d *disruption) one(ctx context.Context, r *Run, n *target.Node, what string,
	strike func(n *target.Node) error,
) (settled time.Duration, err error) {
	r.fault(what + " " + n.Name)
	if err := strike(n); err != nil {
		return 0, err
	}
	load.Sleep(ctx, d.Down)
	begun := time.Now()
	if err := n.Start(ctx); err != nil {
		return 0, err
	}
	r.Meter.Watch(n.Name, result.Server, n.PID())
	r.fault(n.Name + " is ready again")
	_, err = r.Cluster.Settle(ctx)
	return time.Since(begun), err
}

// write sets overrides of participants who are not in the crowd.
func (d *disruption) write(ctx context.Context, r *Run) {
	const picky = 1000
	load.Schedule{Rate: d.Writes, Workers: 256, Units: 1, Do: func(ctx context.Context, i int64, due time.Time) {
		override := [2]string{"busy", "appear_offline"}[i/picky%2]
		r.Records.Done(overriding, due, 1, r.API.Override(ctx, load.ID("picky-0001", int(i%picky)), override))
	}}.Run(ctx, maxDuration, r.Records)
}

// each adds a figure of seconds that each node has. The worst counts.
func (r *Run) each(name string, runs []float64, comment string) {
	worst := 0.0
	for _, v := range runs {
		worst = max(worst, v)
	}
	if len(runs) > 0 {
		r.figure(result.Figure{
			Name: name, Unit: "s", Value: worst, Better: result.Lower, Runs: runs,
			Comment: join("the worst of them", comment),
		})
	}
}

func join(a, b string) string {
	if b == "" {
		return a
	}
	return a + "; " + b
}
