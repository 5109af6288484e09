package gateway

import (
	"context"
	"sync"

	"github.com/scaiwave/presence/cluster"
	"github.com/scaiwave/presence/shard"
)

// visible is what a node was told of who may see whom, and how much of it each takes.
type visible struct {
	mu    sync.Mutex
	most  int            // 0: as many as the real one
	edges []cluster.Edge // all that were set, in order

	opaque shard.Opaque // of everybody
}

func (b *badCluster) SetEdges(ctx context.Context, edges []cluster.Edge) []error {
	errs := b.Node.SetEdges(ctx, edges)
	v := &b.visible
	v.mu.Lock()
	defer v.mu.Unlock()
	for i, e := range edges {
		switch err := b.failure(); {
		case err != nil:
			errs[i] = err
		case v.most > 0 && len(v.edges) >= v.most:
			errs[i] = cluster.ErrTooManyEdges
		default:
			v.edges = append(v.edges, e)
		}
	}
	return errs
}

func (b *badCluster) SetBlock(ctx context.Context, participant, viewer string, blocked bool) error {
	if err := b.failure(); err != nil {
		return err
	}
	there, err := b.Node.Blocks(ctx, participant)
	if most := b.visible.most; err != nil || blocked && most > 0 && len(there) >= most {
		return cluster.ErrTooManyEdges
	}
	return b.Node.SetBlock(ctx, participant, viewer, blocked)
}

func (b *badCluster) Blocks(ctx context.Context, participant string) ([]string, error) {
	if err := b.failure(); err != nil {
		return nil, err
	}
	return b.Node.Blocks(ctx, participant)
}

func (b *badCluster) Said(ctx context.Context, participant string) (cluster.Said, error) {
	if err := b.failure(); err != nil {
		return cluster.Said{}, err
	}
	said, err := b.Node.Said(ctx, participant)
	said.Opaque = b.visible.opaque
	return said, err
}

func (b *badCluster) SetVisibility(ctx context.Context, participant string, c shard.VisibilityChange) error {
	if err := b.failure(); err != nil {
		return err
	}
	return b.Node.SetVisibility(ctx, participant, c)
}

func (b *badCluster) Visibility(ctx context.Context, participant string) (shard.Visibility, error) {
	if err := b.failure(); err != nil {
		return shard.Visibility{}, err
	}
	return b.Node.Visibility(ctx, participant)
}
