package admit

import (
	"net"
	"testing"
)

// hold has n clients send a part of a header, and n more ask for a socket and say nothing. It
// returns these sockets.
func (d *door) hold(n int) (sockets []net.Conn) {
	d.t.Helper()
	upgraded := make(chan net.Conn, n)
	d.hijack = func(nc net.Conn) { upgraded <- nc }
	for range n {
		d.dial("127.0.0.1").send("GET / HTTP/1.1\r\nHos")
		d.dial("127.0.0.1").get("/hijack")
		nc := <-upgraded
		sockets = append(sockets, nc)
		go func() { _, _ = nc.Read(make([]byte, 1)) }()
	}
	return sockets
}

// TestThoseWhoHoldBackKeepNobodyOut: there are as many turns as processors, and the crowd is full;
// still who sends something is served.
func TestThoseWhoHoldBackKeepNobodyOut(t *testing.T) {
	d := open(t, func(c *Config) { c.Crowd = 5 })
	d.hold(20)
	eventually(t, "nobody has a turn while all hold back", d.calm)
	for range 3 {
		newcomer := d.dial("127.0.0.1")
		newcomer.get("/")
		newcomer.want(200, "hello")
	}
	if n := d.l.greeted.Load(); n < 40 {
		t.Errorf("%d are being greeted, want the 40 that hold back", n)
	}
}

// TestGreetingsEnd: by an answer, a good token or the end.
func TestGreetingsEnd(t *testing.T) {
	d := open(t, func(*Config) {})
	sockets := d.hold(2)
	served := d.dial("127.0.0.1")
	served.get("/")
	served.want(200, "hello")
	eventually(t, "the answered one isn't greeted any more", func() bool { return d.l.greeted.Load() == 4 })
	Of(sockets[0]).Proven(true)
	Of(sockets[0]).Proven(true)
	sockets[1].Close()
	sockets[1].Close()
	if n := d.l.greeted.Load(); n != 2 {
		t.Errorf("%d are being greeted, want the two with half a header", n)
	}
}
