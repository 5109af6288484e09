package admit

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// door is an http.Server behind a Listener on loopback, of which 127.0.0.0/8 is a client each.
type door struct {
	t testing.TB
	l *Listener
	// block keeps requests for /block until it is closed.
	block chan struct{}
	busy  chan struct{} // one for each that has come so far

	proven bool           // answers are for a good token
	hijack func(net.Conn) // gets the connection of a request for /hijack
	served atomic.Int64
}

func open(t testing.TB, edit func(*Config)) *door {
	t.Helper()
	c := Config{
		Connections: 100, Pace: Pace{10 * time.Second, 512}, FreeHeaderBytes: 16 << 10,
		StrangerIdle: 5 * time.Second,
	}
	edit(&c)
	inner, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	d := &door{t: t, l: Listen(inner, c), block: make(chan struct{}), busy: make(chan struct{}, 100)}
	s := &http.Server{
		ConnContext: withConn, Handler: d, ConnState: State, MaxHeaderBytes: 1 << 20,
		IdleTimeout: time.Minute,
	}
	ended := make(chan struct{})
	go func() { _ = s.Serve(d.l); close(ended) }()
	t.Cleanup(func() {
		_ = s.Close()
		<-ended
	})
	return d
}

func (d *door) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.URL.Path == "/block" {
		d.busy <- struct{}{}
		<-d.block
	}
	if r.URL.Path == "/hijack" {
		nc, _, err := http.NewResponseController(w).Hijack()
		if err != nil {
			d.t.Error(err)
			return
		}
		d.t.Cleanup(func() { nc.Close() })
		d.hijack(nc)
		return
	}
	d.served.Add(1)
	r.Context().Value(connKey{}).(*Conn).Proven(d.proven)
	fmt.Fprintf(w, "hello %s", r.RemoteAddr)
}

type connKey struct{}

func withConn(ctx context.Context, c net.Conn) context.Context {
	return context.WithValue(ctx, connKey{}, Of(c))
}

// client is a connection from one address.
type client struct {
	t    testing.TB
	conn net.Conn
	in   *bufio.Reader
}

func (d *door) dial(from string) *client {
	d.t.Helper()
	dialer := net.Dialer{LocalAddr: &net.TCPAddr{IP: net.ParseIP(from)}, Timeout: 2 * time.Minute}
	conn, err := dialer.Dial("tcp", d.l.Addr().String())
	if err != nil {
		d.t.Fatal(err)
	}
	d.t.Cleanup(func() { conn.Close() })
	_ = conn.SetDeadline(time.Now().Add(2 * time.Minute))
	return &client{d.t, conn, bufio.NewReader(conn)}
}

func (c *client) send(text string) {
	c.t.Helper()
	if _, err := io.WriteString(c.conn, text); err != nil {
		c.t.Fatal(err)
	}
}

func (c *client) get(path string) { c.send("GET " + path + " HTTP/1.1\r\nHost: x\r\n\r\n") }

// want reads an answer and checks its status and a part of it.
func (c *client) want(status int, part string) *http.Response {
	c.t.Helper()
	res, err := http.ReadResponse(c.in, nil)
	if err != nil {
		c.t.Fatalf("no answer: %v", err)
	}
	body, err := io.ReadAll(res.Body)
	if err != nil {
		c.t.Fatal(err)
	}
	if res.StatusCode != status || !strings.Contains(string(body), part) {
		c.t.Errorf("%d %s, want %d and %q", res.StatusCode, body, status, part)
	}
	return res
}

// wantEnd waits for the connection to end, with nothing more said.
func (c *client) wantEnd() {
	c.t.Helper()
	rest, err := io.ReadAll(c.in)
	if len(rest) > 0 || err != nil && strings.Contains(err.Error(), "timeout") {
		c.t.Errorf("the connection goes on: %q, %v", rest, err)
	}
}

// eventually waits for what another goroutine does without telling.
func eventually(t testing.TB, what string, ok func() bool) {
	t.Helper()
	for end := time.Now().Add(2 * time.Minute); !ok(); time.Sleep(time.Millisecond) {
		if time.Now().After(end) {
			t.Fatal("never: " + what)
		}
	}
}
