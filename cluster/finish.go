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
// It is this node that remembers, so a message is left half if the node ends before the owners are
// back and the caller doesn't send it again.
type finisher struct {
	// static
	asker  *ask.Asker
	clock  func() time.Time
	window time.Duration
	limits func(participant string) bool // whether the owner knows of other exceptions than windows

	left    chan side
	dropped atomic.Int64 // sides given up: too many, or their window would have ended
}

// side is one participant's part of a direct message.
type side struct {
	participant, peer string
	at                int64 // Unix milliseconds
}

const (
	maxLeft     = 10_000 // sides that may wait
	finishTry   = time.Second
	finishPause = 200 * time.Millisecond
)

// maxParallel is how many direct messages of one call are under way at once.
const maxParallel = 64

func newFinisher(n *Node) *finisher {
	return &finisher{
		asker: n.asker, clock: n.clock, window: n.settings.DMWindow, limits: n.ownerKnowsExtras,
		left: make(chan side, maxLeft),
	}
}

// store stores both sides of a direct message, now or later.
func (f *finisher) store(ctx context.Context, dm DirectMessage) error {
	one, other := side{dm.A, dm.B, dm.At.UnixMilli()}, side{dm.B, dm.A, dm.At.UnixMilli()}
	if err := f.room(ctx, other); errors.Is(err, ErrTooManyEdges) {
		return err // neither gets it
	}
	var op ask.Window // for both sides: a request may have thousands of messages
	err := f.write(ctx, &op, one)
	if leavesNothing(err) {
		return err
	}
	if err == nil {
		err = f.write(ctx, &op, other)
	}
	if err != nil && !isFinal(err) { // either side may be stored, and only the answer lost
		f.later(one)
		f.later(other)
	}
	return err
}

// room asks whether one side could be stored. The other one says so itself, before it stores it.
func (f *finisher) room(ctx context.Context, s side) error {
	if !f.limits(s.participant) {
		return nil
	}
	return f.asker.Write(ctx, &ask.Room{Participant: s.participant, Viewer: s.peer, At: s.at})
}

// open stores one side.
func (f *finisher) open(ctx context.Context, s side) error { return f.write(ctx, new(ask.Window), s) }

// write is open by means of an operation that has been used before.
func (f *finisher) write(ctx context.Context, op *ask.Window, s side) error {
	*op = ask.Window{Fact: ask.Of(s.participant), Peer: s.peer, At: s.at}
	return f.asker.Write(ctx, op)
}

// leavesNothing reports whether an error says that nothing was stored, nor will be.
func leavesNothing(err error) bool {
	if err == nil {
		return false
	}
	var refused *DiskError
	return errors.As(err, &refused) && !refused.Stored || isFinal(err)
}

// isFinal reports whether trying again would change nothing.
func isFinal(err error) bool { return errors.Is(err, ErrErased) || errors.Is(err, ErrTooManyEdges) }

// later takes a side to be completed.
func (f *finisher) later(s side) {
	select {
	case f.left <- s:
	default:
		f.dropped.Add(1)
	}
}

func (f *finisher) run(ctx context.Context) {
	for {
		select {
		case <-ctx.Done():
			return
		case s := <-f.left:
			if f.tryAll(ctx, f.gather(s)) > 0 {
				wake.Pause(ctx, finishPause)
			}
		}
	}
}

// gather takes what waits, up to what is tried at once.
func (f *finisher) gather(first side) (batch []side) {
	batch = append(batch, first)
	for len(batch) < maxParallel {
		select {
		case s := <-f.left:
			batch = append(batch, s)
		default:
			return batch
		}
	}
	return batch
}

// tryAll returns how many are still left.
func (f *finisher) tryAll(ctx context.Context, batch []side) int {
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
func (f *finisher) try(ctx context.Context, s side) bool {
	if f.clock().Sub(time.UnixMilli(s.at)) > f.window {
		f.dropped.Add(1)
		return true
	}
	ctx, cancel := context.WithTimeout(ctx, finishTry)
	defer cancel()
	err := f.open(ctx, s)
	return err == nil || isFinal(err)
}
