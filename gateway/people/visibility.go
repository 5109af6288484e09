package people

import (
	"context"

	"github.com/scaiwave/presence/cluster"
	"github.com/scaiwave/presence/gateway/tenant"
	"github.com/scaiwave/presence/shard"
)

// SetEdges stores what a backend says about pairs; errs are as many as edges.
func (p People) SetEdges(ctx context.Context, edges []cluster.Edge, errs []error) {
	copy(errs, p.node.SetEdges(ctx, edges))
}

// SetBlock has a participant block a viewer, or ends that.
func (p People) SetBlock(ctx context.Context, who, viewer tenant.Participant, blocked bool) error {
	return p.node.SetBlock(ctx, string(who), string(viewer), blocked)
}

// Blocks are the viewers that a participant has blocked, by their bare ids.
func (p People) Blocks(ctx context.Context, who tenant.Participant) ([]string, error) {
	viewers, err := p.node.Blocks(ctx, string(who))
	for i, v := range viewers {
		viewers[i] = tenant.Participant(v).ID()
	}
	return viewers, err
}

// Said is what a participant has said about who may see it. The viewers of its blocks are bare ids.
func (p People) Said(ctx context.Context, who tenant.Participant) (cluster.Said, error) {
	said, err := p.node.Said(ctx, string(who))
	for i := range said.Blocks {
		said.Blocks[i].Viewer = tenant.Participant(said.Blocks[i].Viewer).ID()
	}
	return said, err
}

// SetVisibility stores what a participant sets.
func (p People) SetVisibility(
	ctx context.Context, who tenant.Participant, change shard.VisibilityChange,
) error {
	return p.node.SetVisibility(ctx, string(who), change)
}

// Visibility is what counts for a participant.
func (p People) Visibility(ctx context.Context, who tenant.Participant) (shard.Visibility, error) {
	return p.node.Visibility(ctx, string(who))
}

// Why is why a viewer sees of a participant what it does; the empty viewer is a stranger. The peer
// of the window is an inner id, and not for clients.
func (p People) Why(ctx context.Context, who, viewer tenant.Participant) cluster.Why {
	return p.node.Why(ctx, string(who), string(viewer))
}
