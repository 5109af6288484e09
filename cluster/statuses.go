package cluster

import (
	"context"
	"time"

	"github.com/scaiwave/presence/shard"
)

// SetStatus stores what a participant says of itself; the zero status clears it. A public one
// reaches everyone, whatever the override; acknowledged like SetOverride.
func (n *Node) SetStatus(ctx context.Context, participant string, s shard.Status, public bool) error {
	return ErrUnavailable
}

// SetClaim makes or renews a backend's reason for busy; with a zero until it ends. Acknowledged
// like SetOverride.
func (n *Node) SetClaim(ctx context.Context, participant, source string, until time.Time) error {
	return ErrUnavailable
}

// Statuses is JudgedStates with what else is asked for. answers has the length of asked. Of what
// nobody could be asked about, the state is Unknown.
func (n *Node) Statuses(ctx context.Context, viewer string, asked []Judged, with shard.With, answers []shard.Seen) {
	states := make([]shard.State, len(asked))
	n.JudgedStates(ctx, viewer, asked, states)
	for i, s := range states {
		answers[i] = shard.Seen{State: s}
	}
}
