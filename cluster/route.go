package cluster

import (
	"context"
	"errors"
	"time"

	"github.com/scaiwave/presence/cluster/link"
	"github.com/scaiwave/presence/cluster/message"
	"github.com/scaiwave/presence/cluster/replica"
	"github.com/scaiwave/presence/shard"
)

// For how long the owner waits for a backup.
const (
	factWait = 4500 * time.Millisecond // to hold an override, a registration or a window
	flipWait = 500 * time.Millisecond  // to hold a join, a leave or a flip
)

// busy is the outcome of a write that would have to wait where no more may, or for somebody who is
// too slow. It is answered at once, and not tried again.
const busy shard.Outcome = 0xfe

// ask calls another node's operation, whose answer begins with an outcome.
func (n *Node) ask(ctx context.Context, at link.Name, op byte, payload []byte, rest func(d *message.Reader)) (o shard.Outcome, err error) {
	err = n.caller.Call(ctx, at, link.Hot, op, payload, func(reply []byte) error {
		d := message.NewReader(reply)
		o = shard.Outcome(d.Byte())
		if rest != nil {
			rest(d)
		}
		return d.End()
	})
	return o, err
}

// change is a write of one participant: here if it is served here, else at its owner.
func (n *Node) change(ctx context.Context, participant string, op byte, payload []byte, here func(ctx context.Context) shard.Outcome) error {
	o, err := n.caller.Route(ctx, n.partitionOf(participant), func(ctx context.Context, at link.Name) (shard.Outcome, error) {
		if at == n.name {
			return here(ctx), nil
		}
		o, err := n.ask(ctx, at, op, payload, nil)
		if errors.Is(err, link.ErrBusy) {
			return busy, nil
		}
		return o, err
	})
	if err != nil {
		return err
	}
	return errorOf(o)
}

// setFact is change for what must be on two disks: it says which of them is to blame.
func (n *Node) setFact(ctx context.Context, participant string, op byte, payload []byte, write func() shard.Outcome) error {
	return n.askFact(ctx, participant, op, payload, write, func(*message.Reader) {})
}

// askFact is setFact for one of which the owner answers something: rest reads that.
func (n *Node) askFact(ctx context.Context, participant string, op byte, payload []byte, write func() shard.Outcome, rest func(d *message.Reader)) error {
	var words string
	o, err := n.caller.Route(ctx, n.partitionOf(participant), func(ctx context.Context, at link.Name) (o shard.Outcome, err error) {
		if at == n.name {
			o, words = n.factOf(ctx, participant, write)
			return o, nil
		}
		o, err = n.ask(ctx, at, op, payload, func(d *message.Reader) {
			words = d.Words()
			rest(d)
		})
		if errors.Is(err, link.ErrBusy) {
			return busy, nil
		}
		return o, err
	})
	switch {
	case err != nil:
		return err
	case words != "":
		return &DiskError{Words: words, Stored: o != diskRefuses}
	}
	return errorOf(o)
}

// backed returns an outcome once the backup, and the disk if there is one, has what led to it. A
// fact that isn't there in time is not acknowledged.
func (n *Node) backed(ctx context.Context, partition int, o shard.Outcome) shard.Outcome {
	if n.replica == nil || o != shard.Done {
		return o
	}
	ctx, cancel := context.WithTimeout(ctx, factWait)
	defer cancel()
	switch n.replica.WaitFact(ctx, partition) {
	case replica.Missed:
		return shard.NotMine
	case replica.Refused:
		return busy
	}
	if n.store.Sync(ctx) != nil {
		return busy
	}
	return o
}

// inMemory returns an outcome once the backup has what led to it in memory: for a sign-out that is
// enough, as nobody is online by what is on a disk.
func (n *Node) inMemory(ctx context.Context, partition int, o shard.Outcome) shard.Outcome {
	if n.replica == nil || o != shard.Done {
		return o
	}
	ctx, cancel := context.WithTimeout(ctx, factWait)
	defer cancel()
	switch v := n.replica.WaitFact(ctx, partition); {
	case v == replica.Missed:
		return shard.NotMine
	case v == replica.Refused && !n.replica.InMemory(partition):
		return busy
	}
	return o
}

// flipped waits a moment for the backup to have what is no fact.
func (n *Node) flipped(ctx context.Context, partition int) {
	if n.replica == nil {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, flipWait)
	defer cancel()
	n.replica.WaitFlip(ctx, partition)
}
