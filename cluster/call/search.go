package call

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/scaiwave/presence/cluster/link"
	"github.com/scaiwave/presence/cluster/view"
	"github.com/scaiwave/presence/shard"
)

// Bounds of a search for who serves a partition.
const (
	firstPause = 5 * time.Millisecond
	lastPause  = 100 * time.Millisecond
	// TryTimeout is for one attempt of a write: its node may have stopped, and another one taken
	// over.
	TryTimeout = 2 * time.Second
	// readTimeout is for one attempt of a question.
	readTimeout = 400 * time.Millisecond
)

// ErrUnavailable: nothing was decided, and the caller may try again.
var ErrUnavailable = errors.New("owner not reachable")

// Unavailable is ErrUnavailable with why the search has ended, and what came last of it, if
// anything.
func Unavailable(err, last error) error {
	if last != nil {
		return fmt.Errorf("%w: %w: %w", ErrUnavailable, err, last)
	}
	return fmt.Errorf("%w: %w", ErrUnavailable, err)
}

// Attempt carries something out at a node, which may be this one. NotMine, or an error, means that
// it did not happen there, or that nobody knows: then it is tried again, so it must be something
// that may be repeated.
type Attempt func(ctx context.Context, at link.Name) (shard.Outcome, error)

// Route carries out a write where a partition is served: at its owner, or while state is on its way
// at its previous owner, until it is done or ctx ends. NotMine comes only together with an error.
func (c *Caller) Route(ctx context.Context, partition int, try Attempt) (shard.Outcome, error) {
	return c.search(ctx, partition, view.Writers, c.WhileHeard, try)
}

// Read is Route for a question, which a copy may answer: when the owner doesn't, the backup is
// asked at once.
func (c *Caller) Read(ctx context.Context, partition int, try Attempt) (shard.Outcome, error) {
	return c.search(ctx, partition, view.Readers, ShortRead, try)
}

// Limit bounds an attempt at another node.
type Limit func(ctx context.Context, at link.Name) (context.Context, context.CancelFunc)

// ShortRead bounds a question: another node may answer it.
func ShortRead(ctx context.Context, _ link.Name) (context.Context, context.CancelFunc) {
	return context.WithTimeout(ctx, readTimeout)
}

// ShortWrite bounds a write that is not worth waiting for.
func ShortWrite(ctx context.Context, _ link.Name) (context.Context, context.CancelFunc) {
	return context.WithTimeout(ctx, TryTimeout)
}

// search tries at the nodes that finders name, again and again. Another node gets a while for each
// attempt.
func (c *Caller) search(
	ctx context.Context, partition int, finders func(v *view.View) []view.Finder, bound Limit, try Attempt,
) (shard.Outcome, error) {
	if ctx.Err() != nil {
		return shard.NotMine, Unavailable(ctx.Err(), nil)
	}
	var last error
	o := shard.NotMine
	if c.Until(ctx, func(v *view.View) bool {
		for _, find := range finders(v) {
			place, ok := find(partition)
			if !ok || !c.Reachable(v, place) {
				continue
			}
			if o, last = c.tryAt(ctx, v.Members[place].Name, bound, try); last == nil && o != shard.NotMine {
				return true
			}
		}
		return false
	}) {
		return o, nil
	}
	return shard.NotMine, Unavailable(ctx.Err(), last)
}

// Until works under the view of the moment, again and again, until pass returns true or ctx ends.
// It reports whether pass did.
func (c *Caller) Until(ctx context.Context, pass func(v *view.View) (done bool)) bool {
	for wait := firstPause; ; wait = min(2*wait, lastPause) {
		v := c.views.Load()
		if pass(v) {
			return true
		}
		if v.Wait(ctx, wait); ctx.Err() != nil {
			return false
		}
	}
}

func (c *Caller) tryAt(ctx context.Context, name link.Name, bound Limit, try Attempt) (shard.Outcome, error) {
	if name == c.self {
		return try(ctx, name)
	}
	ctx, cancel := bound(ctx, name)
	defer cancel()
	return try(ctx, name)
}

// WhileHeard is a context that ends after TryTimeout, unless the node that is asked answers pulses:
// then it is at it, and asking it once more would only take a second place there.
func (c *Caller) WhileHeard(ctx context.Context, name link.Name) (context.Context, context.CancelFunc) {
	ctx, cancel := context.WithCancel(ctx)
	var t *time.Timer
	t = time.AfterFunc(time.Hour, func() {
		if ctx.Err() != nil || !c.Hears(name) {
			cancel()
			return
		}
		t.Reset(link.Silence)
	})
	t.Reset(TryTimeout) // only now: the function above reads t
	return ctx, func() {
		t.Stop()
		cancel()
	}
}
