package cluster

import (
	"context"
	"sync/atomic"
	"time"
)

// finisher completes direct messages of which one side was stored and the other could not be: a window that only one of the two has
// would let one see and not the other. The caller was told `unavailable`, and may send the message again, which is harmless.
//
// It is this node that remembers, so a message is left half if the node ends before the other side's owner is back and the caller doesn't
// send it again.
type finisher struct {
	node    *Node
	left    chan side
	dropped atomic.Int64 // sides given up: too many, or their window had ended
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

func newFinisher(n *Node) *finisher {
	return &finisher{node: n, left: make(chan side, maxLeft)}
}

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
			f.try(ctx, s)
		}
	}
}

func (f *finisher) try(ctx context.Context, s side) {
	if time.Since(time.UnixMilli(s.at)) > f.node.settings.DMWindow {
		f.dropped.Add(1)
		return
	}
	once, cancel := context.WithTimeout(ctx, finishTry)
	defer cancel()
	if f.node.openWindow(once, s.participant, s.peer, s.at) != nil {
		f.later(s)
		pause(ctx, finishPause)
	}
}
