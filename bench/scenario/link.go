package scenario

import (
	"context"
	"fmt"
	"net"
	"runtime"
	"time"

	"github.com/scaiwave/presence/bench/load"
	"github.com/scaiwave/presence/cluster"
	"github.com/scaiwave/presence/shard"
)

// Link is two nodes in this process: a gateway, and a shard that owns everybody. All that goes between them goes over a real connection.
type Link struct {
	Devices  int           `default:"10000" placeholder:"N" help:"Devices at the gateway."`
	IDs      int           `name:"ids" default:"1000" placeholder:"N" help:"Ids in a question."`
	Duration time.Duration `default:"10s" placeholder:"TIME" help:"How long to measure: half for heartbeats, half for fetched ids."`
}

// Name is that of the subcommand.
func (s *Link) Name() string { return "link" }

// Validate is called by the command line.
func (s *Link) Validate() error {
	return check(limit{"devices", float64(s.Devices), 1, 5_000_000}, limit{"ids", float64(s.IDs), 1, 10_000},
		limit{"duration", s.Duration.Seconds(), 0.2, 86400})
}

const (
	beatsAtOnce = 1000    // between two looks at the clock
	mostWaiting = 200_000 // heartbeats on their way: what outruns the outbox would be announced again, by name
)

func (s *Link) run(ctx context.Context, r *Run) error {
	joining := r.phase("two nodes join, devices arrive", true, 0)
	owner, gateway, end, err := pair(ctx)
	defer end()
	if err != nil {
		return err
	}
	all, names := make([]*cluster.Attachment, s.Devices), ids("participant", s.Devices)
	for i, id := range names {
		if all[i], err = gateway.Attach(ctx, id, "tab", shard.ActivityOnline); err != nil {
			return err
		}
	}
	joining()
	begun, sent := owner.Stats().Heartbeats, int64(0)
	r.drive(ctx, "heartbeats over the link", s.Duration/2, beatsAtOnce, func(i int) {
		for j := range beatsAtOnce {
			_ = gateway.Beat(ctx, all[(i*beatsAtOnce+j)%len(all)], shard.ActivityOnline)
		}
		for sent += beatsAtOnce; sent-(owner.Stats().Heartbeats-begun) > mostWaiting && ctx.Err() == nil; {
			runtime.Gosched()
		}
	})
	states := make([]shard.State, min(s.IDs, s.Devices))
	r.drive(ctx, "fetched ids over the link", s.Duration/2, len(states), func(i int) {
		at := i * len(states) % max(1, len(names)-len(states)+1)
		unknown := gateway.States(ctx, "", names[at:at+len(states)], states)
		r.Records.Unknown.Add(int64(unknown))
	})
	r.measuredAll()
	if lost := owner.Stats().Moved; lost > 0 {
		r.note(fmt.Sprintf("%d heartbeats by handle were stale, and announced again", lost))
	}
	r.note("CPU-seconds are of both ends of the link together")
	return nil
}

// pair is a shard and a gateway that are one cluster. end closes what there is.
func pair(ctx context.Context) (owner, gateway *cluster.Node, end func(), err error) {
	var nodes []*cluster.Node
	end = func() {
		for _, n := range nodes {
			_ = n.Close()
		}
	}
	seed, err := freeAddress()
	for i, role := range []string{"shard", "gateway"} {
		var l net.Listener
		if err == nil {
			l, err = net.Listen("tcp", "127.0.0.1:0")
		}
		if err != nil {
			return nil, nil, end, err
		}
		p := &cluster.Peers{Role: role, Listener: l, GossipListen: "127.0.0.1:0", ClusterName: "bench", JoinWait: 5 * time.Second}
		if i == 0 {
			p.GossipListen = seed
		} else {
			p.Seeds = []string{seed}
		}
		var n *cluster.Node
		if n, err = cluster.New(cluster.Config{NodeID: role, Settings: cluster.DefaultSettings(), Peers: p}); err != nil {
			return nil, nil, end, err
		}
		nodes = append(nodes, n)
		n.SetSink(deaf{})
		n.Start()
		err = n.Join(ctx)
	}
	if err != nil {
		return nil, nil, end, err
	}
	for nodes[1].Ready() != nil || len(nodes[0].Describe().Members) < 2 || nodes[0].Describe().Moving > 0 {
		if !load.Sleep(ctx, 10*time.Millisecond) {
			return nil, nil, end, ctx.Err()
		}
	}
	return nodes[0], nodes[1], end, nil
}

func freeAddress() (string, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	defer l.Close()
	return l.Addr().String(), nil
}

// deaf is a gateway without viewers.
type deaf struct{}

func (deaf) Deliver([]cluster.Update)                                {}
func (deaf) Evict(cluster.Eviction)                                  {}
func (deaf) Watched(func(id string) bool)                            {}
func (deaf) Review([]string)                                         {}
func (deaf) Picked(string) (o shard.Override, version shard.Version) { return o, version }
