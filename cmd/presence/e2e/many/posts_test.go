package many

import (
	"context"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/scaiwave/presence/bench/load"
)

// known is how long people may be unknown after a node hung or was cut off.
const known = 4 * time.Second

// post is what one node shows: a socket there watches the whole crowd, and a loop asks for it.
type post struct {
	c  *crowd
	nd *node

	falseAnswers atomic.Int64
	falseEvents  atomic.Int64
	told         atomic.Int64 // times that the watcher was told to reconnect

	mu       sync.Mutex
	begun    time.Time
	whole    time.Time     // when the last answer without unknown was asked for
	longest  time.Duration // without a whole answer
	relapses time.Duration // the same, of what began when all should have been known
	asked    int           // states
	unknown  int
	failed   int // questions
	slow     []time.Duration
}

// posts are one at each of these nodes.
func (c *crowd) posts(t *testing.T, nodes []*node) (all []*post) {
	ctx, cancel := context.WithCancel(context.Background())
	var running sync.WaitGroup
	for _, nd := range nodes {
		p := &post{c: c, nd: nd}
		all = append(all, p)
		running.Go(func() { p.watch(ctx) })
		running.Go(func() { p.ask(ctx) })
	}
	t.Cleanup(func() {
		cancel()
		running.Wait()
	})
	return all
}

func (p *post) watch(ctx context.Context) {
	v := p.c.visitor("watcher-at-"+p.nd.id, func() *node { return p.nd })
	v.Backoff = 200 * time.Millisecond
	v.More = load.Subscribe(p.c.ids)
	v.Shown = func(raw []byte) { p.c.sawIn(raw, &p.falseEvents, "event at "+p.nd.id) }
	v.Told = func() { p.told.Add(1) }
	v.Stay(ctx, time.Now())
}

func (p *post) ask(ctx context.Context) {
	for sleepUntil(ctx, time.Now().Add(50*time.Millisecond)) {
		begun := time.Now()
		states, err := p.c.query(ctx, p.nd, p.c.ids)
		if p.c.counting.Load() && ctx.Err() == nil {
			p.note(begun, states, err)
		}
	}
}

// note counts one answer.
func (p *post) note(begun time.Time, states map[string]string, err error) {
	unknown := 0
	for id, s := range states {
		switch s {
		case "offline":
			p.c.offline(&p.falseAnswers, "answer of "+p.nd.id, id)
		case "unknown":
			unknown++
		}
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.asked += len(states)
	p.unknown += unknown
	p.slow = append(p.slow, time.Since(begun))
	if err != nil {
		p.failed++
	}
	if gap := begun.Sub(p.whole); unknown > 0 || err != nil {
		p.missed(gap)
	} else {
		p.whole = begun
	}
}

// missed notes that not everybody has been known for a while.
func (p *post) missed(gap time.Duration) {
	p.longest = max(p.longest, gap)
	if p.whole.Sub(p.begun) > known {
		p.relapses = max(p.relapses, gap)
	}
}

// begin starts to count anew, after the crowd's.
func (p *post) begin() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.falseAnswers.Store(0)
	p.falseEvents.Store(0)
	p.begun, p.whole = time.Now(), time.Now()
	p.longest, p.relapses, p.asked, p.unknown, p.failed, p.slow = 0, 0, 0, 0, 0, nil
}

// awaitAsked waits until a question at each node was answered, or given up. Those that are given up
// count in how long not everybody was known.
func awaitAsked(t *testing.T, posts []*post) {
	t.Helper()
	for _, p := range posts {
		waitUntil(t, "something is asked at "+p.nd.id, func() bool {
			p.mu.Lock()
			defer p.mu.Unlock()
			return len(p.slow) > 0
		})
	}
}

// took is what questions took since begin, sorted.
func (p *post) took() []time.Duration {
	p.mu.Lock()
	defer p.mu.Unlock()
	return slices.Sorted(slices.Values(p.slow))
}

// report says what was seen, and that nobody was shown offline; after known nobody may be unknown
// either, where that is promised.
func (p *post) report(t *testing.T, promised bool) {
	t.Helper()
	p.mu.Lock()
	defer p.mu.Unlock()
	slow := slices.Sorted(slices.Values(p.slow))
	t.Logf("at %s: %d states asked for: %d false offline answers, %d false offline events, %d unknown; "+
		"%d questions failed; queries p50 %v, p99 %v", p.nd.id, p.asked, p.falseAnswers.Load(), p.falseEvents.Load(),
		p.unknown, p.failed, quantile(slow, 0.5), quantile(slow, 0.99))
	if n := p.falseAnswers.Load() + p.falseEvents.Load(); n > 0 {
		t.Errorf("%s showed people offline %d times", p.nd.id, n)
	}
	if promised {
		spare := p.c.control.spare()
		wantWithin(t, "all is known at "+p.nd.id, p.longest, known, spare)
		wantWithin(t, "all stays known at "+p.nd.id, p.relapses, 0, spare)
	}
}
