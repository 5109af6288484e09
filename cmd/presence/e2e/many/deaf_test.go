package many

import (
	"net/http"
	"strings"
	"testing"
	"time"
)

// TestPeerPortClosed closes one node's peer port, in and out, while gossip goes on. Through the
// other two everybody is seen as before. What the node itself says is right or unknown; it says
// what is wrong, and sends its sockets away.
func TestPeerPortClosed(t *testing.T) {
	t.Parallel()
	g := greySize(t)
	if !full() { // a node needs some seconds to be sure, and a deadline is longer than that
		g.interval, g.lasts = 4*time.Second, 14*time.Second
	}
	w := newWorld(t, g)
	w.balance(t)
	deaf := w.f.nodes[2]
	w.begin(settled)
	deaf.deaf.Store(true)
	w.n.unlink(2, 0)
	w.n.unlink(2, 1)
	start := time.Now()
	after, text := notReady(deaf, w.lasts)
	t.Logf("%s, not ready after %v: %q", deaf.id, after.Round(time.Millisecond), text)
	time.Sleep(time.Until(start.Add(w.lasts)))
	w.report(t, "links of "+deaf.id+" cut", w.f.nodes[:2]...)
	w.c.control.within(t, deaf.id+" says that it isn't ready", after, settled)
	if !strings.Contains(text, "n1") || !strings.Contains(text, "n2") {
		t.Errorf("what /readyz says doesn't name the nodes that can't be reached: %q", text)
	}
	// Who beats leaves by itself when it isn't answered; who only watches doesn't.
	if w.posts[2].told.Load() == 0 {
		t.Errorf("a watcher at %s was not told to reconnect", deaf.id)
	}
	if n := w.c.peopleAt(deaf); n > 0 {
		t.Errorf("%d sockets of people are still at %s", n, deaf.id)
	}
	deaf.deaf.Store(false)
	w.heal(t)
	w.load.stand(t)
}

// notReady waits until a node says that it isn't ready, and why, or for as long as that.
func notReady(nd *node, limit time.Duration) (after time.Duration, text string) {
	for start := time.Now(); ; time.Sleep(50 * time.Millisecond) {
		status, text, err := nd.readiness()
		if after = time.Since(start); err == nil && status == http.StatusServiceUnavailable || after > limit {
			return after, text
		}
	}
}
