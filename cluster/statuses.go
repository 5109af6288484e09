package cluster

import (
	"context"
	"time"

	"github.com/scaiwave/presence/cluster/ask"
	"github.com/scaiwave/presence/shard"
)

// SetStatus stores what a participant says of itself; the zero status clears it. A public one
// reaches strangers even while the participant hides. Acknowledged like SetOverride.
func (n *Node) SetStatus(ctx context.Context, participant string, s shard.Status, public bool) error {
	return n.asker.Write(ctx, &ask.Status{Fact: ask.Of(participant), Status: s, Public: public})
}

// SetClaim makes or renews a backend's reason for busy; with a zero until it ends. Acknowledged
// like SetOverride.
func (n *Node) SetClaim(ctx context.Context, participant, source string, until time.Time) error {
	op := ask.Claim{Fact: ask.Of(participant), Source: source}
	if !until.IsZero() {
		op.Until = until.UnixMilli()
	}
	return n.asker.Write(ctx, &op)
}

// Statuses is JudgedStates with what else is asked for. answers has the length of asked. Of what
// nobody could be asked about, the state is Unknown.
func (n *Node) Statuses(ctx context.Context, viewer string, asked []Judged, with shard.With, answers []shard.Seen) {
	n.asker.Statuses(ctx, viewer, asked, with, answers)
}
