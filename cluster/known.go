package cluster

import (
	"context"
	"sync/atomic"

	"github.com/scaiwave/presence/cluster/gossip"
	"github.com/scaiwave/presence/cluster/link"
)

// known are the members with whom links are made: those of gossip. Before gossip has begun there
// are none, and nobody can have heard of this node.
type known struct{ gossip atomic.Pointer[gossip.Gossip] }

// Knows is part of link.Members.
func (k *known) Knows(name link.Name) bool {
	g := k.gossip.Load()
	return g != nil && g.Knows(name)
}

// Await is part of link.Members.
func (k *known) Await(ctx context.Context, name link.Name) bool {
	g := k.gossip.Load()
	return g != nil && g.Await(ctx, name)
}

// Introduce is part of link.Members.
func (k *known) Introduce(to link.Name) {
	if g := k.gossip.Load(); g != nil {
		g.Introduce(to)
	}
}

// answers reports whether a node answers gossip. It takes as long as a probe may.
func (k *known) answers(name link.Name) bool {
	g := k.gossip.Load()
	return g != nil && g.Answers(name)
}
