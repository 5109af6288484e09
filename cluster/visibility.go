package cluster

import (
	"context"

	"github.com/scaiwave/presence/cluster/ask"
	"github.com/scaiwave/presence/cluster/call"
	"github.com/scaiwave/presence/cluster/link"
	"github.com/scaiwave/presence/shard"
	"github.com/scaiwave/presence/shard/host"
)

// maxEdges is how many edges of one participant go in one call.
const maxEdges = 1000

// SetEdges stores what a backend says about pairs; acknowledged like SetOverride. The result has
// the length of edges: each is nil or says why it wasn't stored. Of two about one pair the later
// one counts, and both have its outcome.
func (n *Node) SetEdges(ctx context.Context, edges []Edge) []error {
	errs := make([]error, len(edges))
	all, latest := batchesOf(edges)
	call.Each(len(all), maxParallel, func(i int) { n.setEdges(ctx, &all[i], errs) })
	for i := range edges {
		errs[i] = errs[latest[edges[i].pair()]] // of what a later one stands for
	}
	return errs
}

// edgeBatch is what goes in one call.
type edgeBatch struct {
	ask.Edges
	places []int // of each edge, where it was among those that were given
}

// batchesOf puts the edges of one participant together. Those of one are in one batch, or, if they
// are too many, in batches of which no two have the same viewer.
func batchesOf(edges []Edge) (all []edgeBatch, latest map[[2]string]int) {
	open := make(map[string]int)     // by participant
	latest = make(map[[2]string]int) // by pair
	for i := range edges {
		latest[edges[i].pair()] = i
	}
	for i, e := range edges {
		if latest[e.pair()] != i {
			continue
		}
		at, found := open[e.Participant]
		if !found || len(all[at].All) == maxEdges {
			at = len(all)
			open[e.Participant] = at
			all = append(all, edgeBatch{Edges: ask.Edges{Fact: ask.Of(e.Participant)}})
		}
		one := host.Edge{Viewer: e.Viewer, Edge: shard.Edge{Allow: e.Allow}}
		if !e.Until.IsZero() {
			one.Until = e.Until.UnixMilli()
		}
		all[at].All, all[at].places = append(all[at].All, one), append(all[at].places, i)
	}
	return all, latest
}

func (e *Edge) pair() [2]string { return [2]string{e.Participant, e.Viewer} }

func (n *Node) setEdges(ctx context.Context, b *edgeBatch, errs []error) {
	b.Outcomes = make([]shard.Outcome, len(b.All))
	err := n.asker.Write(ctx, &b.Edges)
	for i, place := range b.places {
		if errs[place] = err; err == nil {
			errs[place] = ask.ErrorOf(b.Outcomes[i])
		}
	}
}

// SetBlock blocks a viewer of a participant, or ends that; acknowledged like SetOverride.
func (n *Node) SetBlock(ctx context.Context, participant, viewer string, blocked bool) error {
	return n.asker.Write(ctx, &ask.Block{Fact: ask.Of(participant), Viewer: viewer, Blocked: blocked})
}

// Blocks are the viewers that a participant has blocked, in the order of their bytes.
func (n *Node) Blocks(ctx context.Context, participant string) (names []string, err error) {
	said, err := n.Said(ctx, participant)
	for _, b := range said.Blocks {
		names = append(names, b.Viewer)
	}
	return names, err
}

// SetVisibility stores what a participant has set about who sees what; acknowledged like
// SetOverride.
func (n *Node) SetVisibility(ctx context.Context, participant string, c shard.VisibilityChange) error {
	return n.asker.Write(ctx, &ask.SetVisibility{Fact: ask.Of(participant), Change: c})
}

// Visibility is what counts for a participant, whether it was set or not.
func (n *Node) Visibility(ctx context.Context, participant string) (shard.Visibility, error) {
	said, err := n.Said(ctx, participant)
	return said.Counts, err
}

// Said reads what a participant has said about who may see it.
func (n *Node) Said(ctx context.Context, participant string) (Said, error) {
	op := ask.Visibility{Participant: participant}
	err := n.asker.Read(ctx, link.Bulk, &op)
	return op.Said, err
}
