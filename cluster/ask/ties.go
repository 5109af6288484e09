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
)

// untold is what a node answers in place of a tie of what it neither serves nor copies.
const untold shard.Tie = 0xff

// Ties reads what a viewer has with each of many participants.
type Ties struct {
	Viewer string
	many[string, shard.Tie]
}

func (c *Ties) code() byte { return message.OpTies }

func (c *Ties) append(b []byte) []byte {
	return message.AppendTexts(codec.AppendText(slices.Grow(b, 30*(1+len(c.Questions))), c.Viewer), c.Questions)
}

func (c *Ties) decode(d *message.Reader) {
	d.Share()
	c.Viewer = d.Viewer()
	c.room(d.Count(2))
	for i := range c.Questions {
		c.Questions[i] = d.Participant()
	}
}

func (c *Ties) carryOut(_ context.Context, o *Owner) {
	o.Host.Ties(c.Viewer, c.Questions, c.Answers, untold)
}

// Ties reads what viewer has with each of ids. ties has the length of ids. Where no owner answers,
// nothing is known of a tie.
func (a *Asker) Ties(ctx context.Context, viewer string, ids []string, ties []shard.Tie) {
	for _, i := range call.Spread(ctx, a.Caller, &call.Batch[string, shard.Tie]{
		Questions: ids, Answers: ties, Finders: view.Readers,
		ID: func(id *string) string { return *id },
		Ask: func(ctx context.Context, at link.Name, ids []string, ties []shard.Tie) error {
			return a.At(ctx, at, link.Hot, call.ShortRead, &Ties{viewer, many[string, shard.Tie]{ids, ties}})
		},
		Counts: func(t *shard.Tie) bool { return *t != untold },
	}) {
		ties[i] = shard.Untied
	}
}
