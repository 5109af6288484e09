package cluster

import (
	"context"

	"github.com/scaiwave/presence/cluster/protocol"
)

// noteCluster notes in the data directory that this node knows its cluster, as soon as it has seen
// enough of it, and from then on whether all members keep partitions with nobody in them, too. Only
// if they did is what no disk has at nodes that are missing.
func (n *Node) noteCluster(ctx context.Context) {
	if !n.expect.await(ctx) {
		return
	}
	noted, empties := false, false
	for ctx.Err() == nil {
		v := n.view.Load()
		met := len(v.Members) > 1 // who has left kept what it kept
		if keep := met && v.Protocol >= protocol.Extras; !noted || met && keep != empties {
			noted, empties = true, keep
			n.store.NoteCluster(n.config.ClusterName, n.gossip.Seen(), empties)
		}
		select {
		case <-ctx.Done():
		case <-v.Gone:
		}
	}
}
