package admit

import (
	"net"
	"net/http"
	"strings"
	"testing"
)

// fill takes all places of a gate, and returns what gives them back.
func fill(g *gate) (leave func()) {
	for range cap(g.slots) {
		g.slots <- struct{}{}
	}
	return func() {
		for range cap(g.slots) {
			<-g.slots
		}
	}
}

// calm reports whether no turn is under way.
func (d *door) calm() bool { return len(d.l.gates.brief.slots)+len(d.l.gates.large.slots) == 0 }

// TestProvenDoNotQueue: a connection whose last answer was for a good token is served while
// strangers stand before the gate; those are when it is free again.
func TestProvenDoNotQueue(t *testing.T) {
	d := open(t, func(*Config) {})
	d.proven = true
	user := d.dial("127.0.0.1")
	user.get("/")
	user.want(200, "hello")
	eventually(t, "the user is idle", func() bool { return d.resting() == 1 })
	leave := fill(&d.l.gates.brief)
	stranger := d.dial("127.0.0.2")
	stranger.get("/")
	eventually(t, "the stranger has come", func() bool { return d.l.Open() == 2 })
	user.get("/")
	user.want(200, "hello")
	if n := d.served.Load(); n != 2 {
		t.Errorf("%d requests were served, want the user's two", n)
	}
	leave()
	stranger.want(200, "hello")
}

// TestLargeHeadersStandApart: a newcomer doesn't stand behind those who send large headers, and
// these get through one at a time.
func TestLargeHeadersStandApart(t *testing.T) {
	d := open(t, func(*Config) {})
	leave := fill(&d.l.gates.large)
	large := d.dial("127.0.0.1")
	large.get("/" + strings.Repeat("x", 100<<10))
	eventually(t, "the large header is on its way", func() bool {
		d.l.mu.Lock()
		defer d.l.mu.Unlock()
		return d.l.fresh.first != nil && d.l.fresh.first.isLarge()
	})
	brief := d.dial("127.0.0.1")
	brief.get("/")
	brief.want(200, "hello")
	if n := d.served.Load(); n != 1 {
		t.Errorf("%d requests were served, want the brief one", n)
	}
	leave()
	large.want(200, "hello")
}

// TestGatesEmpty: however connections end, nobody keeps a place in a gate.
func TestGatesEmpty(t *testing.T) {
	d := open(t, func(*Config) {})
	served, cut, silent := d.dial("127.0.0.1"), d.dial("127.0.0.1"), d.dial("127.0.0.1")
	served.get("/")
	served.want(200, "hello")
	cut.send("GET / HT")
	cut.conn.Close()
	wrong := d.dial("127.0.0.1")
	wrong.send("no request\r\n\r\n")
	wrong.want(http.StatusBadRequest, "")
	busy := d.dial("127.0.0.1")
	busy.get("/block")
	<-d.busy
	eventually(t, "the gates are empty while one waits for its answer", d.calm)
	close(d.block)
	busy.want(200, "hello")
	silent.conn.Close()
	eventually(t, "the gates are empty", d.calm)
}

// TestSocketsTakeTurns: what a stranger sends on a WebSocket is read in turns, and what a client
// with a good token sends is not. A socket that is closed keeps no place.
func TestSocketsTakeTurns(t *testing.T) {
	d := open(t, func(*Config) {})
	sockets := make(chan net.Conn, 1)
	d.hijack = func(nc net.Conn) { sockets <- nc }
	client := d.dial("127.0.0.1")
	client.get("/hijack")
	nc := <-sockets
	c := Of(nc)
	b := make([]byte, 1)
	leave := fill(&d.l.gates.brief)
	client.send("a")
	read := make(chan error, 1)
	go func() { _, err := nc.Read(b); read <- err }()
	eventually(t, "it waits for its turn", func() bool {
		c.mu.Lock()
		defer c.mu.Unlock()
		return c.header.bytes == 1 || d.l.gates.brief.line.has(c)
	})
	select {
	case <-read:
		t.Error("a stranger's byte was handed over without a turn")
	default:
	}
	leave()
	if err := <-read; err != nil || len(d.l.gates.brief.slots) != 1 {
		t.Errorf("%v, %d inside, want the one", err, len(d.l.gates.brief.slots))
	}
	c.Proven(true)
	c.Rest()
	leave = fill(&d.l.gates.brief)
	client.send("b")
	if _, err := nc.Read(b); err != nil {
		t.Error(err)
	}
	leave()
	c.Proven(false)
	client.send("c")
	_ = nc.Close()
	_, _ = nc.Read(b)
	if n := len(d.l.gates.brief.slots); n != 0 {
		t.Errorf("%d inside after the end", n)
	}
}
