package sweep

import (
	"context"
	"log/slog"
	"slices"
	"sync"
	"time"

	"github.com/scaiwave/presence/cluster/ask"
	"github.com/scaiwave/presence/cluster/link"
	"github.com/scaiwave/presence/cluster/view"
	"github.com/scaiwave/presence/shard"
)

// after is when it is swept after a change of the members, who may have anything: when they have
// handed over, once more, and then each minute.
var after = [...]time.Duration{3 * time.Second, 5 * time.Second, time.Minute}

// timeout is for all owners together.
const timeout = 5 * time.Second

// Views has the view of the moment.
type Views interface{ Load() *view.View }

// Config is what a Sweeper is made from.
type Config struct {
	Asker   *ask.Asker
	Views   Views
	Shorten func() // has this node's files written anew
	Log     *slog.Logger
}

// Sweeper sweeps this node.
type Sweeper struct {
	Config // static

	mu     sync.Mutex
	all    shard.Erasures // for which the files have been written anew
	struck int64          // host.Host.Struck at that time

	once   sync.Mutex // a sweep at a time; before mu
	learnt learnt
}

// New makes a sweeper. Run runs it.
func New(c Config) *Sweeper { return &Sweeper{Config: c} }

// Run sweeps until ctx ends.
func (s *Sweeper) Run(ctx context.Context) {
	for i := 0; ctx.Err() == nil; {
		v := s.Views.Load()
		v.Wait(ctx, after[min(i, len(after)-1)])
		switch {
		case ctx.Err() != nil:
		case s.Views.Load() != v:
			i = 0
		default:
			s.Sweep(ctx)
			i++
		}
	}
}

// Sweep forgets what came back here of participants that are erased.
func (s *Sweeper) Sweep(ctx context.Context) {
	all, whole := s.Gather(ctx)
	if len(all) > 0 {
		s.Asker.Owner.Host.Strike(all)
	}
	s.Struck(all)
	if whole {
		s.keep(all)
	}
}

// Struck has the files written anew if they may have something of participants that were erased.
func (s *Sweeper) Struck(all shard.Erasures) {
	if s.mayBeInFiles(all) {
		s.Shorten()
	}
}

// mayBeInFiles reports whether something was struck since the last call, or an erasure is new to
// this process, of an id that may have been here before.
func (s *Sweeper) mayBeInFiles(all shard.Erasures) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	var news []shard.Erasure
	for _, e := range all {
		if !s.all.Has(e) {
			news = append(news, e)
		}
	}
	if len(news) > 0 {
		s.all = shard.Collect(append(s.all, news...))
	}
	host := s.Asker.Owner.Host
	struck := host.Struck()
	before := s.struck
	s.struck = struck
	return struck != before || slices.ContainsFunc(news, func(e shard.Erasure) bool { return host.MayHaveLeft(e.Hash) })
}

// keep forgets the erasures that no owner remembers any longer.
func (s *Sweeper) keep(all shard.Erasures) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.all = slices.DeleteFunc(s.all, func(e shard.Erasure) bool { return !all.Has(e) })
}

// Gather returns the erasures that the owners remember. It is whole if all have answered. An owner
// sends only what this node doesn't know from it yet.
func (s *Sweeper) Gather(ctx context.Context) (all shard.Erasures, whole bool) {
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	s.once.Lock()
	defer s.once.Unlock()
	whole = true
	v := s.Views.Load()
	for _, m := range v.Members {
		if !v.Owns(m.Name) && m.Name != s.Asker.Self {
			continue
		}
		if err := s.learn(ctx, m.Name); err != nil {
			s.Log.Debug("erasures", "peer", m.Name.ID, "error", err)
			whole = false
		}
	}
	return s.learnt.together(), whole
}

// learn asks an owner, page by page.
func (s *Sweeper) learn(ctx context.Context, at link.Name) error {
	for {
		op := ask.Remembered{Known: s.learnt.digests(), Partitions: s.Asker.Owner.Partitions}
		if err := s.Asker.At(ctx, at, link.Bulk, ask.Unbounded, &op); err != nil {
			return err
		}
		if s.learnt.learn(op.News); !op.More || len(op.News) == 0 {
			return nil
		}
	}
}
