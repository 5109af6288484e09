package sim

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/scaiwave/presence/cluster"
	"github.com/scaiwave/presence/cluster/memnet"
	"github.com/scaiwave/presence/cluster/protocol"
	"github.com/scaiwave/presence/gateway"
	"github.com/scaiwave/presence/gateway/auth"
	"github.com/scaiwave/presence/gateway/authorize"
)

const (
	partitions = 64
	gossipPort = 7946
	peerPort   = 7947
	publicPort = 8080

	joinWait = 10 * time.Second
)

// node is a process of the cluster: a boot of it.
type node struct {
	id      string
	host    *memnet.Host
	clock   *clock
	cluster *cluster.Node
	gateway *gateway.Server
	public  *http.Server
	metrics *prometheus.Registry
	serving sync.WaitGroup
}

// clock is a node's: off by something, fast or slow, and standing still while the process does.
type clock struct {
	start  time.Time
	offset time.Duration
	drift  float64

	mu      sync.Mutex
	stopped time.Time // when the process was stopped; zero: it runs
}

// now must not wait: it is called with locks held, and time goes on in a bubble only when nobody
// waits for a lock.
func (c *clock) now() time.Time {
	c.mu.Lock()
	now := c.stopped
	c.mu.Unlock()
	if now.IsZero() {
		now = time.Now()
	}
	return now.Add(c.offset + time.Duration(c.drift*float64(now.Sub(c.start))))
}

func (c *clock) stop() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.stopped = time.Now()
}

func (c *clock) resume() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.stopped = time.Time{}
}

// kit is what a node is started with.
type kit struct {
	id, address string
	clock       *clock
	seeds       []string
	speaks      protocol.Range // zero: as this version does
	keys        string         // the file of its gossip keys, or empty
	dir         string         // its disk, or empty
	syncing     func()         // called before each sync of that
	log         *slog.Logger

	authorize *authorize.Client // nil: no backend is asked who may see whom
}

// boot starts a node, and waits until it is a member.
func boot(ctx context.Context, net *memnet.Network, k kit) (*node, error) {
	n := &node{id: k.id, host: net.Host(k.address), clock: k.clock, metrics: prometheus.NewRegistry()}
	peers, err := n.host.Listen(peerPort)
	if err != nil {
		return nil, err
	}
	transport, err := n.host.Gossip(gossipPort)
	if err != nil {
		return nil, err
	}
	n.cluster, err = cluster.New(cluster.Config{
		NodeID: k.id, Partitions: partitions, Settings: cluster.DefaultSettings(), Logger: k.log.With("node", k.id),
		Clock: k.clock.now, Features: features,
		Peers: &cluster.Peers{
			Role: "all", Listener: peers, GossipListen: fmt.Sprintf("%s:%d", k.address, gossipPort), ClusterName: "sim",
			KeyFile: k.keys,
			Seeds:   k.seeds, JoinWait: joinWait, DataDir: k.dir, Transport: transport, Dial: dialByClass(n.host),
			Sync: k.syncing, Speaks: k.speaks,
		},
	})
	if err != nil {
		return nil, err
	}
	n.gateway, err = gateway.New(gateway.Config{
		Cluster: n.cluster, Auth: auth.Insecure(), Limits: gateway.DefaultLimits(), Insecure: true,
		BeyondLoopback: true, Authorize: k.authorize,
		Logger: slog.New(slog.DiscardHandler), Registry: n.metrics,
	})
	if err != nil {
		return nil, err
	}
	n.cluster.SetSink(n.gateway)
	n.cluster.SetGateway(n.gateway)
	n.cluster.Start()
	if err := n.cluster.Join(ctx); err != nil {
		return n, err
	}
	public, err := n.host.Listen(publicPort)
	if err != nil {
		return n, err
	}
	n.public = n.gateway.HTTPServer()
	n.serving.Go(func() { _ = n.public.Serve(n.gateway.Admit(public, false)) })
	return n, nil
}

// end waits for all that the node runs. Its host is gone, or it has drained.
func (n *node) end() {
	n.clock.resume()
	if n.public != nil {
		_ = n.public.Close()
	}
	n.gateway.Close()
	_ = n.cluster.Close()
	n.serving.Wait()
}

// figures are those of the gateway that say what it keeps for its clients.
func (n *node) figures() map[string]float64 {
	kept := map[string]float64{
		"presence_watched_ids": -1, "presence_subscriptions": -1, "presence_sockets": -1, "presence_event_streams": -1,
		"presence_rate_limited_participants": -1,
	}
	families, err := n.metrics.Gather()
	if err != nil {
		panic(err)
	}
	for _, f := range families {
		if _, ok := kept[f.GetName()]; ok {
			kept[f.GetName()] = f.GetMetric()[0].GetGauge().GetValue()
		}
	}
	return kept
}
