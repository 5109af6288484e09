package cluster

import (
	"context"
	"slices"

	"github.com/scaiwave/presence/cluster/call"
	"github.com/scaiwave/presence/cluster/link"
	"github.com/scaiwave/presence/cluster/message"
	"github.com/scaiwave/presence/cluster/replica"
	"github.com/scaiwave/presence/cluster/view"
	"github.com/scaiwave/presence/shard"
	"github.com/scaiwave/presence/shard/codec"
)

// Heartbeats applies signs of life by name. errs has the length of beats; errs[i] becomes nil or says why the i-th was
// refused.
func (n *Node) Heartbeats(ctx context.Context, beats []Heartbeat, errs []error) {
	outcomes := make([]shard.Outcome, len(beats))
	if !n.caller.Alone() || !n.heartbeatsHere(ctx, beats, outcomes) {
		for _, i := range call.Spread(ctx, n.caller, &call.Batch[Heartbeat, shard.Outcome]{
			Questions: beats, Answers: outcomes, ID: func(b *Heartbeat) string { return b.Participant },
			Finders: view.Writers, Ask: n.heartbeatsAt, Counts: func(o *shard.Outcome) bool { return *o != shard.NotMine },
		}) {
			outcomes[i] = shard.NotMine
		}
	}
	for i, o := range outcomes {
		errs[i] = errorOf(o)
	}
}

func (n *Node) heartbeatsAt(ctx context.Context, at link.Name, beats []Heartbeat, outcomes []shard.Outcome) error {
	if at != n.name {
		return n.askHeartbeats(ctx, at, beats, outcomes)
	}
	n.heartbeatsHere(ctx, beats, outcomes)
	return nil
}

// heartbeatsHere applies heartbeats, and waits a moment for the backups of what has changed by
// them. It reports whether all were of partitions that are served here.
func (n *Node) heartbeatsHere(ctx context.Context, beats []Heartbeat, outcomes []shard.Outcome) (all bool) {
	changed := n.host.Heartbeats(beats, outcomes)
	all = !slices.Contains(outcomes, shard.NotMine)
	if len(changed) == 0 {
		return all
	}
	ctx, cancel := context.WithTimeout(ctx, flipWait)
	defer cancel()
	for _, p := range changed {
		if n.replica.WaitFlip(ctx, p) == replica.Missed {
			break
		}
	}
	return all
}

func (n *Node) askHeartbeats(ctx context.Context, at link.Name, beats []Heartbeat, outcomes []shard.Outcome) error {
	ctx, cancel := call.ShortWrite(ctx, at)
	defer cancel()
	b := message.AppendUint32(make([]byte, 0, 40*len(beats)), len(beats))
	for i := range beats {
		b = append(codec.AppendText(codec.AppendText(b, beats[i].Participant), beats[i].Device), byte(beats[i].Activity))
	}
	return n.caller.Call(ctx, at, link.Hot, message.OpHeartbeats, b, func(reply []byte) error {
		if len(reply) != len(outcomes) {
			return message.ErrDamaged
		}
		for i, o := range reply {
			outcomes[i] = shard.Outcome(o)
		}
		return nil
	})
}

// notHere is what a node answers in place of a state of what it neither serves nor copies.
const notHere shard.State = 0xff

// States answers what viewer sees of each id, and how many owners could not be asked; an empty viewer is a stranger.
// states has the length of ids.
func (n *Node) States(ctx context.Context, viewer string, ids []string, states []shard.State) (unknown int) {
	if n.caller.Alone() && n.host.States(viewer, ids, states, shard.Unknown) == 0 {
		return 0
	}
	left := call.Spread(ctx, n.caller, &call.Batch[string, shard.State]{
		Questions: ids, Answers: states, ID: func(id *string) string { return *id }, Finders: view.Readers,
		Ask: func(ctx context.Context, at link.Name, ids []string, states []shard.State) error {
			return n.statesAt(ctx, at, viewer, ids, states)
		},
		Counts: func(s *shard.State) bool { return *s != notHere },
	})
	for _, i := range left {
		states[i] = shard.Unknown
	}
	return len(left)
}

func (n *Node) statesAt(ctx context.Context, at link.Name, viewer string, ids []string, states []shard.State) error {
	if at == n.name {
		n.host.States(viewer, ids, states, notHere)
		return nil
	}
	ctx, cancel := call.ShortRead(ctx, at)
	defer cancel()
	b := codec.AppendText(make([]byte, 0, 30*len(ids)), viewer)
	return n.caller.Call(ctx, at, link.Hot, message.OpStates, message.AppendTexts(b, ids), func(reply []byte) error {
		if len(reply) != len(states) {
			return message.ErrDamaged
		}
		for i, s := range reply {
			states[i] = shard.State(s)
		}
		return nil
	})
}

func (n *Node) statesHere(viewer string, ids []string) []byte {
	states := make([]shard.State, len(ids))
	n.host.States(viewer, ids, states, notHere)
	answer := make([]byte, len(ids))
	for i, s := range states {
		answer[i] = byte(s)
	}
	return answer
}
