package cluster

import (
	"context"
	"time"

	"github.com/scaiwave/presence/cluster/ask"
	"github.com/scaiwave/presence/cluster/call"
	"github.com/scaiwave/presence/cluster/link"
	"github.com/scaiwave/presence/shard"
)

// SetOverride stores what a participant picked; it is acknowledged when two nodes hold it, or all
// there are. After until it is auto; zero: it has no end.
func (n *Node) SetOverride(ctx context.Context, participant string, o shard.Override, until time.Time) error {
	op := ask.Override{Fact: ask.Of(participant), Override: o}
	if until.IsZero() {
		return n.asker.Write(ctx, &op)
	}
	return n.asker.Write(ctx, &ask.Pick{Override: op, Until: until.UnixMilli()})
}

// SetKind registers a participant as AI, or as human again; acknowledged like SetOverride. With
// AvailabilityUnset the availability stays as it was.
func (n *Node) SetKind(ctx context.Context, participant string, k shard.Kind, a shard.Availability) error {
	op := ask.Kind{Fact: ask.Of(participant), Kind: k}
	if a == shard.AvailabilityUnset {
		return n.asker.Write(ctx, &op)
	}
	return n.asker.Write(ctx, &ask.Register{Kind: op, Availability: a})
}

// DirectMessages opens or renews windows, both sides of each. errs has the length of dms; errs[i]
// becomes nil or says why the i-th wasn't completed. Sending one again is harmless; one that failed
// is completed anyway, later, unless a disk refused it before anything was stored.
func (n *Node) DirectMessages(ctx context.Context, dms []DirectMessage, errs []error) {
	call.Each(len(dms), maxParallel, func(i int) { errs[i] = n.finisher.store(ctx, dms[i]) })
}

// Erase forgets all that is known of a participant, at all nodes and on their disks, and has the
// sockets of its devices closed. What came up to now is not taken back in for a week, from wherever
// it comes; what comes later counts. After an error it may be half done, and can be repeated.
func (n *Node) Erase(ctx context.Context, participant string) error {
	return n.asker.Erase(ctx, participant)
}

// Inspect reads one participant as viewer sees it; an empty viewer is a stranger. Devices are
// filled in only if asked for.
func (n *Node) Inspect(ctx context.Context, viewer, id string, devices bool) (Record, error) {
	op := ask.JudgedInspect{Inspect: ask.Inspect{Viewer: viewer, ID: id, Devices: devices}}
	err := n.asker.JudgedInspect(ctx, &op)
	return op.Record, err
}

// JudgedInspect is Inspect with a backend's word on the participant, without devices.
func (n *Node) JudgedInspect(ctx context.Context, viewer string, asked Judged) (Record, error) {
	op := ask.JudgedInspect{Inspect: ask.Inspect{Viewer: viewer, ID: asked.ID}, Said: asked.Said}
	err := n.asker.JudgedInspect(ctx, &op)
	return op.Record, err
}

// JudgedStates is States with a backend's word on each id. states has the length of asked.
func (n *Node) JudgedStates(ctx context.Context, viewer string, asked []Judged, states []shard.State) {
	n.asker.JudgedStates(ctx, viewer, asked, states)
}

// Ties answers what viewer has with each of ids that makes it more than a stranger. ties has the
// length of ids.
func (n *Node) Ties(ctx context.Context, viewer string, ids []string, ties []shard.Tie) {
	n.asker.Ties(ctx, viewer, ids, ties)
}

// Account reads all that is known of a participant.
func (n *Node) Account(ctx context.Context, participant string) (Account, error) {
	op := ask.Account{Participant: participant}
	err := n.asker.Read(ctx, link.Bulk, &op)
	return op.Account, err
}

// Heartbeats applies signs of life by name. errs has the length of beats; errs[i] becomes nil or
// says why the i-th was refused.
func (n *Node) Heartbeats(ctx context.Context, beats []Heartbeat, errs []error) {
	outcomes := make([]shard.Outcome, len(beats))
	n.asker.Heartbeats(ctx, beats, outcomes)
	for i, o := range outcomes {
		errs[i] = ask.ErrorOf(o)
	}
}

// States answers what viewer sees of each id, and how many owners could not be asked; an empty
// viewer is a stranger. states has the length of ids.
func (n *Node) States(ctx context.Context, viewer string, ids []string, states []shard.State) (unknown int) {
	return n.asker.States(ctx, viewer, ids, states)
}
