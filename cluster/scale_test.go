package cluster

import (
	"flag"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/scaiwave/presence/cluster/memnet"
	"github.com/scaiwave/presence/cluster/view"
)

// The size of TestScale. make test has a small one; what docs/benchmarks.md has is
//
//	go test ./cluster -run TestScale -v -timeout 60m -nodes 100
var scaleNodes = flag.Int("nodes", 12, "nodes of TestScale, at first")

// What a node of an idle cluster sends in a second, at most: to each peer a pulse, and pulses of
// the links that a sweep has used, once a minute; to a few of them what gossip asks and answers.
const (
	mostToPeer = 1.6
	mostGossip = 6
)

// What follows a change of members, at most.
const (
	mostViews  = 8 // that a node makes
	agreeLimit = 10 * time.Second
)

// TestScale is what grows with the number of nodes, in virtual time. So it doesn't depend on how
// fast the machine is, nor on what else it does.
func TestScale(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		defer time.Sleep(10 * time.Second) // for probes that are under way at the end
		c := &fleet{t: t, net: memnet.New(1, memnet.Quality{Latency: time.Millisecond, Jitter: time.Millisecond})}
		c.ended = make(chan struct{})
		defer c.close()
		c.join(1)
		c.change("all start", *scaleNodes-1, func() { c.join(*scaleNodes - 1) })
		c.idle()
		for _, percent := range []int{1, 10, 30} {
			n := max(1, *scaleNodes*percent/100)
			c.change("join", n, func() { c.join(n) })
		}
		c.change("killed", 1, c.kill)
	})
}

// fleet is nodes on a network in memory.
type fleet struct {
	t         *testing.T
	net       *memnet.Network
	nodes     []*Node
	ended     chan struct{}
	following sync.WaitGroup

	views, tables atomic.Int64 // that all nodes have made
}

// perNode is how many partitions there are for each node of the first: of few some nodes own none.
const perNode = 10

// join adds nodes, all at once.
func (c *fleet) join(count int) {
	var joining sync.WaitGroup
	for range count {
		n := hosted(c.t, c.net, len(c.nodes), perNode**scaleNodes)
		c.nodes = append(c.nodes, n)
		c.following.Go(func() { c.follow(n) })
		joining.Go(func() {
			if err := n.Join(c.t.Context()); err != nil {
				c.t.Errorf("%s: %v", n.ID(), err)
			}
		})
	}
	joining.Wait()
}

// follow counts the views that a node makes, and the tables in them.
func (c *fleet) follow(n *Node) {
	known := map[*view.Table]bool{}
	for {
		v := n.view.Load()
		if c.views.Add(1); v.Table != nil && !known[v.Table] {
			known[v.Table] = true
			c.tables.Add(1)
		}
		select {
		case <-v.Gone:
		case <-c.ended:
			return
		}
	}
}

// kill ends a node without a word.
func (c *fleet) kill() {
	last := len(c.nodes) - 1
	n := c.nodes[last]
	c.nodes = c.nodes[:last]
	_ = n.Close()
}

// change has members change, and measures what it takes until all agree: all have one view, each
// partition is served by its owner, and all backups have all.
func (c *fleet) change(what string, count int, do func()) {
	c.t.Helper()
	views, tables, sent, begun := c.views.Load(), c.tables.Load(), c.net.Sent(), time.Now()
	do()
	for time.Since(begun) < time.Minute && !agreed(c.nodes) {
		time.Sleep(50 * time.Millisecond)
	}
	took, n := time.Since(begun), float64(len(c.nodes))
	time.Sleep(10 * time.Second) // so that nothing of it counts as idle, or as the next change's
	madeViews, madeTables := float64(c.views.Load()-views)/n, float64(c.tables.Load()-tables)/n
	c.t.Logf("%-9s %2d: %3d nodes agree after %4.1f s; each made %.1f views and %.1f tables, and sent %.0f messages",
		what, count, len(c.nodes), took.Seconds(), madeViews, madeTables, float64(c.net.Sent()-sent)/n)
	if took > agreeLimit || madeViews > mostViews {
		c.t.Errorf("%s: %.1f s and %.1f views; want at most %v and %d", what, took.Seconds(), madeViews, agreeLimit,
			mostViews)
	}
}

// idle measures what nodes send that have nothing to do.
func (c *fleet) idle() {
	c.t.Helper()
	const long = time.Minute
	before, views := c.net.Sent(), c.views.Load()
	time.Sleep(long)
	each := float64(c.net.Sent()-before) / float64(len(c.nodes)) / long.Seconds()
	c.t.Logf("idle: %d nodes send %.1f messages a second each", len(c.nodes), each)
	if most := mostToPeer*float64(len(c.nodes)-1) + mostGossip; each > most || c.views.Load() > views {
		c.t.Errorf("over %.0f messages a second each, or a new view", most)
	}
}

func (c *fleet) close() {
	close(c.ended)
	c.following.Wait()
	var closing sync.WaitGroup
	for _, n := range c.nodes {
		closing.Go(func() { _ = n.Close() })
	}
	closing.Wait()
}
