package ask

import (
	"context"
	"errors"
	"log/slog"

	"github.com/scaiwave/presence/cluster/call"
	"github.com/scaiwave/presence/cluster/link"
	"github.com/scaiwave/presence/cluster/message"
	"github.com/scaiwave/presence/shard"
)

// Asker asks owners, of which this node may be one. All methods are safe for concurrent use.
type Asker struct {
	// static
	Self   link.Name
	Caller *call.Caller
	Owner  *Owner                   // what this node owns
	Speaks func(node link.Name) int // the highest protocol
	Log    *slog.Logger
}

// Unbounded leaves an attempt the time that its context has.
func Unbounded(ctx context.Context, _ link.Name) (context.Context, context.CancelFunc) {
	return ctx, func() {}
}

// At has one node carry out an operation. Another node gets what bound says for it.
func (a *Asker) At(ctx context.Context, at link.Name, class link.Class, bound call.Limit, op Operation) error {
	if at == a.Self {
		op.carryOut(ctx, a.Owner)
		return nil
	}
	if f, ok := op.(formed); ok {
		f.form(a.Speaks(at))
	}
	ctx, cancel := bound(ctx, at)
	defer cancel()
	return a.Caller.Call(ctx, at, class, op.code(), op.append(nil), func(reply []byte) error {
		d := message.NewReader(reply)
		op.decodeAnswer(d)
		return d.End()
	})
}

// Write has a command carried out where its participant is served.
func (a *Asker) Write(ctx context.Context, c Command) error {
	try := func(ctx context.Context, at link.Name) (shard.Outcome, error) {
		c.askedOf(at)
		err := a.At(ctx, at, link.Hot, Unbounded, c)
		if errors.Is(err, link.ErrBusy) && call.Lane(c.code(), nil) == link.LaneWrite {
			c.crowded()
			err = nil
		}
		return c.outcome(), err
	}
	if _, err := a.Caller.Route(ctx, a.partitionOf(c), try); err != nil {
		return err
	}
	return c.err()
}

// Read has a question answered by the owner, or by a copy. A big answer goes by link.Bulk.
func (a *Asker) Read(ctx context.Context, class link.Class, c Command) error {
	_, err := a.Caller.Read(ctx, a.partitionOf(c), func(ctx context.Context, at link.Name) (shard.Outcome, error) {
		err := a.At(ctx, at, class, Unbounded, c)
		return c.outcome(), err
	})
	return err
}

func (a *Asker) partitionOf(c Command) int { return a.Owner.Host.PartitionOf(c.subject()) }
