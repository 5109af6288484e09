package redis

import (
	"context"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/scaiwave/presence/bench/load"
)

// vanish measures how late offline is told. The living beat at the interval. The dying beat once
// each, spread over a window, and never again. Each of them should be told to be gone a deadline
// after its heartbeat.
type vanish struct {
	o      *Options
	living [][]string // batches
	dying  []string
	beat   func(ctx context.Context, ids []string) error

	mu   sync.Mutex
	due  map[string]time.Time // when the deadline ends, of the dying not told to be gone yet
	late []time.Duration      // of the others
	done chan struct{}        // closed when all were told to be gone
}

func newVanish(o *Options, p *people, beat func(context.Context, []string) error) *vanish {
	return &vanish{
		o: o, living: p.batches, dying: vanishing(o.Expiring), beat: beat, due: make(map[string]time.Time, o.Expiring),
		done: make(chan struct{}),
	}
}

// vanishing are the ids of n who vanish.
func vanishing(n int) (ids []string) {
	for i := range n {
		ids = append(ids, load.ID("vanishing--", i))
	}
	return ids
}

// gone notes that id was told to be gone. It counts once, and only for one of the dying.
func (v *vanish) gone(id string, at time.Time) {
	v.mu.Lock()
	defer v.mu.Unlock()
	due, ok := v.due[id]
	if !ok {
		return
	}
	delete(v.due, id)
	v.late = append(v.late, at.Sub(due))
	if len(v.late) == len(v.dying) {
		close(v.done)
	}
}

// run has the dying vanish. It returns how late each was told to be gone, and how many were
// missing: never told to be gone. A missing one counts as late as run waited for it.
func (v *vanish) run(ctx context.Context) (late []time.Duration, missing int, err error) {
	ctx, cancel := context.WithCancel(ctx)
	g, ctx := errgroup.WithContext(ctx)
	ready := make(chan struct{})
	g.Go(func() error { return v.keepAlive(ctx, ready) })
	g.Go(func() error {
		defer cancel() // ends keepAlive
		select {
		case <-ready:
		case <-ctx.Done():
			return nil
		}
		if err := v.die(ctx); err != nil {
			return err
		}
		select {
		case <-v.done:
		case <-time.After(v.o.deadline() + v.o.Wait):
		case <-ctx.Done():
		}
		return nil
	})
	if err := g.Wait(); err != nil {
		return nil, 0, err
	}
	late, missing = v.ended(time.Now())
	return late, missing, nil
}

// ended counts who is missing.
func (v *vanish) ended(now time.Time) (late []time.Duration, missing int) {
	v.mu.Lock()
	defer v.mu.Unlock()
	for _, due := range v.due {
		v.late = append(v.late, now.Sub(due))
	}
	return v.late, len(v.due)
}

// keepAlive beats for all the living, evenly over each interval, until ctx ends. It closes ready
// when all have beaten once.
func (v *vanish) keepAlive(ctx context.Context, ready chan struct{}) error {
	pause := v.o.Interval / time.Duration(len(v.living))
	start := time.Now()
	for i := 0; ctx.Err() == nil; i++ {
		if i == len(v.living) {
			close(ready)
		}
		select {
		case <-time.After(time.Until(start.Add(time.Duration(i) * pause))):
		case <-ctx.Done():
			return nil
		}
		if err := v.beat(ctx, v.living[i%len(v.living)]); err != nil && ctx.Err() == nil {
			return err
		}
	}
	return nil
}

// dieEvery is the time between two batches of last heartbeats.
const dieEvery = 20 * time.Millisecond

func (v *vanish) die(ctx context.Context) error {
	batches := max(1, int(v.o.Window/dieEvery))
	start := time.Now()
	for i := range batches {
		select {
		case <-time.After(time.Until(start.Add(time.Duration(i) * dieEvery))):
		case <-ctx.Done():
			return ctx.Err()
		}
		ids := v.dying[i*len(v.dying)/batches : (i+1)*len(v.dying)/batches]
		if len(ids) == 0 {
			continue
		}
		v.expect(ids, time.Now().Add(v.o.deadline()))
		if err := v.beat(ctx, ids); err != nil {
			return err
		}
	}
	return nil
}

func (v *vanish) expect(ids []string, due time.Time) {
	v.mu.Lock()
	defer v.mu.Unlock()
	for _, id := range ids {
		v.due[id] = due
	}
}
