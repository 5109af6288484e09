package many

import (
	"context"
	"slices"
	"sync"
	"testing"
	"time"
)

// grey is the size of the tests of networks that are half broken: small, or what is promised with
// figures. People beat several times in an interval, as clients do who have been told to, so that a
// heartbeat that isn't taken has time to be sent again.
type grey struct {
	interval, grace, beats time.Duration
	people, writes         int           // writes of each kind, a second
	lasts                  time.Duration // each cut
}

func greySize(t *testing.T) grey {
	t.Helper()
	g := grey{interval: 2 * time.Second, grace: time.Second, beats: 500 * time.Millisecond, people: 150, writes: 10}
	g.lasts = settled + time.Second
	if full() {
		g = grey{interval: 30 * time.Second, grace: 5 * time.Second, beats: 5 * time.Second, people: 600, writes: 200}
		g.lasts = duration("PRESENCE_UNLINK", 10*time.Minute) / time.Duration(len(breaches))
	}
	return g
}

func (g grey) deadline() time.Duration { return 2*g.interval + g.grace }

func (g grey) flags(int) []string {
	return []string{"--heartbeat-interval=" + g.interval.String(), "--grace=" + g.grace.String()}
}

// world is a cluster with a firewall on each host, people, posts and writes at each node.
type world struct {
	grey
	n     *network
	f     *fleet
	c     *crowd
	posts []*post
	load  *writes
}

func newWorld(t *testing.T, g grey) *world {
	t.Helper()
	w := &world{grey: g, n: newNetwork(t, 3)}
	w.n.withFirewall(t, 3)
	return w.open(t, hostedWith(t, w.n, credentials(t, hostIDs(3)...), 3, w.flags))
}

// open has people come to a cluster.
func (w *world) open(t *testing.T, f *fleet) *world {
	t.Helper()
	w.f = f
	w.c = newCrowdOf(t, f, people(w.people), w.beats, w.deadline())
	w.posts = w.c.posts(t, f.nodes)
	w.load = newWrites(t, f.nodes, w.writes)
	return w
}

// balance sends nobody of the crowd to a node that says it isn't ready, as a load balancer does
// that checks them.
func (w *world) balance(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	var checking sync.WaitGroup
	checking.Go(func() {
		for sleepUntil(ctx, time.Now().Add(500*time.Millisecond)) {
			for _, nd := range w.f.list() {
				nd.still.Store(nd.ready() != nil)
			}
		}
	})
	t.Cleanup(func() {
		cancel()
		checking.Wait()
	})
}

// begin starts to count, when something breaks: after so long nearly all writes must be taken.
func (w *world) begin(after time.Duration) {
	w.c.begin()
	w.load.begin(after)
	for _, p := range w.posts {
		p.begin()
	}
}

// report holds what these nodes showed and took to what is promised of healthy ones; what the
// others showed must only not be wrong.
func (w *world) report(t *testing.T, what string, healthy ...*node) {
	t.Helper()
	w.load.close(t)
	awaitAsked(t, w.posts)
	w.c.report(what, true)
	beats := w.c.beatsTook()
	t.Logf("heartbeats, with all their tries, took %v at most, 99 %% %v; %d batches were refused",
		quantile(beats, 1), quantile(beats, 0.99), w.c.refused.Swap(0))
	for _, p := range w.posts {
		p.report(t, slices.Contains(healthy, p.nd))
	}
	w.load.report(t, healthy, w.c.control.spare())
}

// heal waits until all is as it was.
func (w *world) heal(t *testing.T) {
	t.Helper()
	w.n.mend(3)
	t.Logf("agreed %v after the links were mended", w.f.agree(3).Round(time.Millisecond))
	w.c.await()
}
