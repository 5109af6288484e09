package people

import (
	"context"

	"github.com/scaiwave/presence/cluster"
	"github.com/scaiwave/presence/gateway/tenant"
	"github.com/scaiwave/presence/shard"
)

// States fills states, as the viewer sees them; they are as many as ids.
func (p People) States(
	ctx context.Context, viewer tenant.Participant, ids tenant.List, states []shard.State,
) (unknown int) {
	return p.node.States(ctx, string(viewer), ids.Keys(), states)
}

// Inspect is the record of a participant; devices are in it if they are asked for.
func (p People) Inspect(
	ctx context.Context, viewer, of tenant.Participant, devices bool,
) (cluster.Record, error) {
	return p.node.Inspect(ctx, string(viewer), string(of), devices)
}

// Account is all that is held of a participant. The peers of its windows are bare ids.
func (p People) Account(ctx context.Context, of tenant.Participant) (cluster.Account, error) {
	a, err := p.node.Account(ctx, string(of))
	for i := range a.Windows {
		a.Windows[i].Peer = tenant.Participant(a.Windows[i].Peer).ID()
	}
	return a, err
}
