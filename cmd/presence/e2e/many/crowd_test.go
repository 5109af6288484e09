package many

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"os"
	"slices"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/go-json-experiment/json"

	"github.com/scaiwave/presence/bench/load"
)

// crowdSize is how many participants there are.
func crowdSize(t *testing.T) int {
	n := 400
	if text := os.Getenv("PRESENCE_CROWD"); text != "" {
		var err error
		if n, err = strconv.Atoi(text); err != nil || n < 100 {
			t.Fatalf("PRESENCE_CROWD=%q; must be a number from 100", text)
		}
	}
	return n
}

// crowd is everybody. Nobody of it ever leaves.
type crowd struct {
	t        *testing.T
	f        *fleet
	ids      []string
	interval time.Duration // between heartbeats
	deadline time.Duration // of the nodes
	control  *control
	lives    map[string]*life // of everybody; not changed after the start
	cancel   context.CancelFunc
	running  sync.WaitGroup

	counting     atomic.Bool
	falseAnswers atomic.Int64
	falseEvents  atomic.Int64
	late         atomic.Int64 // offline, and rightly: the client had sent nothing in time
	unknown      atomic.Int64
	asked        atomic.Int64
	refused      atomic.Int64 // batches of heartbeats that no node took

	records  *load.Recorder  // of the sockets; what is judged is counted here
	people   []*person       // those with sockets; not changed after the start
	visitors []*load.Visitor // these, and the watchers

	mu      sync.Mutex
	begun   time.Time
	beats   []time.Duration // what heartbeats took, with all their tries
	names   map[string]int  // who was shown offline, for the report
	slow    []time.Duration
	whole   time.Time // when the last answer to everything had no unknown
	longest time.Duration
}

const maxBatch = 1000

// newCrowd has everybody arrive, and waits until everybody is seen online.
func newCrowd(t *testing.T, f *fleet, interval time.Duration) *crowd {
	t.Helper()
	return newCrowdOf(t, f, people(crowdSize(t)), interval, deadline)
}

// people are n ids.
func people(n int) (ids []string) {
	for i := range n {
		ids = append(ids, fmt.Sprintf("person-%06d", i))
	}
	return ids
}

// newCrowdOf is a crowd of these people, at nodes with this deadline.
func newCrowdOf(t *testing.T, f *fleet, ids []string, interval, deadline time.Duration) *crowd {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	c := &crowd{
		t: t, f: f, ids: ids, interval: interval, deadline: deadline, control: newControl(t),
		lives: make(map[string]*life), cancel: cancel, names: make(map[string]int), records: load.NewRecorder(),
	}
	for _, id := range ids {
		c.lives[id] = &life{deadline: deadline}
	}
	t.Cleanup(func() {
		cancel()
		c.running.Wait()
		client.CloseIdleConnections()
	})
	byHTTP := c.ids[len(c.ids)/5:]
	for batch := range slices.Chunk(byHTTP, min(maxBatch, max(1, len(byHTTP)/4))) {
		c.running.Go(func() { c.beat(ctx, batch) })
	}
	for _, id := range c.ids[:len(c.ids)/5] {
		c.newPerson(id).come(ctx)
	}
	c.await()
	for i := range min(200, len(c.ids)/10) {
		c.watch(ctx, i)
	}
	for range 2 {
		c.running.Go(func() { c.ask(ctx) })
	}
	return c
}

// any picks a node that runs.
func (c *crowd) any() *node {
	for {
		nodes := c.f.list()
		if nd := nodes[rand.IntN(len(nodes))]; nd.alive.Load() {
			return nd
		}
	}
}

// healthy picks a node as a load balancer does that checks them.
func (c *crowd) healthy() *node {
	for {
		if nd := c.any(); !nd.still.Load() {
			return nd
		}
	}
}

// another is healthy, but not the node that has just failed, if there are more.
func (c *crowd) another(than *node) *node {
	for range 20 {
		if nd := c.healthy(); nd != than {
			return nd
		}
	}
	return than
}

// beat sends heartbeats of a batch at the interval; a batch that isn't taken is sent again to
// another node.
func (c *crowd) beat(ctx context.Context, ids []string) {
	raw := load.BeatBody(ids, "phone", "online")
	next := time.Now().Add(rand.N(time.Second))
	for sleepUntil(ctx, next) {
		next = next.Add(c.interval)
		first := time.Now()
		sent := first
		nd := c.healthy()
		for ctx.Err() == nil && !c.beatOnce(ctx, nd, raw, len(ids)) {
			c.refused.Add(1)
			sleepUntil(ctx, time.Now().Add(100*time.Millisecond))
			nd, sent = c.another(nd), time.Now()
		}
		acked := time.Now()
		c.beatTook(acked.Sub(first))
		for _, id := range ids {
			c.lives[id].sign(nd, sent, acked)
		}
	}
}

func (c *crowd) beatTook(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.counting.Load() {
		c.beats = append(c.beats, d)
	}
}

// beatsTook is what heartbeats took since begin, sorted.
func (c *crowd) beatsTook() []time.Duration {
	c.mu.Lock()
	defer c.mu.Unlock()
	return slices.Sorted(slices.Values(c.beats))
}

func (c *crowd) beatOnce(ctx context.Context, nd *node, raw []byte, n int) bool {
	// There must be time to ask another node, if this one was stopped while it had the batch.
	ctx, cancel := context.WithTimeout(ctx, min(6*time.Second, c.interval))
	defer cancel()
	out, status, err := nd.do(ctx, "POST", "/v1/heartbeats", "service", raw)
	if err != nil || status != http.StatusOK {
		return false
	}
	var reply struct {
		Accepted int `json:"accepted"`
	}
	return json.Unmarshal(out, &reply) == nil && reply.Accepted == n
}

func (c *crowd) seen(raw []byte) {
	c.sawIn(raw, &c.falseEvents, "event")
}

// sawIn notes who is shown offline in an event.
func (c *crowd) sawIn(raw []byte, wrongly *atomic.Int64, what string) {
	if !c.counting.Load() {
		return
	}
	load.EachState(raw, func(id, state []byte) {
		if string(state) == "offline" {
			c.offline(wrongly, what, string(id))
		}
	})
}

// offline notes that somebody was shown offline.
func (c *crowd) offline(wrongly *atomic.Int64, what, id string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if l := c.lives[id]; l != nil && !l.unbroken(c.begun) {
		c.late.Add(1)
		return
	}
	wrongly.Add(1)
	c.names[what+" "+id]++
}

// ask asks about everybody, again and again.
func (c *crowd) ask(ctx context.Context) {
	for ctx.Err() == nil {
		whole := true
		begun := time.Now()
		for ids := range slices.Chunk(c.ids, maxBatch) {
			states, err := c.query(ctx, c.healthy(), ids)
			if err != nil {
				whole = false
				continue
			}
			whole = c.count(states) && whole
		}
		c.mu.Lock()
		if now := time.Now(); whole {
			if c.counting.Load() && !c.whole.IsZero() {
				c.longest = max(c.longest, begun.Sub(c.whole))
			}
			c.whole = now
		}
		c.mu.Unlock()
		sleepUntil(ctx, time.Now().Add(20*time.Millisecond))
	}
}

func (c *crowd) query(ctx context.Context, nd *node, ids []string) (map[string]string, error) {
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	start := time.Now()
	out, status, err := nd.do(ctx, "POST", "/v1/presence/query", "asker", load.QueryBody(ids))
	if err == nil && status != http.StatusOK {
		err = fmt.Errorf("status %d: %s", status, out)
	}
	c.mu.Lock()
	if c.counting.Load() && (err == nil || errors.Is(err, context.DeadlineExceeded)) { // after that, a test reads them
		c.slow = append(c.slow, time.Since(start))
	}
	c.mu.Unlock()
	if err != nil {
		return nil, err
	}
	var states map[string]string
	return states, json.Unmarshal(out, &states)
}

// count notes what is wrong with an answer, and says whether it was whole.
func (c *crowd) count(states map[string]string) bool {
	whole := true
	for id, s := range states {
		if s == "unknown" {
			whole = false
		}
		if !c.counting.Load() {
			continue
		}
		c.asked.Add(1)
		switch s {
		case "offline":
			c.offline(&c.falseAnswers, "answer", id)
		case "unknown":
			c.unknown.Add(1)
		}
	}
	return whole
}

// await waits until everybody is seen online, and every socket is connected.
func (c *crowd) await() {
	c.t.Helper()
	deadline := time.Now().Add(2 * patience)
	for {
		missing := 0
		for ids := range slices.Chunk(c.ids, maxBatch) {
			states, err := c.query(c.t.Context(), c.healthy(), ids)
			if err != nil {
				missing += len(ids)
			}
			for _, s := range states {
				if s != "online" {
					missing++
				}
			}
		}
		if missing == 0 {
			return
		}
		if time.Now().After(deadline) {
			c.t.Fatalf("%d of %d are not seen online", missing, len(c.ids))
		}
		time.Sleep(50 * time.Millisecond)
	}
}

// begin starts to count.
func (c *crowd) begin() {
	if c.control != nil {
		c.control.begin()
	}
	c.mu.Lock()
	c.slow, c.longest, c.beats = nil, 0, nil
	c.whole, c.begun = time.Now(), time.Now()
	c.mu.Unlock()
	c.counting.Store(true)
}

// silence is how long nodes wait for each other before they say unknown: they may, if the machine
// takes as much from them.
const silence = 500 * time.Millisecond

// report ends the counting and says what was counted.
func (c *crowd) report(what string, allowUnknown bool) {
	c.t.Helper()
	waitUntil(c.t, "somebody is asked for", func() bool { return c.asked.Load() > 0 })
	c.counting.Store(false)
	defer c.unknown.Store(0)
	c.mu.Lock()
	defer c.mu.Unlock()
	c.longest = max(c.longest, time.Since(c.whole))
	slices.Sort(c.slow)
	c.t.Logf(
		"%s: %d participants, %d states asked for: %d false offline answers, %d false offline events, %d unknown; "+
			"longest time without a whole answer %v; queries p50 %v, p99 %v, max %v",
		what, len(c.ids), c.asked.Load(), c.falseAnswers.Load(), c.falseEvents.Load(), c.unknown.Load(),
		c.longest.Round(time.Millisecond), quantile(c.slow, 0.5), quantile(c.slow, 0.99), quantile(c.slow, 1))
	if c.falseAnswers.Load()+c.falseEvents.Load() > 0 {
		c.t.Errorf("somebody was shown offline: %v", c.names)
	}
	if n := c.late.Swap(0); n > 0 {
		c.t.Logf("%d times somebody was offline whose sign of life was late", n)
		if c.control == nil || c.control.spare() < time.Second {
			c.t.Error("and the machine wasn't to blame")
		}
	}
	if c.unknown.Load() > 0 && !allowUnknown {
		if c.control == nil || c.control.spare() < silence {
			c.t.Errorf("%d answers were unknown in a planned change", c.unknown.Load())
		}
	}
}

func quantile(sorted []time.Duration, q float64) time.Duration {
	if len(sorted) == 0 {
		return 0
	}
	return sorted[int(q*float64(len(sorted)-1))].Round(100 * time.Microsecond)
}

// sleepUntil is false when ctx ended first.
func sleepUntil(ctx context.Context, when time.Time) bool {
	t := time.NewTimer(time.Until(when))
	defer t.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-t.C:
		return ctx.Err() == nil
	}
}
