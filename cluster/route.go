package cluster

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/scaiwave/presence/cluster/link"
	"github.com/scaiwave/presence/cluster/message"
	"github.com/scaiwave/presence/cluster/replica"
	"github.com/scaiwave/presence/cluster/view"
	"github.com/scaiwave/presence/shard"
)

// Bounds of a search for who serves a partition.
const (
	firstPause  = 5 * time.Millisecond
	lastPause   = 100 * time.Millisecond
	tryTimeout  = 2 * time.Second         // one attempt of a write; its node may have stopped, and another one taken over
	readTimeout = 400 * time.Millisecond  // one attempt of a question
	factWait    = 4500 * time.Millisecond // for a backup to hold an override, a registration or a window
	flipWait    = 500 * time.Millisecond  // for a backup to hold a join, a leave or a flip
)

// attempt carries something out at a node, which may be this one. NotMine, or an error, means that it did not happen there, or
// that nobody knows: then it is tried again, so it must be something that may be repeated.
type attempt func(ctx context.Context, at link.Name) (shard.Outcome, error)

// route carries out a write where a partition is served: at its owner, or while state is on its way at its previous owner, until it is
// done or ctx ends.
func (n *Node) route(ctx context.Context, partition int, try attempt) (shard.Outcome, error) {
	return n.search(ctx, partition, view.Writers, n.whileHeard, try)
}

// read is route for a question, which a copy may answer: when the owner doesn't, the backup is asked at once.
func (n *Node) read(ctx context.Context, partition int, try attempt) (shard.Outcome, error) {
	return n.search(ctx, partition, view.Readers, atMost(readTimeout), try)
}

// limit bounds an attempt at another node.
type limit func(ctx context.Context, at link.Name) (context.Context, context.CancelFunc)

func atMost(d time.Duration) limit {
	return func(ctx context.Context, _ link.Name) (context.Context, context.CancelFunc) {
		return context.WithTimeout(ctx, d)
	}
}

// search tries at whom finders name, again and again. Another node gets a while for each attempt. NotMine comes only together with
// an error.
func (n *Node) search(ctx context.Context, partition int, finders func(v *view.View) []view.Finder, bound limit, try attempt) (shard.Outcome, error) {
	var last error
	for wait := firstPause; ctx.Err() == nil; wait = min(2*wait, lastPause) {
		v := n.view.Load()
		for _, find := range finders(v) {
			place, ok := find(partition)
			if !ok || !n.reachable(v, place) {
				continue
			}
			o, err := n.tryAt(ctx, v.Members[place].Name, bound, try)
			if err == nil && o != shard.NotMine {
				return o, nil
			}
			last = err
		}
		waitFor(ctx, v, wait)
	}
	return shard.NotMine, unavailable(ctx.Err(), last)
}

func (n *Node) tryAt(ctx context.Context, name link.Name, bound limit, try attempt) (shard.Outcome, error) {
	if name == n.name {
		return try(ctx, name)
	}
	ctx, cancel := bound(ctx, name)
	defer cancel()
	return try(ctx, name)
}

// whileHeard is a context that ends after tryTimeout, unless the node that is asked answers pulses:
// then it is at it, and asking it once more would only take a second place there.
func (n *Node) whileHeard(ctx context.Context, name link.Name) (context.Context, context.CancelFunc) {
	ctx, cancel := context.WithCancel(ctx)
	var t *time.Timer
	t = time.AfterFunc(time.Hour, func() {
		if ctx.Err() != nil || n.direct(n.view.Load(), name, link.Hot) == nil {
			cancel()
			return
		}
		t.Reset(link.Silence)
	})
	t.Reset(tryTimeout) // only now: the function above reads t
	return ctx, func() {
		t.Stop()
		cancel()
	}
}

// waitFor waits a while, or until there is another view.
func waitFor(ctx context.Context, v *view.View, d time.Duration) {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
	case <-v.Gone:
	case <-t.C:
	}
}

func unavailable(err, last error) error {
	if last != nil {
		return fmt.Errorf("%w: %w: %w", ErrUnavailable, err, last)
	}
	return fmt.Errorf("%w: %w", ErrUnavailable, err)
}

// ask calls another node's operation, whose answer begins with an outcome.
func (n *Node) ask(ctx context.Context, at link.Name, op byte, payload []byte, rest func(d *message.Reader)) (o shard.Outcome, err error) {
	err = n.call(ctx, at, link.Hot, op, payload, func(reply []byte) error {
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
	o, err := n.route(ctx, n.partitionOf(participant), func(ctx context.Context, at link.Name) (shard.Outcome, error) {
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
	o, err := n.route(ctx, n.partitionOf(participant), func(ctx context.Context, at link.Name) (o shard.Outcome, err error) {
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
