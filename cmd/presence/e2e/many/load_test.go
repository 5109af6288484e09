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

// writes are something of each kind, so many a second, through the nodes in turn.
type writes struct {
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

// newWrites starts writes that end with the test.
func newWrites(t *testing.T, nodes []*node, each int) *writes {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	l := &writes{nodes: nodes, counts: make(map[loadKey]*count)}
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

func (l *writes) run(ctx context.Context, w write, each int) {
	start := time.Now().Add(rand.N(time.Second))
	for i := 0; sleepUntil(ctx, start.Add(time.Duration(i)*time.Second/time.Duration(each))); i++ {
		l.running.Go(func() { l.one(ctx, w, l.nodes[i%len(l.nodes)], i) })
	}
}

func (l *writes) one(ctx context.Context, w write, nd *node, i int) {
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
func (l *writes) enter(key loadKey, begun time.Time) (c *count, late bool) {
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
func (l *writes) begin(after time.Duration) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.begun, l.after, l.closed, l.counts = time.Now(), time.Now().Add(after), false, make(map[loadKey]*count)
}

// close waits until there is enough to judge by, and for its answers. It counts nothing that begins
// later.
func (l *writes) close(t *testing.T) {
	t.Helper()
	waitUntil(t, "writes of each kind have gone through each node", l.enough)
	l.mu.Lock()
	l.closed = true
	l.mu.Unlock()
	waitUntil(t, "every write is answered", func() bool {
		l.mu.Lock()
		defer l.mu.Unlock()
		return l.pending == 0
	})
}

// enough reports whether some of each kind were answered through each node, of those of which
// nearly all must be taken.
func (l *writes) enough() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	n := 0
	for _, c := range l.counts {
		if c.all >= 3 {
			n++
		}
	}
	return n == len(everyWrite)*len(l.nodes)
}

// report says what was taken, after close. Of each kind nearly all was, through these nodes. Where
// the machine kept nodes from hearing of each other, one in five may be missing.
func (l *writes) report(t *testing.T, at []*node, spare time.Duration) {
	t.Helper()
	lost := 0.001
	if spare >= silence {
		lost = 0.2
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, w := range everyWrite {
		var line strings.Builder
		var sum count
		for _, nd := range l.nodes {
			c := l.counts[loadKey{w.kind, nd.id}]
			fmt.Fprintf(&line, "; %s %v", nd.id, c)
			if slices.Contains(at, nd) {
				sum.add(c)
			}
		}
		if missing := sum.all - sum.taken; float64(missing) > lost*float64(sum.all) {
			t.Errorf("%s: %d of %d were not taken: %s", w.kind, missing, sum.all, sum.why)
		}
		t.Logf("%s, taken after %v%s", w.kind, l.after.Sub(l.begun).Round(time.Second), line.String())
	}
}

func (c *count) add(other *count) {
	c.all, c.taken = c.all+other.all, c.taken+other.taken
	if other.why != "" {
		c.why = other.why
	}
}

func (c *count) String() string {
	return fmt.Sprintf("%d of %d (before %d of %d, slowest %v)",
		c.taken, c.all, c.early-c.lost, c.early, c.slowest.Round(time.Millisecond))
}

// stand says that overrides which were taken are what each node answers.
func (l *writes) stand(t *testing.T) {
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
			for begun := time.Now(); !full() && nd.doubts(t, id) && time.Since(begun) < patience; {
				time.Sleep(100 * time.Millisecond) // it is honest on a busy machine, and ends
			}
			wantOverride(t, nd, id, "busy")
		}
	}
}

// doubts reports whether a node says unknown to a person who asks for themselves.
func (nd *node) doubts(t *testing.T, id string) bool {
	t.Helper()
	out, err := nd.call(t.Context(), "GET", id, "/v1/presence/"+id, "")
	return err != nil || strings.Contains(out, `"unknown"`)
}
