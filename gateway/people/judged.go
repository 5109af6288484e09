package people

import (
	"context"

	"github.com/scaiwave/presence/cluster"
	"github.com/scaiwave/presence/gateway/tenant"
	"github.com/scaiwave/presence/shard"
)

// JudgedStates is States with what a backend says of each of ids and the viewer.
func (p People) JudgedStates(
	ctx context.Context, viewer tenant.Participant, ids tenant.List, said []shard.Trust, states []shard.State,
) {
	p.node.JudgedStates(ctx, string(viewer), judged(ids, said), states)
}

// Statuses is JudgedStates for all that with asks for. Where no backend is asked, said is that
// there is nothing.
func (p People) Statuses(
	ctx context.Context, viewer tenant.Participant, ids tenant.List, said []shard.Trust, with shard.With,
	answers []shard.Seen,
) {
	p.node.Statuses(ctx, string(viewer), judged(ids, said), with, answers)
}

func judged(ids tenant.List, said []shard.Trust) []cluster.Judged {
	all := make([]cluster.Judged, ids.Len())
	for i := range all {
		all[i] = cluster.Judged{ID: ids.Keys()[i], Said: said[i]}
	}
	return all
}

// JudgedInspect is Inspect, without devices, with what a backend says of the two.
func (p People) JudgedInspect(
	ctx context.Context, viewer, of tenant.Participant, said shard.Trust,
) (cluster.Record, error) {
	return p.node.JudgedInspect(ctx, string(viewer), cluster.Judged{ID: string(of), Said: said})
}

// Ties fills ties with what makes the viewer more than a stranger; they are as many as ids.
func (p People) Ties(ctx context.Context, viewer tenant.Participant, ids tenant.List, ties []shard.Tie) {
	p.node.Ties(ctx, string(viewer), ids.Keys(), ties)
}

// ForgetAnswers has all gateways forget what a backend has said of viewers.
func (p People) ForgetAnswers(ctx context.Context, viewers tenant.List) error {
	return p.node.ForgetAnswers(ctx, viewers.Keys())
}
