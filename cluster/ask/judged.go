package ask

import (
	"context"
	"slices"

	"github.com/scaiwave/presence/cluster/call"
	"github.com/scaiwave/presence/cluster/link"
	"github.com/scaiwave/presence/cluster/message"
	"github.com/scaiwave/presence/cluster/protocol"
	"github.com/scaiwave/presence/cluster/view"
	"github.com/scaiwave/presence/shard"
	"github.com/scaiwave/presence/shard/codec"
	"github.com/scaiwave/presence/shard/host"
)

// JudgedStates is States with a backend's word on each participant.
type JudgedStates struct {
	Viewer string
	many[host.Judged, shard.State]
}

func (c *JudgedStates) code() byte { return message.OpJudgedStates }

func (c *JudgedStates) append(b []byte) []byte {
	b = codec.AppendText(slices.Grow(b, 30*(1+len(c.Questions))), c.Viewer)
	b = message.AppendUint32(b, len(c.Questions))
	for _, q := range c.Questions {
		b = append(codec.AppendText(b, q.ID), byte(q.Said))
	}
	return b
}

func (c *JudgedStates) decode(d *message.Reader) {
	d.Share()
	c.Viewer = d.Viewer()
	c.room(d.Count(1 + 1 + 1))
	for i := range c.Questions {
		c.Questions[i] = host.Judged{ID: d.Participant(), Said: d.Said()}
	}
}

func (c *JudgedStates) carryOut(_ context.Context, o *Owner) {
	o.Host.JudgedStates(c.Viewer, c.Questions, c.Answers, notHere)
}

// JudgedStates is States with a backend's word on each participant. states has the length of asked.
func (a *Asker) JudgedStates(ctx context.Context, viewer string, asked []host.Judged, states []shard.State) {
	for _, i := range call.Spread(ctx, a.Caller, &call.Batch[host.Judged, shard.State]{
		Questions: asked, Answers: states, Finders: view.Readers,
		ID: func(q *host.Judged) string { return q.ID },
		Ask: func(ctx context.Context, at link.Name, asked []host.Judged, states []shard.State) error {
			op := &JudgedStates{viewer, many[host.Judged, shard.State]{asked, states}}
			return a.At(ctx, at, link.Hot, call.ShortRead, op)
		},
		Counts: func(s *shard.State) bool { return *s != notHere },
	}) {
		states[i] = shard.Unknown
	}
}

// JudgedInspect is Inspect with a backend's word on the participant.
type JudgedInspect struct {
	Inspect
	Said shard.Trust

	full bool // with what was said beside the state
}

func (c *JudgedInspect) form(with int) { c.full = with >= protocol.Statuses }

func (c *JudgedInspect) code() byte {
	if c.full {
		return message.OpRecord
	}
	return message.OpJudgedInspect
}

func (c *JudgedInspect) append(b []byte) []byte { return append(c.Inspect.append(b), byte(c.Said)) }

func (c *JudgedInspect) decode(d *message.Reader) {
	c.Inspect.decode(d)
	c.Said = d.Said()
}

func (c *JudgedInspect) carryOut(_ context.Context, o *Owner) {
	var ok bool
	c.Record, ok = o.Host.JudgedInspect(c.Viewer, host.Judged{ID: c.ID, Said: c.Said}, c.Devices)
	c.found(ok)
}

func (c *JudgedInspect) appendAnswer(b []byte) []byte {
	if b = c.Inspect.appendAnswer(b); !c.full {
		return b
	}
	b = message.AppendUint64(message.AppendStatus(b, &c.Record.Status), uint64(c.Record.OverrideUntil))
	return message.AppendClaims(b, c.Record.Claims)
}

func (c *JudgedInspect) decodeAnswer(d *message.Reader) {
	if c.Inspect.decodeAnswer(d); !c.full {
		return
	}
	c.Record.Status, c.Record.OverrideUntil, c.Record.Claims = d.Status(), d.Millis(), d.Claims()
}

// JudgedInspect has a record read by the owner, or by a copy.
func (a *Asker) JudgedInspect(ctx context.Context, c *JudgedInspect) error {
	_, err := a.Caller.Read(ctx, a.partitionOf(c), func(ctx context.Context, at link.Name) (shard.Outcome, error) {
		err := a.At(ctx, at, link.Hot, Unbounded, c)
		return c.outcome(), err
	})
	return err
}
