package link

import (
	"testing"
	"time"
)

// soon is how long a break may go unnoticed that costs somebody something.
const soon = Silence + 2*Pulse

// TestBusyPeerIsFound: a peer is judged by its hot connections, so they find out while any of its
// connections is in use.
func TestBusyPeerIsFound(t *testing.T) {
	idlePair(t, func(t *testing.T, w *wires, p *Peer) {
		w.cut("all", false)
		go func() { _, _ = echo(t.Context(), p, Bulk, "x") }()
		if took := until(func() bool { return !p.Conn(Hot).Healthy() }); took > soon {
			t.Errorf("the hot connection of a dead peer is healthy for %v", took)
		}
	})
}

// TestHalfIsFoundInUse: an end that has been in use for long, and whose peer only answers, finds
// out that it isn't heard.
func TestHalfIsFoundInUse(t *testing.T) {
	idlePair(t, func(t *testing.T, w *wires, p *Peer) {
		c := p.Conn(Hot)
		c.use(c.now())
		c.waiting.Store(1) // a call that waits for long
		defer c.waiting.Store(0)
		time.Sleep(5 * time.Second)
		w.cut("hot", true)
		if took := until(func() bool { return !c.Healthy() }); took > soon {
			t.Errorf("found after %v", took)
		}
	})
}

// TestStallIsOver: a peer that said that it misses us says that it doesn't any more, and not only
// when it is that connection's turn.
func TestStallIsOver(t *testing.T) {
	idlePair(t, func(t *testing.T, w *wires, p *Peer) {
		w.cut("all", true)
		c := p.Conn(Hot)
		until(func() bool { return !c.Healthy() })
		w.cut("", false)
		if took := until(func() bool { return c.Healthy() }); took > soon {
			t.Errorf("unhealthy for %v after the end", took)
		}
	})
}
