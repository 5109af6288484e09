package cluster

import (
	"context"
	"errors"
	"sync/atomic"
	"time"

	"github.com/scaiwave/presence/cluster/ask"
	"github.com/scaiwave/presence/cluster/call"
	"github.com/scaiwave/presence/shard/wake"
)

// finisher completes direct messages that could not be stored: of one of them a side may be, and a
// window that only one of the two has would let one see and not the other. The caller was told
// `unavailable`, and may send the message again, which is harmless.
//
// Where one of the two can't be stored for good, as one of them was erased since, the other isn't
// either.
//
// It is this node that remembers, so a message is left half if the node ends before the owners are
// back and the caller doesn't send it again.
type finisher struct {
	// static
	asker  *ask.Asker
	clock  func() time.Time
	window time.Duration

	left    chan sides
	dropped atomic.Int64 // messages given up: too many, or their window would have ended
}

// sides are those of a direct message.
type sides struct{ one, other side }

// side is one participant's part of a direct message.
type side struct {
	participant, peer string
	at                int64 // Unix milliseconds
}

const (
	maxLeft     = 10_000 // messages that may wait
	finishTry   = time.Second
	finishPause = 200 * time.Millisecond
)

// maxParallel is how many direct messages of one call are under way at once.
const maxParallel = 64

func newFinisher(n *Node) *finisher {
	return &finisher{
		asker: n.asker, clock: n.clock, window: n.settings.DMWindow,
		left: make(chan sides, maxLeft),
	}
}

// store stores both sides of a direct message, now or later.
func (f *finisher) store(ctx context.Context, dm DirectMessage) error {
	at := dm.At.UnixMilli()
	m := sides{side{dm.A, dm.B, at}, side{dm.B, dm.A, at}}
	begun, err := f.both(ctx, m)
	if begun && err != nil && !isFinal(err) {
		f.later(m)
	}
	return err
}

// both stores both sides, or neither, if one of them says that it has no room, or never will be. An
// erasure is one reason: the other side's owner may not remember it, and would take its half. begun
// is false if nothing was stored, nor will be.
func (f *finisher) both(ctx context.Context, m sides) (begun bool, err error) {
	if err := f.room(ctx, m.other); leavesNothing(err) {
		return false, err
	}
	var op ask.Window // for both sides: a request may have thousands of messages
	if err := f.write(ctx, &op, m.one); err != nil {
		return !leavesNothing(err), err // either side may be stored, and only the answer lost
	}
	return true, f.write(ctx, &op, m.other)
}

// room asks whether one side could be stored. The other one says so itself, before it stores it.
func (f *finisher) room(ctx context.Context, s side) error {
	return f.asker.Write(ctx, &ask.Room{Participant: s.participant, Viewer: s.peer, At: s.at})
}

// write stores one side, by means of an operation that may have been used before.
func (f *finisher) write(ctx context.Context, op *ask.Window, s side) error {
	*op = ask.Window{Fact: ask.Of(s.participant), Peer: s.peer, At: s.at}
	return f.asker.Write(ctx, op)
}

// leavesNothing reports whether an error says that nothing was stored, nor will be.
func leavesNothing(err error) bool {
	var refused *DiskError
	return errors.As(err, &refused) && !refused.Stored || errors.Is(err, ask.ErrFull) || isFinal(err)
}

// isFinal reports whether trying again would change nothing.
func isFinal(err error) bool { return errors.Is(err, ErrErased) || errors.Is(err, ErrTooManyEdges) }

// later takes a message to be completed.
func (f *finisher) later(m sides) {
	select {
	case f.left <- m:
	default:
		f.dropped.Add(1)
	}
}

func (f *finisher) run(ctx context.Context) {
	for {
		select {
		case <-ctx.Done():
			return
		case m := <-f.left:
			if f.tryAll(ctx, f.gather(m)) > 0 {
				wake.Pause(ctx, finishPause)
			}
		}
	}
}

// gather takes what waits, up to what is tried at once.
func (f *finisher) gather(first sides) (batch []sides) {
	batch = append(batch, first)
	for len(batch) < maxParallel {
		select {
		case m := <-f.left:
			batch = append(batch, m)
		default:
			return batch
		}
	}
	return batch
}

// tryAll returns how many are still left.
func (f *finisher) tryAll(ctx context.Context, batch []sides) int {
	var failed atomic.Int64
	call.Each(len(batch), maxParallel, func(i int) {
		if !f.try(ctx, batch[i]) {
			failed.Add(1)
			f.later(batch[i])
		}
	})
	return int(failed.Load())
}

// try returns false for what must be tried again.
func (f *finisher) try(ctx context.Context, m sides) bool {
	if f.clock().Sub(time.UnixMilli(m.one.at)) > f.window {
		f.dropped.Add(1)
		return true
	}
	ctx, cancel := context.WithTimeout(ctx, finishTry)
	defer cancel()
	_, err := f.both(ctx, m)
	return err == nil || isFinal(err)
}
