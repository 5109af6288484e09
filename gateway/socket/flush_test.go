package socket

import (
	"crypto/tls"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/scaiwave/presence/cluster"
	"github.com/scaiwave/presence/shard"
)

// tell has so many of the ids id-0, id-1, … look like s.
func (e *env) tell(n int, s shard.State) {
	updates := make([]cluster.Update, n)
	for i := range updates {
		updates[i] = cluster.Update{
			ID:   fmt.Sprintf("id-%d", i),
			View: shard.View{Public: s, Inner: s, Self: s, Order: newest + uint64(e.told)},
		}
	}
	e.told++
	e.hub.Deliver(updates)
}

// watching is a client that watches so many of those ids, and reads what it asks for.
func (e *env) watching(n int) *rough {
	e.t.Helper()
	c := e.roughly(`{"type":"hello","token":"bob"}`)
	_ = c.nc.SetReadDeadline(time.Now().Add(time.Hour))
	for from := 0; from < n; from += 1000 {
		c.write(masked(fmt.Sprintf(`{"type":"subscribe","ids":[%s]}`, list(from, min(n, from+1000)))))
		if _, b := c.frame(); !strings.Contains(string(b), `"offline"`) {
			e.t.Fatalf("got %q, want a snapshot", b)
		}
	}
	return c
}

// wantChanges reads frames until each of n ids looks like s.
func (c *rough) wantChanges(n int, s shard.State) {
	c.t.Helper()
	for n > 0 {
		op, b := c.frame()
		if op != opText || !strings.HasPrefix(string(b), `{"type":"presence"`) || !strings.HasSuffix(string(b), "}}") {
			c.t.Fatalf("got %d, %.80q, want changes", op, b)
		}
		n -= strings.Count(string(b), `:"`+s.String()+`"`)
	}
}

// More than a frame takes is told in several, whichever way.
func TestManyChanges(t *testing.T) {
	run(t, nil, func(e *env) {
		c := e.watching(2500)
		e.tell(2500, shard.Online)
		c.wantChanges(2500, shard.Online)
		c.nc.Close()
	})
}

// An answer doesn't wait for a flusher's turn: a writer takes what was marked, changes included.
func TestAnswerOvertakesFlushers(t *testing.T) {
	run(t, nil, func(e *env) {
		c := e.watching(1)
		synctest.Wait()
		e.srv.flushers.close() // as if it never came to this socket
		e.tell(1, shard.Online)
		c.write(masked(`{"type":"query","req":"q","ids":["id-0"]}`))
		if _, b := c.frame(); !strings.Contains(string(b), `"q"`) {
			t.Errorf("got %q, want the answer", b)
		}
		c.wantChanges(1, shard.Online)
		c.nc.Close()
	})
}

// A flusher writes to the others while one doesn't read, and ends when it has.
func TestFlushersEnd(t *testing.T) {
	run(t, nil, func(e *env) {
		e.watching(1)
		c := e.watching(1)
		for i := range 1000 {
			s := []shard.State{shard.Online, shard.Idle}[i%2]
			e.tell(1, s)
			c.wantChanges(1, s)
		}
		synctest.Wait()
		if f := &e.srv.flushers; f.running != 0 || len(f.marked) != 0 {
			t.Errorf("%d flushers are left, %d sockets wait", f.running, len(f.marked))
		}
	})
}

// A socket stands in the queue once, and each in its turn; what was taken isn't kept.
func TestFlushersQueue(t *testing.T) {
	f := &flushers{} // none may run
	conns := make([]*conn, 5000)
	for i := range conns {
		conns[i] = &conn{}
		f.push(conns[i])
		f.push(conns[i])
	}
	var chunk [flushChunk]*conn
	at := 0
	for n := f.take(chunk[:]); n > 0; n = f.take(chunk[:]) {
		for _, c := range chunk[:n] {
			if c != conns[at] {
				t.Fatalf("the %dth isn't in its turn", at)
			}
			at++
		}
		for _, c := range f.marked[:f.taken] {
			if c != nil {
				t.Fatal("one that was taken is kept")
			}
		}
		if at < 1000 { // again at the end
			for _, c := range chunk[:n] {
				f.push(c)
				conns = append(conns, c)
			}
		}
	}
	if at != len(conns) || f.marked != nil || f.taken != 0 {
		t.Errorf("%d of %d, %d places are kept", at, len(conns), cap(f.marked))
	}
}

// What TLS encrypts must not be written past it.
func TestNothingIsWrittenPastTLS(t *testing.T) {
	ours, theirs := ways[len(ways)-1].pair(t)
	defer ours.Close()
	defer theirs.Close()
	g := &guard{Conn: tls.Server(ours, &tls.Config{})}
	if n := g.writeNow([]byte("text")); n != 0 {
		t.Errorf("%d bytes were written", n)
	}
}
