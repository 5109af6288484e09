package handoff

import (
	"context"
	"fmt"
	"time"

	"github.com/scaiwave/presence/cluster/view"
	"github.com/scaiwave/presence/shard/host"
	"github.com/scaiwave/presence/shard/wake"
)

// Moving is how many partitions are on their way to or from this node.
func (s *Steward) Moving() (n int) {
	v := s.View()
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.pushing + s.wanted(v)
}

// wanted is how many partitions this node owns and doesn't serve.
func (s *Steward) wanted(v *view.View) (n int) {
	for p := range s.Count {
		if owner, _ := v.Owner(p); owner == s.Self && s.Host.Role(p) != host.Serving {
			n++
		}
	}
	return n
}

// Empty waits until this node, which is draining, holds nothing that others lack.
func (s *Steward) Empty(ctx context.Context) error {
	for {
		s.wake.Raise()
		i := s.now()
		left := s.owed(i)
		if left > 0 && !i.AnyServes() {
			return nil // there is nobody to hand it to
		}
		if left == 0 {
			left = s.tidy(ctx)
		}
		if left == 0 {
			return nil
		}
		wake.Pause(ctx, 20*time.Millisecond)
		if ctx.Err() != nil {
			return fmt.Errorf("%d partitions were not handed over: %w", left, ctx.Err())
		}
	}
}

func (s *Steward) owed(i instant) (n int) {
	for p := range s.Count {
		owner, _ := i.Owner(p)
		if owes(i, s.Self, owner, s.holding(p)) {
			n++
		}
	}
	return n
}
