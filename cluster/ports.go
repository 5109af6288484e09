package cluster

import (
	"github.com/scaiwave/presence/cluster/gossip"
	"github.com/scaiwave/presence/cluster/link"
	"github.com/scaiwave/presence/cluster/unproven"
)

// PortFigures are of the connections to a port for other nodes that have not shown who they are.
type PortFigures struct {
	Open   int64 // there now
	Limit  int   // how many may be; one more closes the oldest
	Closed int64 // closed at a limit: of their number, of time, or of bytes
}

func portFigures(c *unproven.Counts, limits unproven.Limits) PortFigures {
	return PortFigures{c.Open.Load(), limits.Conns, c.Closed.Load()}
}

// countPorts adds what comes to the ports for other nodes.
func (n *Node) countPorts(st *Stats) {
	counts := &gossip.Counts{} // before it has begun, and of a node without ports
	if g := n.expect.gossip.Load(); g != nil {
		counts = g.Counts()
	}
	st.Ports = map[string]PortFigures{
		"peer":   portFigures(&n.links.Unproven, link.Strangers),
		"gossip": portFigures(&counts.Streams, gossip.Streams),
	}
	st.LargePackets = counts.Large.Load()
}
