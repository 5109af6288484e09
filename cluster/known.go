package cluster

import (
	"context"

	"github.com/scaiwave/presence/cluster/link"
)

// known are the members with whom links are made: those of gossip. Before gossip has begun there
// are none, and nobody can have heard of this node.
type known struct{ *Node }

// Knows is part of link.Members.
func (k known) Knows(name link.Name) bool {
	g := k.expect.gossip.Load()
	return g != nil && g.Knows(name)
}

// Await is part of link.Members.
func (k known) Await(ctx context.Context, name link.Name) bool {
	g := k.expect.gossip.Load()
	return g != nil && g.Await(ctx, name)
}

// Introduce is part of link.Members.
func (k known) Introduce(to link.Name) {
	if g := k.expect.gossip.Load(); g != nil {
		g.Introduce(to)
	}
}
