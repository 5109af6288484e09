package sim

import (
	"context"
	"fmt"
	"log/slog"
	"testing"
	"testing/synctest"
	"time"

	"github.com/scaiwave/presence/cluster/memnet"
)

// endings is how many participants have something that ends, one after the other.
const endings = 36

// between is the time from one end to the next: each comes at another moment of a tick.
const between = 1370 * time.Millisecond

// ahead is by how much the clock of the second node is.
const ahead = 2 * time.Second

// upsets are what happens to the second node, or to all, while things end.
var upsets = map[string]step{
	"nothing happens":       {},
	"an owner dies":         {do: "kill", node: 1, lasts: 15 * time.Second},
	"an owner hands over":   {do: "drain", node: 1, lasts: 15 * time.Second},
	"an owner stands still": {do: "pause", node: 1, lasts: 8 * time.Second},
	"another node comes":    {do: "visit", node: 1, lasts: 20 * time.Second},
	allStop:                 {},
}

const allStop = "all are stopped"

// TestEndsToTheTick: what has an end is there until then, and gone a tick later at most, whichever
// node is asked, and whatever happens to nodes meanwhile. With clocks that differ the owner's
// counts: it is gone at all nodes at one time, and doesn't come back when its owner has died.
func TestEndsToTheTick(t *testing.T) {
	t.Parallel()
	for name, upset := range upsets {
		for _, ahead := range []time.Duration{0, ahead} {
			if ahead != 0 && name == allStop {
				continue // an end may pass by the clock of one who owns it no more
			}
			t.Run(fmt.Sprintf("%s, ahead %v", name, ahead), func(t *testing.T) {
				t.Parallel()
				do, dir := func(w *world) { w.fault(upset) }, ""
				if name == allStop {
					do, dir = (*world).restart, t.TempDir()
				}
				if upset.do == "" && name != allStop {
					do = func(*world) {}
				}
				synctest.Test(t, func(t *testing.T) { playEnds(t, dir, ahead, do) })
			})
		}
	}
}

func playEnds(t *testing.T, dir string, ahead time.Duration, upset func(*world)) {
	w := newWorld(1, 3, nil, slog.New(slog.DiscardHandler))
	w.net, w.dir = memnet.New(1, memnet.Quality{Latency: time.Millisecond}), dir
	for i, p := range w.nodes {
		p.clock = clock{start: w.start, offset: time.Duration(i%2) * ahead}
	}
	w.bootAll()
	sleep(w.ctx, settling)
	ctx, cancel := context.WithCancel(w.ctx)
	begin := w.now() + 20*time.Second
	for i := range endings {
		e := &timed{id: fmt.Sprint("p", i), kind: i % 3, at: begin + time.Duration(i)*between, early: ahead}
		e.set(t, w)
		for _, node := range []int{0, 2} {
			w.running.Go(func() { e.watch(ctx, t, w, node) })
		}
	}
	sleep(w.ctx, begin+10*time.Second-w.now())
	upset(w)
	sleep(w.ctx, begin+(endings+5)*between-w.now())
	cancel()
	w.mu.Lock()
	if w.violation != "" || w.counts.answers < 10*2*endings {
		t.Errorf("%s; there were %d answers before the ends", w.violation, w.counts.answers)
	}
	w.mu.Unlock()
	w.end()
	time.Sleep(time.Minute)
}

// restart stops all nodes, and starts them again with their disks.
func (w *world) restart() {
	for _, p := range w.nodes {
		n := p.node
		w.mu.Lock()
		p.node = nil
		w.mu.Unlock()
		n.host.Kill()
		n.end()
	}
	sleep(w.ctx, 4*time.Second)
	w.bootAll()
}

// timed is something of a participant that ends.
type timed struct {
	id    string
	kind  int // 0: a status, 1: a claim, 2: an override
	at    time.Duration
	early time.Duration // by how much a clock is ahead

	gone time.Duration // when it was answered so, by whichever node; guarded by the world
}

func (e *timed) set(t *testing.T, w *world) {
	path := "/v1/presence/" + e.id + []string{"/status", "/busy/call", "/override"}[e.kind]
	body := map[string]any{"expires_at": w.start.Add(e.at)}
	if e.kind != 1 {
		body[[]string{"text", "", "override"}[e.kind]] = "busy"
	}
	if _, err := call(w.ctx, w.backend(), w.nodes[0].address, "PUT", path, body, nil); err != nil {
		t.Error(err)
	}
}

// watch asks a node all the time around the end.
func (e *timed) watch(ctx context.Context, t *testing.T, w *world, node int) {
	h := w.net.Host(fmt.Sprintf("10.5.0.%d", node+1))
	sleep(ctx, e.at-e.early-500*time.Millisecond-w.now())
	for ctx.Err() == nil && w.now() < e.at+2*tick {
		asked := w.now()
		there, known := e.there(ctx, w, h, node)
		if wrong := e.judge(w, there, known, asked); wrong != "" {
			t.Errorf("%s at n%d: it is %s", e.id, node, wrong)
			return
		}
		sleep(ctx, 10*time.Millisecond)
	}
}

// judge tells what is wrong with an answer to what was asked at a time.
func (e *timed) judge(w *world, there, known bool, asked time.Duration) string {
	w.mu.Lock()
	defer w.mu.Unlock()
	switch {
	case !known:
	case there && asked > e.at+tick:
		return fmt.Sprintf("still there %v after its end", asked-e.at)
	case there && e.gone != 0 && asked > e.gone+tick:
		return fmt.Sprintf("there again %v after it was gone", asked-e.gone)
	case there:
		w.counts.answers++
	case w.now() < e.at-e.early:
		return fmt.Sprintf("gone %v before its end", e.at-w.now())
	case e.gone == 0:
		e.gone = w.now()
	}
	return ""
}

// there asks whether it has not ended; known is false if that isn't answered.
func (e *timed) there(ctx context.Context, w *world, h *memnet.Host, node int) (there, known bool) {
	w.mu.Lock()
	address, up := w.nodes[node].address, w.nodes[node].node != nil
	w.mu.Unlock()
	var got struct {
		State    string           `json:"state"`
		Status   *told            `json:"status"`
		Override string           `json:"override"`
		Busy     []map[string]any `json:"busy"`
	}
	if !up {
		return false, false
	}
	if _, err := call(ctx, h, address, "GET", "/v1/presence/"+e.id, nil, &got); err != nil || got.State == "unknown" {
		return false, false
	}
	return []bool{got.Status != nil, len(got.Busy) > 0, got.Override == "busy"}[e.kind], true
}
