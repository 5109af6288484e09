package cluster

import (
	"context"

	"github.com/scaiwave/presence/shard"
)

// SetOverride stores what a participant picked.
func (n *Node) SetOverride(ctx context.Context, participant string, o shard.Override) error {
	if err := refused(ctx); err != nil {
		return err
	}
	return errorOf(n.host.SetOverride(participant, o))
}

// SetKind registers a participant as AI, or as human again.
func (n *Node) SetKind(ctx context.Context, participant string, k shard.Kind) error {
	if err := refused(ctx); err != nil {
		return err
	}
	return errorOf(n.host.SetKind(participant, k))
}

// DirectMessages opens or renews windows, both sides of each. errs has the length of dms; errs[i] becomes nil or says why
// the i-th wasn't completed. Sending one again is harmless.
func (n *Node) DirectMessages(ctx context.Context, dms []DirectMessage, errs []error) {
	for i, dm := range dms {
		at := dm.At.UnixMilli()
		errs[i] = refused(ctx)
		for _, side := range [2][2]string{{dm.A, dm.B}, {dm.B, dm.A}} {
			if errs[i] == nil {
				errs[i] = errorOf(n.host.OpenWindow(side[0], side[1], at))
			}
		}
	}
}

// States answers what viewer sees of each id, and how many owners could not be asked; an empty viewer is a stranger.
// states has the length of ids.
func (n *Node) States(ctx context.Context, viewer string, ids []string, states []shard.State) (unknown int) {
	return n.host.States(viewer, ids, states)
}

// Inspect reads one participant as viewer sees it; an empty viewer is a stranger. Devices are filled in only if asked for.
func (n *Node) Inspect(ctx context.Context, viewer, id string, devices bool) (Record, error) {
	if err := refused(ctx); err != nil {
		return Record{}, err
	}
	r, ok := n.host.Inspect(viewer, id, devices)
	if !ok {
		return Record{}, ErrUnavailable
	}
	return r, nil
}

// Watch makes the sink hear of every change of the ids from now on, and fills in how they look now. Watching what is
// watched already is harmless. views has the length of ids; unknown is how many owners could not be asked.
func (n *Node) Watch(ctx context.Context, ids []string, views []shard.View) (unknown int) {
	return n.host.Watch(n.sink, ids, views)
}

// Unwatch ends the sink's interest in ids.
func (n *Node) Unwatch(ids []string) { n.host.Unwatch(n.sink, ids) }
