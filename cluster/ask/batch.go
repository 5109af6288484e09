package ask

import (
	"context"
	"slices"

	"github.com/scaiwave/presence/cluster/call"
	"github.com/scaiwave/presence/cluster/link"
	"github.com/scaiwave/presence/cluster/message"
	"github.com/scaiwave/presence/cluster/view"
	"github.com/scaiwave/presence/shard"
	"github.com/scaiwave/presence/shard/codec"
	"github.com/scaiwave/presence/shard/host"
)

// Heartbeats are signs of life by name.
type Heartbeats struct {
	Beats []host.Heartbeat

	Outcomes []shard.Outcome // of the same length
}

func (c *Heartbeats) code() byte { return message.OpHeartbeats }

func (c *Heartbeats) append(b []byte) []byte {
	b = message.AppendUint32(slices.Grow(b, 40*len(c.Beats)), len(c.Beats))
	for i := range c.Beats {
		beat := &c.Beats[i]
		b = append(codec.AppendText(codec.AppendText(b, beat.Participant), beat.Device), byte(beat.Activity))
	}
	return b
}

func (c *Heartbeats) decode(d *message.Reader) {
	d.Share()
	c.Beats = make([]host.Heartbeat, d.Count(1+1+1+1+1))
	for i := range c.Beats {
		c.Beats[i] = host.Heartbeat{Participant: d.Participant(), Device: d.Device(), Activity: d.Activity()}
	}
	c.Outcomes = make([]shard.Outcome, len(c.Beats))
}

func (c *Heartbeats) carryOut(ctx context.Context, o *Owner) {
	o.flipped(ctx, o.Host.Heartbeats(c.Beats, c.Outcomes)...)
}

func (c *Heartbeats) appendAnswer(b []byte) []byte {
	b = slices.Grow(b, len(c.Outcomes))
	for _, o := range c.Outcomes {
		b = append(b, byte(o))
	}
	return b
}

func (c *Heartbeats) decodeAnswer(d *message.Reader) {
	for i, o := range d.Take(len(c.Outcomes)) {
		c.Outcomes[i] = shard.Outcome(o)
	}
}

// Heartbeats applies signs of life where they belong. outcomes has the length of beats.
func (a *Asker) Heartbeats(ctx context.Context, beats []host.Heartbeat, outcomes []shard.Outcome) {
	if a.Caller.Alone() {
		op := Heartbeats{Beats: beats, Outcomes: outcomes}
		if op.carryOut(ctx, a.Owner); !slices.Contains(outcomes, shard.NotMine) {
			return
		}
	}
	for _, i := range call.Spread(ctx, a.Caller, &call.Batch[host.Heartbeat, shard.Outcome]{
		Questions: beats, Answers: outcomes, Finders: view.Writers,
		ID: func(b *host.Heartbeat) string { return b.Participant },
		Ask: func(ctx context.Context, at link.Name, beats []host.Heartbeat, outcomes []shard.Outcome) error {
			return a.At(ctx, at, link.Hot, call.ShortWrite, &Heartbeats{beats, outcomes})
		},
		Counts: func(o *shard.Outcome) bool { return *o != shard.NotMine },
	}) {
		outcomes[i] = shard.NotMine
	}
}

// notHere is what a node answers in place of a state of what it neither serves nor copies.
const notHere shard.State = 0xff

// States reads what a viewer sees of many participants.
type States struct {
	Viewer string // empty: a stranger
	IDs    []string

	States []shard.State // of the same length
}

func (c *States) code() byte { return message.OpStates }

func (c *States) append(b []byte) []byte {
	return message.AppendTexts(codec.AppendText(slices.Grow(b, 30*len(c.IDs)), c.Viewer), c.IDs)
}

func (c *States) decode(d *message.Reader) {
	d.Share()
	c.Viewer, c.IDs = d.Viewer(), d.Participants()
	c.States = make([]shard.State, len(c.IDs))
}

func (c *States) carryOut(_ context.Context, o *Owner) {
	o.Host.States(c.Viewer, c.IDs, c.States, notHere)
}

func (c *States) appendAnswer(b []byte) []byte {
	b = slices.Grow(b, len(c.States))
	for _, s := range c.States {
		b = append(b, byte(s))
	}
	return b
}

func (c *States) decodeAnswer(d *message.Reader) {
	for i, s := range d.Take(len(c.States)) {
		c.States[i] = shard.State(s)
	}
}

// States reads what viewer sees of each id, and returns of how many no owner could be asked. states
// has the length of ids.
func (a *Asker) States(ctx context.Context, viewer string, ids []string, states []shard.State) (unknown int) {
	if a.Caller.Alone() && a.Owner.Host.States(viewer, ids, states, shard.Unknown) == 0 {
		return 0
	}
	left := call.Spread(ctx, a.Caller, &call.Batch[string, shard.State]{
		Questions: ids, Answers: states, Finders: view.Readers,
		ID: func(id *string) string { return *id },
		Ask: func(ctx context.Context, at link.Name, ids []string, states []shard.State) error {
			return a.At(ctx, at, link.Hot, call.ShortRead, &States{viewer, ids, states})
		},
		Counts: func(s *shard.State) bool { return *s != notHere },
	})
	for _, i := range left {
		states[i] = shard.Unknown
	}
	return len(left)
}
