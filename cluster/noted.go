package cluster

import "context"

// noteCluster notes in the data directory that this node knows its cluster, as soon as it has seen
// enough of it, and that partitions are kept with nobody in them, too, as soon as it has met a
// member. Only if they were is what no disk has at nodes that are missing: a release of protocol 6
// kept none, and its directories may still come.
func (n *Node) noteCluster(ctx context.Context) {
	if !n.expect.await(ctx) {
		return
	}
	noted, empties := false, false
	for ctx.Err() == nil {
		v := n.view.Load()
		met := len(v.Members) > 1 // who has left kept what it kept
		if !noted || met && !empties {
			noted, empties = true, met
			n.store.NoteCluster(n.config.ClusterName, n.gossip.Seen(), empties)
		}
		select {
		case <-ctx.Done():
		case <-v.Gone:
		}
	}
}
