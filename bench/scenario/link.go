package scenario

import (
	"context"
	"fmt"
	"net"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/scaiwave/presence/bench/load"
	"github.com/scaiwave/presence/bench/result"
	"github.com/scaiwave/presence/cluster"
	"github.com/scaiwave/presence/shard"
)

// Link measures the link between two nodes. One is a process of its own, and owns all participants.
// The other is a gateway in this process.
type Link struct {
	Devices  int           `default:"100000" placeholder:"N" help:"Devices at the gateway, of a participant each."`
	IDs      int           `name:"ids" default:"1000" placeholder:"N" help:"Ids in a question."`
	Rounds   int           `default:"3" placeholder:"N" help:"How often heartbeats and fetched ids are measured in turn; the median counts."`
	Duration time.Duration `default:"12s" placeholder:"TIME" help:"How long to measure, all rounds together."`
	Presence string        `placeholder:"PATH" help:"The server binary. By default it is built from the module this runs in, or found beside presence-bench or on the PATH."`
	Pin      bool          `default:"true" negatable:"" help:"Keep the node and the gateway on different cores, where there are two or more."`
	Cores    []int         `kong:"-"` // of the node; empty: Execute divides them
}

// Name is that of the subcommand.
func (s *Link) Name() string { return "link" }

// Validate is called by the command line.
func (s *Link) Validate() error {
	return check(limit{"devices", float64(s.Devices), 1, 5_000_000}, limit{"ids", float64(s.IDs), 1, 10_000},
		limit{"rounds", float64(s.Rounds), 1, 100}, limit{"duration", s.Duration.Seconds(), 0.2, 86400})
}

func (s *Link) where() Options { return Options{Presence: s.Presence, Pin: s.Pin, Cores: s.Cores} }

func (s *Link) nodes() int { return 1 }

func (s *Link) timings() []string { return nil }

func (s *Link) run(ctx context.Context, r *Run) error {
	g, err := r.joinGateway(ctx)
	if err != nil {
		return err
	}
	defer func() { _ = g.Close() }()
	c := &linked{run: r, gateway: g, ids: ids("participant", s.Devices), atOnce: min(s.IDs, s.Devices)}
	if err := c.attach(ctx); err != nil {
		return err
	}
	all, err := inTurn(ctx, s.Rounds, s.Duration/time.Duration(2*s.Rounds), c.beats, c.fetches)
	if err != nil {
		return err
	}
	r.measuredAll()
	all[0].figures(r, "heartbeats over the link")
	all[1].figures(r, "fetched ids over the link")
	return ctx.Err()
}

// inTurn calls each of measure in turn, for several rounds. When ctx ends, measurements that were
// complete count. The one that was cut short doesn't, and neither does its error.
func inTurn(ctx context.Context, rounds int, each time.Duration,
	measure ...func(context.Context, time.Duration) (effort, error),
) ([]efforts, error) {
	all := make([]efforts, len(measure))
	for range rounds {
		for i, m := range measure {
			e, err := m(ctx, each)
			if ctx.Err() != nil {
				return all, nil
			}
			if err != nil {
				return nil, err
			}
			all[i] = append(all[i], e)
		}
	}
	return all, nil
}

// linked makes the load over the link.
type linked struct {
	run     *Run
	gateway *cluster.Node
	ids     []string
	devices []*cluster.Attachment
	atOnce  int // ids in a question
}

const attaching = 64 // devices at once

func (c *linked) attach(ctx context.Context) error {
	defer c.run.phase("devices arrive", true, 0)()
	c.devices = make([]*cluster.Attachment, len(c.ids))
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(attaching)
	for i, id := range c.ids {
		g.Go(func() (err error) {
			c.devices[i], err = c.gateway.Attach(ctx, id, "device-00000", shard.ActivityOnline)
			return err
		})
	}
	return g.Wait()
}

const (
	burst  = 10_000 // heartbeats
	bursts = 2      // in flight: more would only wait
	asking = 4      // questions in flight
)

// beats sends heartbeats as fast as the owner takes them. A question about one id goes the same
// way, and is answered after the heartbeats before it. The owner's own counter tells whether they
// were applied.
func (c *linked) beats(ctx context.Context, d time.Duration) (effort, error) {
	before, err := c.applied(ctx)
	if err != nil {
		return effort{}, err
	}
	e, err := c.run.drive(ctx, "heartbeats over the link", d, burst, bursts, func(i int) error {
		for j := range burst {
			// a heartbeat that failed is missing in applied, below
			_ = c.gateway.Beat(ctx, c.devices[(i*burst+j)%len(c.devices)], shard.ActivityOnline)
		}
		c.gateway.States(ctx, "", c.ids[:1], make([]shard.State, 1))
		return nil
	})
	if err != nil {
		return e, err
	}
	after, err := c.applied(ctx)
	if err == nil && after-before < e.done {
		err = fmt.Errorf("of %.0f heartbeats over the link %.0f were applied", e.done, after-before)
	}
	return e, err
}

func (c *linked) applied(ctx context.Context) (float64, error) {
	return c.run.Cluster.Metric(ctx, "presence_heartbeats_total")
}

// fetches asks for the states of one list of ids after the other.
func (c *linked) fetches(ctx context.Context, d time.Duration) (effort, error) {
	return c.run.drive(ctx, "fetched ids over the link", d, c.atOnce, asking, func(i int) error {
		at := i * c.atOnce % (len(c.ids) - c.atOnce + 1)
		states := make([]shard.State, c.atOnce)
		c.gateway.States(ctx, "", c.ids[at:at+c.atOnce], states)
		return allOnline(c.ids[at:at+c.atOnce], states)
	})
}

// allOnline returns an error unless all states are online. All participants have arrived and none
// has left, so another state was not looked up.
func allOnline(ids []string, states []shard.State) error {
	for i, s := range states {
		if s != shard.Online {
			return fmt.Errorf("%s was fetched as %v over the link; it should be online", ids[i], s)
		}
	}
	return nil
}

// joinGateway makes this process a gateway of the local node.
func (r *Run) joinGateway(ctx context.Context) (*cluster.Node, error) {
	defer r.phase("this process joins as a gateway", true, 0)()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	const name = "bench"
	settings := cluster.DefaultSettings()
	settings.ViewerKey = cluster.DefaultViewerKey(name)
	g, err := cluster.New(cluster.Config{NodeID: "gateway", Settings: settings, Peers: &cluster.Peers{
		Role: "gateway", Listener: l, GossipListen: "127.0.0.1:0", ClusterName: name, JoinWait: 5 * time.Second,
		Seeds: []string{r.Cluster.Nodes[0].Gossip},
	}})
	if err != nil {
		return nil, err
	}
	g.SetSink(deaf{})
	g.Start()
	err = g.Join(ctx)
	for err == nil && g.Ready() != nil {
		if !load.Sleep(ctx, 10*time.Millisecond) {
			err = ctx.Err()
		}
	}
	if err != nil {
		_ = g.Close()
		return nil, err
	}
	return g, nil
}

// efforts are what was done in several rounds.
type efforts []effort

// figures adds what was done in a CPU-second: of the owner alone, as for any server, and of both
// ends.
func (all efforts) figures(r *Run, what string) {
	var server, both []float64
	for _, e := range all {
		if e.servers > 0 { // else the run ended before
			server, both = append(server, e.done/e.servers), append(both, e.done/(e.servers+e.generator))
		}
	}
	if len(server) == 0 {
		return
	}
	r.figure(result.Figure{
		Name: what + " a server CPU-second", Unit: "1/s", Value: result.Median(server), Runs: server,
		Better:  result.Higher,
		Comment: "of the node that owns them, at saturation",
	})
	r.figure(result.Figure{
		Name: what + " a CPU-second of both ends", Unit: "1/s", Value: result.Median(both), Runs: both,
		Better:  result.Higher,
		Comment: "the gateway, which is the generator, included",
	})
}

// deaf is the sink of a gateway without viewers.
type deaf struct{}

func (deaf) Deliver([]cluster.Update)         {}
func (deaf) Evict(cluster.Eviction)           {}
func (deaf) Watched(func(id string) bool)     {}
func (deaf) Viewers(string) []shard.Viewer    { return nil }
func (deaf) Review([]string)                  {}
func (deaf) Picked(string) (p cluster.Picked) { return p }
func (deaf) Displaced()                       {}
