package gateway

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/scaiwave/presence/cluster"
	"github.com/scaiwave/presence/shard"
)

// said is what a node was told that participants say of themselves, in words, as it came.
type said struct {
	only bool // it is not stored

	mu  sync.Mutex
	all []string
}

func (s *said) add(format string, args ...any) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.all = append(s.all, fmt.Sprintf(format, args...))
}

// take is what was added since the last time.
func (s *said) take() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	all := s.all
	s.all = nil
	return all
}

// left is an end as seconds from now; "-": none.
func left(until time.Time) string {
	if until.IsZero() {
		return "-"
	}
	return fmt.Sprint(int(time.Until(until).Round(time.Second) / time.Second))
}

func (b *badCluster) SetStatus(ctx context.Context, participant string, s shard.Status, public bool) error {
	if err := b.failure(); err != nil {
		return err
	}
	var until time.Time
	if s.Until != 0 {
		until = time.UnixMilli(s.Until)
	}
	b.said.add("%s says %q %q until %s, public: %t", participant, s.Text, s.Emoji, left(until), public)
	if b.said.only {
		return nil
	}
	return b.Node.SetStatus(ctx, participant, s, public)
}

func (b *badCluster) SetOverride(
	ctx context.Context, participant string, o shard.Override, until time.Time,
) error {
	if err := b.failure(); err != nil {
		return err
	}
	b.said.add("%s picks %v until %s", participant, o, left(until))
	return b.Node.SetOverride(ctx, participant, o, until)
}

func (b *badCluster) SetClaim(ctx context.Context, participant, source string, until time.Time) error {
	if err := b.failure(); err != nil {
		return err
	}
	b.said.add("%s is busy by %s until %s", participant, source, left(until))
	if b.said.only {
		return nil
	}
	return b.Node.SetClaim(ctx, participant, source, until)
}

func (b *badCluster) SetKind(
	ctx context.Context, participant string, k shard.Kind, a shard.Availability,
) error {
	b.said.add("%s is a %v, %d", participant, k, a)
	return b.Node.SetKind(ctx, participant, k, a)
}

func (b *badCluster) Statuses(
	ctx context.Context, viewer string, asked []cluster.Judged, with shard.With, answers []shard.Seen,
) {
	if b.failure() != nil {
		clear(answers)
		return
	}
	b.Node.Statuses(ctx, viewer, asked, with, answers)
}
