package scenario

import (
	"context"
	"fmt"
	"os"
	"slices"
	"time"

	"github.com/scaiwave/presence/bench/load"
	"github.com/scaiwave/presence/bench/result"
	"github.com/scaiwave/presence/bench/target"
)

// Scale measures clusters of several sizes, one after the other: what grows with the number of
// nodes, and how fast.
type Scale struct {
	Nodes        []int         `default:"3,10,20" placeholder:"N,…" help:"The sizes, from small to large."`
	Rounds       int           `default:"3" placeholder:"N" help:"How often all sizes are measured in turn; the medians count."`
	Participants int           `default:"10000" placeholder:"N" help:"How many beat, and are asked about."`
	Batch        int           `default:"100" placeholder:"N" help:"Heartbeats or ids in a request."`
	Quiet        time.Duration `default:"8s" placeholder:"TIME" help:"How long a cluster is left alone before its idle cost is measured: until five seconds after a change of members nodes sweep."`
	Duration     time.Duration `default:"10s" placeholder:"TIME" help:"How long to measure each size in a round: a half idle, and a quarter each for heartbeats and queries."`
	Presence     string        `placeholder:"PATH" help:"The server binary. By default it is built from the module this runs in, or found beside presence-bench or on the PATH."`
	Pin          bool          `negatable:"" help:"Keep the nodes and the generator on different cores. By default nodes start on all, as the time until they are ready is measured."`
}

// maxNodes is how many a cluster of one machine may have here.
const maxNodes = 100

// Name is that of the subcommand.
func (s *Scale) Name() string { return "scale" }

// Validate is called by the command line.
func (s *Scale) Validate() error {
	limits := []limit{
		{"rounds", float64(s.Rounds), 1, 100},
		{"batch", float64(s.Batch), 1, mostBatch},
		{"participants", float64(s.Participants), float64(s.Batch), mostParticipants},
		{"quiet", s.Quiet.Seconds(), 0, 3600},
		{"duration", s.Duration.Seconds(), 0.4, 86400},
	}
	for _, n := range s.Nodes {
		limits = append(limits, limit{"nodes", float64(n), 2, maxNodes})
	}
	if err := check(limits...); err != nil {
		return err
	}
	if len(s.Nodes) < 2 || !slices.IsSorted(s.Nodes) || len(slices.Compact(slices.Clone(s.Nodes))) < len(s.Nodes) {
		return fmt.Errorf("--nodes=%v: must be two sizes at least, from small to large", s.Nodes)
	}
	return nil
}

func (s *Scale) run(ctx context.Context, r *Run) error {
	dir, binary, err := theBinary(ctx, s.Presence)
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	r.options.Pin = s.Pin
	plan := target.Plan{Binary: binary}
	if s.Pin {
		plan.Cores = r.divide()
	}
	t := make(sizes)
	for i := 0; i < s.Rounds*len(s.Nodes) && err == nil && ctx.Err() == nil; i++ {
		plan.Nodes = s.Nodes[i%len(s.Nodes)]
		err = s.measure(ctx, r, plan, t)
	}
	r.measuredAll()
	t.figures(r, s.Nodes)
	return err
}

// measure measures one cluster, from its start to the end of one of its nodes.
func (s *Scale) measure(ctx context.Context, r *Run, p target.Plan, t sizes) error {
	end := r.phase(fmt.Sprintf("%d nodes start", p.Nodes), true, 0)
	kill, err := r.launch(ctx, p, func(*target.Node) string { return fmt.Sprintf("a node of %d", p.Nodes) })
	end()
	if err != nil {
		return err
	}
	defer kill()
	t.add(starting, p.Nodes, r.Cluster.Ready.Seconds())
	load.Sleep(ctx, s.Quiet)
	for _, step := range []func(context.Context, *Run, int, sizes) error{s.idle, s.work, s.strike} {
		if err := step(ctx, r, p.Nodes, t); err != nil || ctx.Err() != nil {
			return err
		}
	}
	for _, n := range r.Cluster.Nodes {
		if how := n.Fell(); how != "" {
			return fmt.Errorf("%s", how)
		}
	}
	return nil
}

// idle measures what a node costs that has nothing to do.
func (s *Scale) idle(ctx context.Context, r *Run, nodes int, t sizes) error {
	r.measure(ctx, fmt.Sprintf("%d nodes idle", nodes), s.Duration/2, func(ctx context.Context) {
		before, begun := r.Meter.CPU(result.Server), time.Now()
		if load.Sleep(ctx, s.Duration/2) {
			used := r.Meter.CPU(result.Server) - before
			t.add(idling, nodes, used/time.Since(begun).Seconds()/float64(nodes))
		}
	})
	return nil
}

// work measures heartbeats, and questions about those who beat.
func (s *Scale) work(ctx context.Context, r *Run, nodes int, t sizes) error {
	var beats, questions [][]byte
	for part := range slices.Chunk(ids("participant", s.Participants/s.Batch*s.Batch), s.Batch) {
		beats = append(beats, load.BeatBody(part, "phone", "online"))
		questions = append(questions, load.QueryBody(part))
	}
	for _, body := range beats { // whom nobody knows yet costs more
		if err := r.API.Beat(ctx, body, s.Batch); err != nil {
			return err
		}
	}
	for _, w := range []struct {
		what string
		do   func(i int) error
	}{
		{beating, func(i int) error { return r.API.Beat(ctx, beats[i%len(beats)], s.Batch) }},
		{fetching, func(i int) error {
			_, err := r.API.Query(ctx, questions[i%len(questions)])
			return err
		}},
	} {
		e, err := r.drive(ctx, fmt.Sprintf("%s, %d nodes", w.what, nodes), s.Duration/4, s.Batch, requests, w.do)
		if err != nil || ctx.Err() != nil {
			return err
		}
		t.add(w.what, nodes, 1e6*e.servers/e.done)
	}
	return nil
}

// strike kills a node, and measures how long it takes until all others have made up for it.
func (s *Scale) strike(ctx context.Context, r *Run, nodes int, t sizes) (err error) {
	r.measure(ctx, fmt.Sprintf("kill -9 one of %d nodes", nodes), 0, func(ctx context.Context) {
		n, begun := r.Cluster.Nodes[nodes-1], time.Now()
		r.fault("kill -9 " + n.Name)
		n.Kill()
		if _, err = r.Cluster.Settle(ctx); err == nil {
			t.add(noticing, nodes, time.Since(begun).Seconds())
		}
	})
	return err
}
