package timing

import (
	"fmt"
	"log/slog"
	"net"
	"testing"
	"time"

	"github.com/scaiwave/presence/cluster"
	"github.com/scaiwave/presence/gateway"
	"github.com/scaiwave/presence/gateway/auth"
	"github.com/scaiwave/presence/shard"
)

const partitions = 64

// town is a cluster of nodes in this process, which know each other by sockets on loopback.
type town struct {
	t       *testing.T
	nodes   []*cluster.Node
	address string // of the first one's gateway

	strangers int // ids that nobody has asked about before
}

func newTown(t *testing.T, nodes int) *town {
	t.Helper()
	tw := &town{t: t}
	seed := ""
	for i := range nodes {
		seed = tw.add(fmt.Sprintf("n%d", i), seed)
	}
	for deadline := time.Now().Add(time.Minute); !tw.settled(nodes); time.Sleep(10 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal("the nodes don't find each other")
		}
	}
	return tw
}

func (tw *town) settled(nodes int) bool {
	for _, n := range tw.nodes {
		if d := n.Describe(); len(d.Members) != nodes || d.Moving > 0 || n.Ready() != nil {
			return false
		}
	}
	return true
}

// add starts a node, and returns a seed for the next one.
func (tw *town) add(id, seed string) string {
	tw.t.Helper()
	l, gossip := listen(tw.t), listen(tw.t)
	at := gossip.Addr().String()
	_ = gossip.Close()
	peers := &cluster.Peers{
		Role: "all", Listener: l, GossipListen: at, ClusterName: "timing",
		JoinWait: 10 * time.Second, FastGossip: true,
	}
	if seed != "" {
		peers.Seeds = []string{seed}
	}
	n, err := cluster.New(cluster.Config{
		NodeID: id, Partitions: partitions, Settings: cluster.DefaultSettings(), Peers: peers,
		Logger: slog.New(slog.DiscardHandler),
	})
	if err != nil {
		tw.t.Fatal(err)
	}
	limits := gateway.DefaultLimits()
	limits.ParticipantRate, limits.ParticipantBurst, limits.MessageRate = 100_000, 100_000, 100_000
	g, err := gateway.New(gateway.Config{
		Cluster: n, Auth: auth.Insecure(), Limits: limits, Insecure: true, Logger: slog.New(slog.DiscardHandler),
	})
	if err != nil {
		tw.t.Fatal(err)
	}
	n.SetSink(g)
	n.Start()
	if err := n.Join(tw.t.Context()); err != nil {
		tw.t.Fatal(err)
	}
	tw.serve(n, g)
	return at
}

// serve opens a node's gateway. All ends with the test.
func (tw *town) serve(n *cluster.Node, g *gateway.Server) {
	tw.t.Helper()
	public, server := listen(tw.t), g.HTTPServer()
	served := make(chan struct{})
	go func() {
		defer close(served)
		_ = server.Serve(public)
	}()
	tw.t.Cleanup(func() {
		_ = server.Close()
		<-served
		g.Close()
		_ = n.Close()
	})
	if tw.nodes = append(tw.nodes, n); tw.address == "" {
		tw.address = public.Addr().String()
	}
}

func listen(t *testing.T) net.Listener {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	return l
}

// elsewhere makes an id that begins so, and that the first node doesn't own if there is another
// one.
func (tw *town) elsewhere(prefix string) string {
	d := tw.nodes[0].Describe()
	for i := 0; ; i++ {
		id := fmt.Sprintf("%s-%d", prefix, i)
		owner := d.Owners[shard.KeyOf(id).Hash%partitions]
		if len(tw.nodes) == 1 || !d.Members[owner].Self {
			return id
		}
	}
}
