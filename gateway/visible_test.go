package gateway

import (
	"context"
	"maps"
	"slices"
	"sync"

	"github.com/scaiwave/presence/cluster"
	"github.com/scaiwave/presence/shard"
)

// visible keeps what is said about who may see whom, and has no participant see less for it.
type visible struct {
	mu     sync.Mutex
	most   int            // exceptions that a participant may have; 0: any number
	edges  []cluster.Edge // all that were set, in order
	blocks map[string]map[string]bool
	set    map[string]shard.Visibility
}

func (b *badCluster) SetEdges(_ context.Context, edges []cluster.Edge) []error {
	errs := make([]error, len(edges))
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

func (b *badCluster) SetBlock(_ context.Context, participant, viewer string, blocked bool) error {
	v := &b.visible
	v.mu.Lock()
	defer v.mu.Unlock()
	if err := b.failure(); err != nil {
		return err
	}
	if blocked && v.most > 0 && len(v.blocks[participant]) >= v.most {
		return cluster.ErrTooManyEdges
	}
	if v.blocks == nil {
		v.blocks = map[string]map[string]bool{}
	}
	if v.blocks[participant] == nil {
		v.blocks[participant] = map[string]bool{}
	}
	if v.blocks[participant][viewer] = true; !blocked {
		delete(v.blocks[participant], viewer)
	}
	return nil
}

func (b *badCluster) Blocks(_ context.Context, participant string) ([]string, error) {
	b.visible.mu.Lock()
	defer b.visible.mu.Unlock()
	return slices.Sorted(maps.Keys(b.visible.blocks[participant])), b.failure()
}

func (b *badCluster) SetVisibility(_ context.Context, participant string, c shard.VisibilityChange) error {
	v := &b.visible
	v.mu.Lock()
	defer v.mu.Unlock()
	if err := b.failure(); err != nil {
		return err
	}
	if v.set == nil {
		v.set = map[string]shard.Visibility{}
	}
	set := v.set[participant]
	if c.SetAudience {
		set.Audience = c.Audience
	}
	if c.SetLastSeen {
		set.LastSeen = c.LastSeen
	}
	v.set[participant] = set
	return nil
}

func (b *badCluster) Visibility(_ context.Context, participant string) (shard.Visibility, error) {
	b.visible.mu.Lock()
	defer b.visible.mu.Unlock()
	set := b.visible.set[participant]
	return shard.Visibility{
		Audience: max(set.Audience, shard.AudienceEveryone), LastSeen: max(set.LastSeen, shard.SeenExact),
	}, b.failure()
}
