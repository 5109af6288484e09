package many

import (
	"fmt"
	"os"
	"slices"
	"strconv"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/go-json-experiment/json"
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
	type beat struct {
		Participant string `json:"participant_id"`
		Device      string `json:"device_id"`
		Activity    string `json:"activity"`
	}
	for at := 0; at < n; at += 10_000 {
		var body struct {
			Heartbeats []beat `json:"heartbeats"`
		}
		for i := at; i < min(at+10_000, n); i++ {
			ids = append(ids, fmt.Sprintf("moved-%07d", i))
			body.Heartbeats = append(body.Heartbeats, beat{ids[i], "phone", "online"})
		}
		raw, _ := json.Marshal(body)
		batches = append(batches, raw)
	}
	return batches, ids
}

// TestHandOff joins a second node to one that has many participants (PRESENCE_HANDOFF, a million in full), and measures how long the
// hand-off takes and how slow queries become meanwhile.
func TestHandOff(t *testing.T) {
	t.Parallel()
	n := number(t, "PRESENCE_HANDOFF", 20_000)
	f := newFleet(t, 1)
	batches, ids := beats(n)
	for _, b := range batches {
		if out, status, err := f.nodes[0].do(t.Context(), "POST", "/v1/heartbeats", "service", b); err != nil || status != 200 {
			t.Fatalf("status %d, %v: %.200s", status, err, out)
		}
	}
	c := &crowd{t: t, f: f, names: make(map[string]int)}
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
				if err != nil {
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
	t.Logf("hand-off of half of %d participants: %v from the start of the second process until all had moved", n, joined.Round(time.Millisecond))
	c.report("hand-off", false)
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

// TestLatency measures single queries of what the asked node owns and of what another one owns, and a thousand ids of all nodes in one
// call, while nothing else happens.
func TestLatency(t *testing.T) {
	if testing.Short() {
		t.Skip("measures")
	}
	f := newFleet(t, 3)
	batches, ids := beats(1000)
	if out, status, err := f.nodes[0].do(t.Context(), "POST", "/v1/heartbeats", "service", batches[0]); err != nil || status != 200 {
		t.Fatalf("status %d, %v: %.200s", status, err, out)
	}
	c := &crowd{t: t, f: f, names: make(map[string]int)}
	times := func(what string, rounds int, ids func(i int) []string) (p50 time.Duration) {
		c.begin()
		for i := range rounds {
			states, err := c.query(t.Context(), f.nodes[0], ids(i))
			if err != nil || !c.count(states) {
				t.Fatalf("%s: %v, %.200v", what, err, states)
			}
		}
		slices.Sort(c.slow)
		if rounds > 100 {
			t.Logf("%s: p50 %v, p99 %v", what, c.slow[len(c.slow)/2], c.slow[len(c.slow)*99/100])
		}
		return c.slow[len(c.slow)/2]
	}
	// An id is owned by one node in three; the slowest third of the first and the fastest of the second would be unfair, so each id is
	// asked many times and counts by its median.
	medians := make([]time.Duration, 60)
	for i := range medians {
		medians[i] = times("one id", 50, func(int) []string { return ids[i : i+1] })
	}
	slices.Sort(medians)
	t.Logf("one id, medians of 60: fastest %v, slowest %v: the way through another node adds at most %v", medians[0], medians[59], medians[59]-medians[0])
	times("1,000 ids on three nodes", 300, func(int) []string { return ids })
}

// TestGatewayKilled measures how long all sockets of a killed gateway take to be back on the others, and what queries take meanwhile.
func TestGatewayKilled(t *testing.T) {
	t.Parallel()
	f := newFleet(t, 3, timings()...)
	c := newCrowd(t, f, interval)
	want := int64(len(c.ids)/5 + min(200, len(c.ids)/10))
	waitUntil(t, "all sockets are open", func() bool { return c.sockets.Load() == want })
	c.begin()
	time.Sleep(3 * time.Second)
	c.report("idle", false)
	c.begin()
	f.nodes[2].signal(syscall.SIGKILL)
	<-f.nodes[2].gone
	start := time.Now()
	waitUntil(t, "sockets are lost", func() bool { return c.sockets.Load() < want || time.Since(start) > time.Second })
	waitUntil(t, "all sockets are back", func() bool { return c.sockets.Load() == want })
	t.Logf("%d sockets, those of the killed gateway back after %v", want, time.Since(start).Round(time.Millisecond))
	c.report("while they came back", true)
}
