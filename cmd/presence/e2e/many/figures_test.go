package many

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"slices"
	"strconv"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/scaiwave/presence/bench/load"
)

func number(t *testing.T, env string, otherwise int) int {
	t.Helper()
	text := os.Getenv(env)
	if text == "" {
		return otherwise
	}
	n, err := strconv.Atoi(text)
	if err != nil {
		t.Fatalf("%s=%q: %v", env, text, err)
	}
	return n
}

// beats are heartbeats of n participants, in batches.
func beats(n int) (batches [][]byte, ids []string) {
	for i := range n {
		ids = append(ids, fmt.Sprintf("moved-%07d", i))
	}
	for part := range slices.Chunk(ids, 10_000) {
		batches = append(batches, load.BeatBody(part, "phone", "online"))
	}
	return batches, ids
}

// beat sends a batch of heartbeats.
func (nd *node) beat(t *testing.T, batch []byte) {
	t.Helper()
	out, status, err := nd.do(t.Context(), "POST", "/v1/heartbeats", "service", batch)
	if err != nil || status != http.StatusOK {
		t.Fatalf("status %d, %v: %.200s", status, err, out)
	}
}

// TestHandOff joins a second node to one that has many participants (PRESENCE_HANDOFF, a million in
// full), and measures how long the hand-off takes and how slow queries become meanwhile.
func TestHandOff(t *testing.T) {
	t.Parallel()
	n := number(t, "PRESENCE_HANDOFF", 20_000)
	f := newFleet(t, 1)
	batches, ids := beats(n)
	for _, b := range batches {
		f.nodes[0].beat(t, b)
	}
	c := &crowd{t: t, f: f, control: newControl(t), names: make(map[string]int)}
	stop := make(chan struct{})
	var asking sync.WaitGroup
	ask := func(nd *node) {
		asking.Go(func() {
			for i := 0; ; i += 100 {
				select {
				case <-stop:
					return
				default:
				}
				at := i % (len(ids) - 100)
				states, err := c.query(t.Context(), nd, ids[at:at+100])
				switch {
				case errors.Is(err, context.DeadlineExceeded) && !full(): // it counts as slow
				case err != nil:
					t.Error(err)
					return
				}
				c.count(states)
			}
		})
	}
	c.begin()
	ask(f.nodes[0])
	start := time.Now()
	f.add()
	f.agree(2)
	joined := time.Since(start)
	close(stop)
	asking.Wait()
	c.report("hand-off", false)
	what := fmt.Sprintf("hand-off of half of %d participants, from the start of the second process", n)
	c.control.startsWithin(t, what, joined, 5*time.Second)
	slowest := 250 * time.Millisecond
	if !full() {
		slowest *= 4 // the race detector makes packing and unpacking that much slower; the control does neither
	}
	c.control.within(t, "the slowest query meanwhile", quantile(c.slow, 1), slowest)
	stop = make(chan struct{})
	start = time.Now()
	c.begin()
	ask(f.nodes[1])
	f.leave(f.nodes[0])
	left := time.Since(start)
	close(stop)
	asking.Wait()
	t.Logf("hand-off back on leaving: %v until the process had ended", left.Round(time.Millisecond))
	c.report("hand-off back", false)
}

// TestLatency measures single queries of what the asked node owns and of what another one owns, and
// a thousand ids of all nodes in one call, while nothing else happens. A node that is alone is
// asked in turn with it, so that whatever else this machine does hits both.
func TestLatency(t *testing.T) {
	if testing.Short() {
		t.Skip("measures")
	}
	const interval = "--heartbeat-interval=10m" // they beat once, and are to be online till the end
	f, alone := newFleet(t, 3, interval), newFleet(t, 1, "--join-wait=100ms", interval)
	batches, ids := beats(1000)
	for _, nd := range []*node{f.nodes[0], alone.nodes[0]} {
		nd.beat(t, batches[0])
	}
	// An id is owned by one node in three; the slowest third of the first and the fastest of the
	// second would be unfair, so each id is asked many times and counts by its median.
	medians, single := make([]time.Duration, 60), make([]time.Duration, 60)
	for i := range medians {
		three, one := askInTurn(t, f.nodes[0], alone.nodes[0], 50, ids[i:i+1])
		medians[i], single[i] = three[len(three)/2], one[len(one)/2]
	}
	slices.Sort(medians)
	slices.Sort(single)
	t.Logf("one id, medians of 60: fastest %v, slowest %v; of a node alone %v to %v",
		medians[0], medians[59], single[0], single[59])
	added := medians[59] - medians[0]
	wantWithin(t, "the way through another node adds at most", added, 500*time.Microsecond, excuse(single[59]))
	three, one := askInTurn(t, f.nodes[0], alone.nodes[0], 300, ids)
	t.Logf("1,000 ids on three nodes: p50 %v; of a node alone %v", three[150], one[150])
	wantWithin(t, "1,000 ids on three nodes, p99", three[297], 20*time.Millisecond, excuse(one[297]))
}

// askInTurn asks two nodes in turn for the same, and gives how long each took, sorted.
func askInTurn(t *testing.T, a, b *node, rounds int, ids []string) (ofA, ofB []time.Duration) {
	t.Helper()
	c, begun := &crowd{t: t}, time.Now()
	ask := func(nd *node) time.Duration {
		for {
			start := time.Now()
			states, err := c.query(t.Context(), nd, ids)
			if err == nil && len(states) == len(ids) && states[ids[0]] == "online" {
				return time.Since(start)
			}
			// A busy machine can keep nodes from hearing of each other for so long that they don't
			// know, or from answering in time; that ends.
			if err == nil && states[ids[0]] != "unknown" || full() || time.Since(begun) > patience {
				t.Fatalf("%s: %v, %.200v", nd.id, err, states)
			}
		}
	}
	for range rounds {
		ofA, ofB = append(ofA, ask(a)), append(ofB, ask(b))
	}
	slices.Sort(ofA)
	slices.Sort(ofB)
	return ofA, ofB
}

// TestGatewayKilled measures how long all sockets of a killed gateway take to be back on the
// others, and what queries take meanwhile.
func TestGatewayKilled(t *testing.T) {
	t.Parallel()
	f := newFleet(t, 3, timings()...)
	c := newCrowd(t, f, interval)
	want := len(c.ids)/5 + min(200, len(c.ids)/10)
	waitUntil(t, "all sockets are open", func() bool { return c.connected() == want })
	c.begin()
	time.Sleep(3 * time.Second)
	c.report("idle", false)
	idle := quantile(c.slow, 0.99)
	c.begin()
	f.nodes[2].signal(syscall.SIGKILL)
	<-f.nodes[2].gone
	start := time.Now()
	waitUntil(t, "sockets are lost", func() bool { return c.connected() < want || time.Since(start) > time.Second })
	waitUntil(t, "all sockets are back", func() bool { return c.connected() == want })
	back := time.Since(start)
	c.report("while they came back", true)
	what := fmt.Sprintf("those of %d sockets that the killed gateway had are back", want)
	c.control.within(t, what, back, 30*time.Second)
	c.control.within(t, "queries meanwhile, 99 %", quantile(c.slow, 0.99), 2*idle)
}
