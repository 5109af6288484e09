package gossip

import (
	"context"
	"time"

	"github.com/scaiwave/presence/cluster/link"
)

// Knows reports whether a boot is a member, or was one within the last hour. It is part of
// link.Members.
func (g *Gossip) Knows(name link.Name) bool {
	known, _ := g.knows(name)
	return known
}

// Await waits until a boot is known, and reports whether it is before ctx ends. It is part of
// link.Members.
func (g *Gossip) Await(ctx context.Context, name link.Name) bool {
	for {
		known, arrival := g.knows(name)
		if known {
			return true
		}
		select {
		case <-arrival:
		case <-ctx.Done():
			return false
		}
	}
}

// knows is Knows. It also returns a channel that is closed when the next member comes.
func (g *Gossip) knows(name link.Name) (known bool, arrival <-chan struct{}) {
	g.mu.Lock()
	defer g.mu.Unlock()
	_, is := g.members[name.String()]
	return is || g.former.has(name, time.Now()), g.arrival
}

// maxStrange is how many members wait to be told of this node. One more is told the next time.
const maxStrange = 16

// Introduce has a member and this node tell each other directly whom they know, in what state. The
// packets of gossip may miss one of them, which then finds out by itself only after half a minute.
// It is part of link.Members.
func (g *Gossip) Introduce(to link.Name) {
	select {
	case g.strange <- to:
	default:
	}
}

// meet joins a member that this node sees already, so that it sees this node.
func (g *Gossip) meet(name link.Name) {
	g.mu.Lock()
	m, is := g.members[name.String()]
	g.mu.Unlock()
	if is {
		_ = g.join([]string{m.address}) // a refusal is a trouble already
	}
}
