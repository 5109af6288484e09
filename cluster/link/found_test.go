package link

import "testing"

// soon is how long a break may go unnoticed that costs a participant something.
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
