package ask

import (
	"context"
	"errors"
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

// Statuses is JudgedStates with what else is asked for. The time that it takes, and the size of the
// answer, depend on what is told, and on nothing that is not.
type Statuses struct {
	Viewer    string
	With      shard.With
	Questions []host.Judged
	Answers   []shard.Seen // of the same length
}

func (c *Statuses) code() byte { return message.OpStatuses }

func (c *Statuses) append(b []byte) []byte {
	b = codec.AppendText(append(slices.Grow(b, 30*(1+len(c.Questions))), byte(c.With)), c.Viewer)
	b = message.AppendUint32(b, len(c.Questions))
	for _, q := range c.Questions {
		b = append(codec.AppendText(b, q.ID), byte(q.Said))
	}
	return b
}

func (c *Statuses) decode(d *message.Reader) {
	d.Share()
	c.With, c.Viewer = shard.With(d.Byte()), d.Viewer()
	c.Questions = make([]host.Judged, d.Count(1+1+1))
	c.Answers = make([]shard.Seen, len(c.Questions))
	for i := range c.Questions {
		c.Questions[i] = host.Judged{ID: d.Participant(), Said: d.Said()}
	}
}

func (c *Statuses) carryOut(_ context.Context, o *Owner) {
	o.Host.Statuses(c.Viewer, c.Questions, c.With, c.Answers, notHere)
}

// What an answer has, in one byte.
const (
	seenStatus = 1 << iota
	seenLastSeen
	seenCoarse
)

func (c *Statuses) appendAnswer(b []byte) []byte {
	b = slices.Grow(b, 2*len(c.Answers))
	for i := range c.Answers {
		s := &c.Answers[i]
		has := message.Bool(s.Status != (shard.Status{})) * seenStatus
		has |= message.Bool(s.LastSeen != 0)*seenLastSeen | message.Bool(s.Coarse)*seenCoarse
		b = append(b, byte(s.State), has)
		if has&seenStatus != 0 {
			b = message.AppendStatus(b, &s.Status)
		}
		if has&seenLastSeen != 0 {
			b = message.AppendUint64(b, uint64(s.LastSeen))
		}
	}
	return b
}

func (c *Statuses) decodeAnswer(d *message.Reader) {
	for i := range c.Answers {
		s := shard.Seen{State: shard.State(d.Byte())}
		has := d.Byte()
		if has&seenStatus != 0 {
			s.Status = d.Status()
		}
		if has&seenLastSeen != 0 {
			s.LastSeen = d.Millis()
		}
		s.Coarse = has&seenCoarse != 0
		c.Answers[i] = s
	}
}

// errFormer is of a node of the version before, which knows no statuses.
var errFormer = errors.New("cluster: the node knows no statuses")

// Statuses is JudgedStates with what else is asked for. answers has the length of asked.
func (a *Asker) Statuses(
	ctx context.Context, viewer string, asked []host.Judged, with shard.With, answers []shard.Seen,
) {
	if a.Caller.Alone() {
		op := Statuses{Viewer: viewer, With: with, Questions: asked, Answers: answers}
		if op.carryOut(ctx, a.Owner); !slices.ContainsFunc(answers, isNotHere) {
			return
		}
	}
	for _, i := range call.Spread(ctx, a.Caller, &call.Batch[host.Judged, shard.Seen]{
		Questions: asked, Answers: answers, Finders: view.Readers,
		ID: func(q *host.Judged) string { return q.ID },
		Ask: func(ctx context.Context, at link.Name, asked []host.Judged, answers []shard.Seen) error {
			if a.Speaks(at) < protocol.Statuses {
				return errFormer
			}
			op := &Statuses{Viewer: viewer, With: with, Questions: asked, Answers: answers}
			return a.At(ctx, at, link.Hot, call.ShortRead, op)
		},
		Counts: func(s *shard.Seen) bool { return s.State != notHere },
	}) {
		answers[i] = shard.Seen{}
	}
}

func isNotHere(s shard.Seen) bool { return s.State == notHere }
