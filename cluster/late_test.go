package cluster

import (
	"context"
	"net"
	"sync"
	"testing"
	"time"

	"github.com/scaiwave/presence/cluster/call"
	"github.com/scaiwave/presence/cluster/link"
	"github.com/scaiwave/presence/shard"
)

// stall holds up what the first node of a band says to the second one, as TCP does when a network
// comes back.
type stall struct {
	mu   sync.Mutex
	shut chan struct{} // nil: open
}

func (s *stall) begin() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.shut = make(chan struct{})
}

func (s *stall) end() {
	s.mu.Lock()
	defer s.mu.Unlock()
	close(s.shut)
	s.shut = nil
}

func (s *stall) pass() {
	s.mu.Lock()
	shut := s.shut
	s.mu.Unlock()
	if shut != nil {
		<-shut
	}
}

// stalledConn holds up its reads, or its writes.
type stalledConn struct {
	net.Conn
	stall *stall
	reads bool
}

func (c stalledConn) Write(b []byte) (int, error) {
	if !c.reads {
		c.stall.pass()
	}
	return c.Conn.Write(b)
}

func (c stalledConn) Read(b []byte) (int, error) {
	n, err := c.Conn.Read(b)
	if c.reads {
		c.stall.pass()
	}
	return n, err
}

// stalledBand is three nodes. What the first says to the second, on whichever connection, can be
// held up.
func stalledBand(t *testing.T) (*band, *stall) {
	b, s := &band{t: t}, &stall{}
	var mu sync.Mutex
	addresses := make([]string, 3)
	for i, id := range []string{"a", "b", "c"} {
		dial := func(ctx context.Context, network, address string) (net.Conn, error) {
			c, err := (&net.Dialer{}).DialContext(ctx, network, address)
			mu.Lock()
			defer mu.Unlock()
			switch {
			case err != nil:
			case i == 0 && address == addresses[1]:
				return stalledConn{c, s, false}, nil
			case i == 1 && address == addresses[0]:
				return stalledConn{c, s, true}, nil
			}
			return c, err
		}
		if _, err := b.tryAddWith(id, func(p *Peers) {
			p.Dial = dial
			mu.Lock()
			defer mu.Unlock()
			addresses[i] = p.Listener.Addr().String()
		}); err != nil {
			t.Fatal(err)
		}
	}
	b.agree()
	return b, s
}

// heard waits until what was held up has come: the second node has heard the first one.
func heard(t *testing.T, b *band) {
	t.Helper()
	await(t, "the stall is over", func() bool {
		return b.nodes[1].caller.Direct(b.nodes[1].view.Load(), b.nodes[0].name, link.Hot) != nil &&
			b.nodes[0].caller.Direct(b.nodes[0].view.Load(), b.nodes[1].name, link.Hot) != nil
	})
}

// TestLateWriteIsRefused: a write that was held up, and was made again by another way, doesn't undo
// what was acknowledged since. Here it would show somebody who hides.
func TestLateWriteIsRefused(t *testing.T) {
	b, s := stalledBand(t)
	a, owner := b.nodes[0], b.nodes[1]
	id := b.ownedBy(owner)
	attach(t, a, id, "tab")
	s.begin()
	for _, o := range []shard.Override{shard.OverrideAuto, shard.OverrideAppearOffline} {
		if err := a.SetOverride(t.Context(), id, o, time.Time{}); err != nil {
			t.Fatal(err)
		}
	}
	wantStates(t, b.nodes[2], []string{id}, shard.Offline)
	s.end()
	heard(t, b)
	// By now the owner may have left the ring, and another one may serve: the one that serves is
	// asked.
	r, err := a.Inspect(t.Context(), "", id, false)
	if err != nil || r.Override != shard.OverrideAppearOffline {
		t.Errorf("the override is %v again; %v", r.Override, err)
	}
}

// TestLateHelloIsRefused: one that was held up, and was said again by another way, doesn't take the
// device from its own socket.
func TestLateHelloIsRefused(t *testing.T) {
	b, s := stalledBand(t)
	a, owner := b.nodes[0], b.nodes[1]
	id := b.ownedBy(owner)
	subscribe(t, a, b.sinks[0], id)
	s.begin()
	at := attach(t, a, id, "tab")
	s.end()
	heard(t, b)
	if err := a.Beat(t.Context(), at, shard.ActivityIdle); err != nil {
		t.Errorf("a beat of the only socket: %v", err)
	}
	if gone := b.sinks[0].evictions(); len(gone) > 0 {
		t.Errorf("the only socket is evicted: %+v", gone)
	}
}

// TestGivenUpTimerEnds: an attempt lasts while the node that is asked answers pulses, and one that
// ends while its time is looked at leaves no timer behind. Where the whole process stands still for
// a moment no pulse comes, so an attempt may end: then another one must last.
func TestGivenUpTimerEnds(t *testing.T) {
	t.Parallel() // it waits for most of its time
	b := newBand(t, 2)
	a, other := b.nodes[0], b.nodes[1]
	lasts := func() bool {
		ctx, stop := a.caller.WhileHeard(t.Context(), other.name)
		defer stop()
		select {
		case <-ctx.Done():
			return false
		case <-time.After(call.TryTimeout + 2*link.Silence):
		}
		stop()
		if ctx.Err() == nil {
			t.Error("it goes on after its end")
		}
		return true
	}
	for begun := time.Now(); !lasts(); {
		if time.Since(begun) > 30*time.Second {
			t.Fatal("given up though it answers pulses")
		}
	}
}
