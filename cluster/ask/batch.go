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

// many are questions of one kind, and a byte in answer to each.
type many[Q any, A ~uint8] struct {
	Questions []Q
	Answers   []A // of the same length
}

// room makes room for n questions, in the memory that m has.
func (m *many[Q, A]) room(n int) {
	m.Questions = slices.Grow(m.Questions[:0], n)[:n]
	m.Answers = slices.Grow(m.Answers[:0], n)[:n]
	clear(m.Answers)
}

func (m *many[Q, A]) appendAnswer(b []byte) []byte {
	b = slices.Grow(b, len(m.Answers))
	for _, a := range m.Answers {
		b = append(b, byte(a))
	}
	return b
}

func (m *many[Q, A]) decodeAnswer(d *message.Reader) {
	for i, a := range d.Take(len(m.Answers)) {
		m.Answers[i] = A(a)
	}
}

// isLarge reports whether its memory is more than is worth keeping for the next one.
func (m *many[Q, A]) isLarge() bool { return cap(m.Questions) > maxSpare }

// maxSpare is for how many questions memory is kept: those of 10,000 ids, spread over a few owners.
const maxSpare = 4096

// Heartbeats are signs of life by name.
type Heartbeats struct {
	many[host.Heartbeat, shard.Outcome]
}

func (c *Heartbeats) code() byte { return message.OpHeartbeats }

func (c *Heartbeats) append(b []byte) []byte {
	b = message.AppendUint32(slices.Grow(b, 40*len(c.Questions)), len(c.Questions))
	for i := range c.Questions {
		beat := &c.Questions[i]
		b = append(codec.AppendText(codec.AppendText(b, beat.Participant), beat.Device), byte(beat.Activity))
	}
	return b
}

func (c *Heartbeats) decode(d *message.Reader) {
	d.Share()
	c.room(d.Count(1 + 1 + 1 + 1 + 1))
	for i := range c.Questions {
		c.Questions[i] = host.Heartbeat{Participant: d.Participant(), Device: d.Device(), Activity: d.Activity()}
	}
}

func (c *Heartbeats) carryOut(ctx context.Context, o *Owner) {
	o.flipped(ctx, o.Host.Heartbeats(c.Questions, c.Answers)...)
}

// Heartbeats applies signs of life where they belong. outcomes has the length of beats.
func (a *Asker) Heartbeats(ctx context.Context, beats []host.Heartbeat, outcomes []shard.Outcome) {
	if a.Caller.Alone() {
		op := Heartbeats{many[host.Heartbeat, shard.Outcome]{beats, outcomes}}
		if op.carryOut(ctx, a.Owner); !slices.Contains(outcomes, shard.NotMine) {
			return
		}
	}
	for _, i := range call.Spread(ctx, a.Caller, &call.Batch[host.Heartbeat, shard.Outcome]{
		Questions: beats, Answers: outcomes, Finders: view.Writers,
		ID: func(b *host.Heartbeat) string { return b.Participant },
		Ask: func(ctx context.Context, at link.Name, beats []host.Heartbeat, outcomes []shard.Outcome) error {
			op := &Heartbeats{many[host.Heartbeat, shard.Outcome]{beats, outcomes}}
			return a.At(ctx, at, link.Hot, call.ShortWrite, op)
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
	many[string, shard.State]
}

func (c *States) code() byte { return message.OpStates }

func (c *States) append(b []byte) []byte {
	return message.AppendTexts(codec.AppendText(slices.Grow(b, 30*(1+len(c.Questions))), c.Viewer), c.Questions)
}

func (c *States) decode(d *message.Reader) {
	d.Share()
	c.Viewer = d.Viewer()
	c.room(d.Count(2))
	for i := range c.Questions {
		c.Questions[i] = d.Participant()
	}
}

func (c *States) carryOut(_ context.Context, o *Owner) {
	o.Host.States(c.Viewer, c.Questions, c.Answers, notHere)
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
			return a.At(ctx, at, link.Hot, call.ShortRead, &States{viewer, many[string, shard.State]{ids, states}})
		},
		Counts: func(s *shard.State) bool { return *s != notHere },
	})
	for _, i := range left {
		states[i] = shard.Unknown
	}
	return len(left)
}
