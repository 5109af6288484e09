package many

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

// settled is how long after something broke nearly all writes must be taken again.
const settled = 10 * time.Second

// load writes something of each kind, so many a second, through the nodes in no order.
type load struct {
	nodes   []*node
	running sync.WaitGroup

	mu      sync.Mutex
	begun   time.Time
	after   time.Time // from when on nearly all must be taken
	closed  bool      // what begins is not counted
	pending int       // writes that are counted, and not answered yet
	counts  map[loadKey]*count
	kept    []string // a few of those whose override was taken
}

type loadKey struct{ kind, node string }

// count is of writes of one kind through one node.
type count struct {
	all, taken  int // from when on nearly all must be taken
	early, lost int // before; lost were not taken
	slowest     time.Duration
	why         string // the last one was not taken
}

// newLoad starts a load that ends with the test.
func newLoad(t *testing.T, nodes []*node, each int) *load {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	l := &load{nodes: nodes, counts: make(map[loadKey]*count)}
	for _, w := range everyWrite {
		l.running.Go(func() { l.run(ctx, w, each) })
	}
	t.Cleanup(func() {
		cancel()
		l.running.Wait()
		client.CloseIdleConnections()
	})
	return l
}

func (l *load) run(ctx context.Context, w write, each int) {
	start := time.Now().Add(rand.N(time.Second))
	for i := 0; sleepUntil(ctx, start.Add(time.Duration(i)*time.Second/time.Duration(each))); i++ {
		nd := l.nodes[rand.IntN(len(l.nodes))]
		l.running.Go(func() { l.one(ctx, w, nd, i) })
	}
}

func (l *load) one(ctx context.Context, w write, nd *node, i int) {
	ctx, cancel := context.WithTimeout(ctx, answered)
	defer cancel()
	begun := time.Now()
	c, late := l.enter(loadKey{w.kind, nd.id}, begun)
	err := w.do(ctx, nd, i)
	l.mu.Lock()
	defer l.mu.Unlock()
	if err == nil && w.kind == "override" && i%5 == 0 {
		l.kept = append(l.kept, fmt.Sprintf("picky-%d", i))
	}
	if c != nil {
		l.pending--
		c.note(late, time.Since(begun), err)
	}
}

// enter counts a write that begins; c is nil if it doesn't count.
func (l *load) enter(key loadKey, begun time.Time) (c *count, late bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.begun.IsZero() || l.closed {
		return nil, false
	}
	if c = l.counts[key]; c == nil {
		c = &count{}
		l.counts[key] = c
	}
	l.pending++
	return c, begun.After(l.after)
}

func (c *count) note(late bool, took time.Duration, err error) {
	c.slowest = max(c.slowest, took)
	if err != nil {
		c.why = err.Error()
	}
	switch {
	case late && err == nil:
		c.all, c.taken = c.all+1, c.taken+1
	case late:
		c.all++
	case err == nil:
		c.early++
	default:
		c.early, c.lost = c.early+1, c.lost+1
	}
}

// begin starts to count anew. After so long nearly all must be taken.
func (l *load) begin(after time.Duration) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.begun, l.after, l.closed, l.counts = time.Now(), time.Now().Add(after), false, make(map[loadKey]*count)
}

// close counts nothing that begins from now on, and waits for the answers to what did.
func (l *load) close(t *testing.T) {
	t.Helper()
	l.mu.Lock()
	l.closed = true
	l.mu.Unlock()
	waitUntil(t, "every write is answered", func() bool {
		l.mu.Lock()
		defer l.mu.Unlock()
		return l.pending == 0
	})
}

// report says what was taken, after close. Of each kind nearly all was, through each of these
// nodes.
func (l *load) report(t *testing.T, at []*node) {
	t.Helper()
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, w := range everyWrite {
		var line strings.Builder
		for _, nd := range l.nodes {
			c := l.counts[loadKey{w.kind, nd.id}]
			if c == nil {
				t.Errorf("no %s was written through %s", w.kind, nd.id)
				continue
			}
			fmt.Fprintf(&line, "; %s %v", nd.id, c)
			if missing := c.all - c.taken; slices.Contains(at, nd) && (missing*1000 > c.all || c.all == 0) {
				t.Errorf("%s through %s: %d of %d were not taken: %s", w.kind, nd.id, missing, c.all, c.why)
			}
		}
		t.Logf("%s, taken after %v%s", w.kind, l.after.Sub(l.begun).Round(time.Second), line.String())
	}
}

func (c *count) String() string {
	return fmt.Sprintf("%d of %d (before %d of %d, slowest %v)",
		c.taken, c.all, c.early-c.lost, c.early, c.slowest.Round(time.Millisecond))
}

// stand says that overrides which were taken are what each node answers.
func (l *load) stand(t *testing.T) {
	t.Helper()
	l.mu.Lock()
	ids := slices.Clone(l.kept)
	l.mu.Unlock()
	if len(ids) == 0 {
		t.Error("no override was taken")
	}
	rand.Shuffle(len(ids), func(i, j int) { ids[i], ids[j] = ids[j], ids[i] })
	for _, id := range ids[:min(50, len(ids))] {
		for _, nd := range l.nodes {
			wantOverride(t, nd, id, "busy")
		}
	}
}
