package handoff

import (
	"context"
	"sync"
	"time"
)

const (
	lookAgain = 500 * time.Millisecond // while something is under way
	tidyEvery = 5 * time.Second        // copies that nobody needs are looked for
)

// Run acts on each view, and looks again twice a second, until ctx ends.
func (s *Steward) Run(ctx context.Context) {
	t := time.NewTicker(lookAgain)
	defer t.Stop()
	tidied, stops := time.Now(), int64(0)
	for {
		i := s.now()
		s.settle(ctx, i)
		s.confirm(ctx, i)
		s.age(i)
		s.stayWarm(i)
		if now := s.stops.Load(); time.Since(tidied) > tidyEvery || now != stops {
			s.tidy(ctx)
			tidied, stops = time.Now(), now
		}
		select {
		case <-ctx.Done():
			return
		case <-s.wake:
		case <-t.C:
		}
	}
}

// settle works until everything is where it belongs, or the instant is over.
func (s *Steward) settle(ctx context.Context, i instant) {
	if i.Table == nil {
		return
	}
	select {
	case <-s.alarm: // of a stop before this
	default:
	}
	ctx, cancel := s.during(ctx, i)
	defer cancel()
	todo, lasts := s.plan(i, (*book).askAgain)
	if !lasts {
		return
	}
	var all sync.WaitGroup
	all.Go(func() { s.collect(ctx, i, todo.of(ask)) })
	all.Go(func() { s.pushAll(ctx, i, todo) })
	all.Wait()
}

// during returns a context that ends with an instant.
func (s *Steward) during(ctx context.Context, i instant) (context.Context, context.CancelFunc) {
	ctx, cancel := context.WithCancel(ctx)
	go func() {
		defer cancel()
		select {
		case <-i.Gone:
		case <-s.alarm:
		case <-ctx.Done():
		}
	}()
	return ctx, cancel
}
