package socket

import (
	"context"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/coder/websocket"
	"go.uber.org/goleak"

	"github.com/scaiwave/presence/cluster"
	"github.com/scaiwave/presence/gateway/auth"
	"github.com/scaiwave/presence/gateway/hub"
	"github.com/scaiwave/presence/gateway/people"
	"github.com/scaiwave/presence/gateway/tenant"
	"github.com/scaiwave/presence/gateway/wire"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// env is a node, its sockets and an HTTP server, over pipes. Inside a synctest bubble it needs no
// time.
type env struct {
	t    testing.TB
	node *cluster.Node
	hub  *hub.Hub
	srv  *Server
	http *http.Server
	lis  *pipeListener
	dial *http.Transport
	told int // times that tell was called
}

type sink struct {
	*hub.Hub
	*Server
}

func (s sink) Displaced() { s.Server.SendAway() }

// way is a kind of connection: what it is made of, and how it waits for its client, in a reader or
// without one, as in the poller's set. Where nothing can be written without waiting, all is written
// by writers.
type way struct {
	name     string
	pair     func(testing.TB) (ours, theirs net.Conn)
	sourceOf func(net.Conn, *conn) source
}

var (
	piped  = way{"pipe", pumpedPipe, func(net.Conn, *conn) source { return nil }}
	hushed = way{"silent pipe", pumpedPipe, silentPipe}
)

// ways are all that there are on this system.
var ways = []way{piped, hushed}

func pumpedPipe(testing.TB) (ours, theirs net.Conn) {
	ours, theirs = net.Pipe()
	return ours, newPumped(theirs)
}

// run runs f in virtual time, once each way.
func run(t *testing.T, adjust func(*Config), f func(e *env)) {
	t.Helper()
	runEach(t, ways, adjust, f)
}

// runPiped runs f over pipes alone, where nothing is buffered: what isn't read isn't written.
func runPiped(t *testing.T, adjust func(*Config), f func(e *env)) {
	t.Helper()
	runEach(t, []way{piped, hushed}, adjust, f)
}

func runEach(t *testing.T, ways []way, adjust func(*Config), f func(e *env)) {
	t.Helper()
	for _, w := range ways {
		t.Run(w.name, func(t *testing.T) { w.run(t, adjust, f) })
	}
}

func (w way) run(t *testing.T, adjust func(*Config), f func(e *env)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		e := newEnv(t, adjust)
		e.lis.pair = func() (net.Conn, net.Conn) { return w.pair(t) }
		e.srv.sourceOf = w.sourceOf
		defer e.close()
		f(e)
	})
}

func newEnv(t testing.TB, adjust func(*Config)) *env {
	t.Helper()
	return newTimedEnv(t, cluster.DefaultSettings(), adjust)
}

func newTimedEnv(t testing.TB, timings cluster.Settings, adjust func(*Config)) *env {
	t.Helper()
	node, err := cluster.New(cluster.Config{NodeID: "node-1", Partitions: 8, Settings: timings})
	if err != nil {
		t.Fatal(err)
	}
	e := &env{t: t, node: node, lis: newPipeListener()}
	e.hub = hub.New(node, EncodeChange, hub.MaxWatched)
	cfg := Config{
		Limits: DefaultLimits(), Node: node, People: people.Of(node), Hub: e.hub, Authenticate: authenticateTest,
		NodeID:            node.ID(),
		HeartbeatInterval: timings.HeartbeatInterval, Deadline: timings.Deadline(),
	}
	if adjust != nil {
		adjust(&cfg)
	}
	e.srv = New(cfg)
	node.SetSink(sink{e.hub, e.srv})
	node.Start()
	e.serve()
	return e
}

func (e *env) serve() {
	handler := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if err := e.srv.Serve(w, r, headerIdentity(r)); err != nil {
			w.WriteHeader(err.Status())
			_, _ = w.Write(err.AppendProblem(nil))
		}
	})
	e.http = &http.Server{Handler: handler, ErrorLog: log.New(io.Discard, "", 0)}
	go func() { _ = e.http.Serve(e.lis) }()
	e.dial = &http.Transport{DialContext: e.lis.dialContext}
}

func (e *env) close() {
	_ = e.http.Close()
	e.srv.Close()
	e.node.Close()
	e.dial.CloseIdleConnections()
}

// authenticateTest: "bad" is wrong, "old" has expired, "down" can't be checked, "ann/5s" expires in
// 5 s.
func authenticateTest(_ context.Context, token string) (auth.Identity, error) {
	name, life, ok := strings.Cut(token, "/")
	id := auth.Identity{Participant: tenant.Participant(name)}
	switch {
	case token == "bad":
		return id, fmt.Errorf("%w: %w", auth.ErrUnauthorized, wire.Errorf(wire.Unauthorized, "bad"))
	case token == "old":
		return id, fmt.Errorf("%w: %w", auth.ErrExpired, wire.Errorf(wire.Unauthorized, "old"))
	case token == "down":
		return id, fmt.Errorf("%w: %w", auth.ErrUnavailable, wire.Errorf(wire.Unavailable, "down"))
	case ok && life == "ages":
		id.Expires = time.Date(9999, 1, 1, 0, 0, 0, 0, time.UTC)
		return id, nil
	case ok:
		d, err := time.ParseDuration(life)
		id.Expires = time.Now().Add(d)
		return id, err
	}
	return id, nil
}

func headerIdentity(r *http.Request) *auth.Identity {
	token, ok := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	if !ok {
		return nil
	}
	id, err := authenticateTest(r.Context(), token)
	if err != nil {
		return nil
	}
	return &id
}

// client is a WebSocket client whose messages are read as they come.
type client struct {
	t    testing.TB
	ws   *websocket.Conn
	msgs chan string
	err  error // why it ended; after msgs is closed
}

// connect opens a socket; nothing is read from it until start.
func (e *env) connect(header http.Header) *client {
	e.t.Helper()
	ws, _, err := websocket.Dial(context.Background(), "ws://presence/v1/ws", &websocket.DialOptions{
		HTTPClient: &http.Client{Transport: e.dial}, HTTPHeader: header, Subprotocols: []string{Subprotocol},
	})
	if err != nil {
		e.t.Fatal(err)
	}
	ws.SetReadLimit(-1)
	return &client{t: e.t, ws: ws, msgs: make(chan string, 10_000)}
}

func (c *client) start() *client {
	go func() {
		defer close(c.msgs)
		for {
			_, b, err := c.ws.Read(context.Background())
			if err != nil {
				c.err = err
				return
			}
			c.msgs <- string(b)
		}
	}()
	return c
}

func (e *env) open() *client { return e.connect(nil).start() }

// join says hello and reads welcome and self. No device: a watcher.
func (e *env) join(token, device string) *client {
	e.t.Helper()
	c := e.open()
	c.send(`{"type":"hello","token":%q%s}`, token, optional(`,"device_id":`, device))
	if m := c.next(); !strings.Contains(m, `"type":"welcome"`) {
		e.t.Fatalf("hello was answered by %s", m)
	}
	if m := c.next(); !strings.Contains(m, `"type":"self"`) {
		e.t.Fatalf("welcome was followed by %s", m)
	}
	return c
}

func optional(name, value string) string {
	if value == "" {
		return ""
	}
	return name + `"` + value + `"`
}

func (c *client) send(format string, args ...any) {
	c.t.Helper()
	if err := c.ws.Write(context.Background(), websocket.MessageText, fmt.Appendf(nil, format, args...)); err != nil {
		c.t.Fatalf("send: %v", err)
	}
}

// next is the next message. It waits for a virtual hour at most.
func (c *client) next() string {
	c.t.Helper()
	select {
	case m, ok := <-c.msgs:
		if !ok {
			c.t.Fatalf("closed: %v", c.err)
		}
		return m
	case <-time.After(time.Hour):
		c.t.Fatal("no message")
		return ""
	}
}

func (c *client) want(m string) {
	c.t.Helper()
	if got := c.next(); got != m {
		c.t.Errorf("got  %s\nwant %s", got, m)
	}
}

// wantPastSelf is want, but its own state may come first: nobody says which of them is quicker.
func (c *client) wantPastSelf(m string) {
	c.t.Helper()
	for got := c.next(); got != m; got = c.next() {
		if !strings.Contains(got, `"type":"self"`) {
			c.t.Fatalf("got  %s\nwant %s", got, m)
		}
	}
}

func (c *client) wantPart(parts ...string) {
	c.t.Helper()
	got := c.next()
	for _, p := range parts {
		if !strings.Contains(got, p) {
			c.t.Errorf("got %s, want it to contain %s", got, p)
		}
	}
}

// quiet fails if anything comes for d.
func (c *client) quiet(d time.Duration) {
	c.t.Helper()
	select {
	case m, ok := <-c.msgs:
		c.t.Errorf("got %q (open: %t, %v), want nothing", m, ok, c.err)
	case <-time.After(d):
	}
}

// closed reads on to the end and returns the close code, -1 if there was no close frame.
func (c *client) closed() int {
	c.t.Helper()
	late := time.After(time.Hour)
	for {
		select {
		case _, ok := <-c.msgs:
			if !ok {
				return int(websocket.CloseStatus(c.err))
			}
		case <-late:
			c.t.Fatal("not closed")
		}
	}
}

func (c *client) wantClose(code closeCode) {
	c.t.Helper()
	if got := c.closed(); got != int(code) {
		c.t.Errorf("closed with %d (%v), want %d", got, c.err, code)
	}
}

func (c *client) leave() { _ = c.ws.CloseNow() }

// pipeListener accepts what dialContext connects.
type pipeListener struct {
	pair  func() (ours, theirs net.Conn)
	conns chan net.Conn
	done  chan struct{}
	once  sync.Once
}

func newPipeListener() *pipeListener {
	pipe := func() (net.Conn, net.Conn) { return pumpedPipe(nil) }
	return &pipeListener{pair: pipe, conns: make(chan net.Conn), done: make(chan struct{})}
}

func (l *pipeListener) dialContext(ctx context.Context, _, _ string) (net.Conn, error) {
	ours, theirs := l.pair()
	select {
	case l.conns <- theirs:
		return ours, nil
	case <-l.done:
		return nil, net.ErrClosed
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

func (l *pipeListener) Accept() (net.Conn, error) {
	select {
	case c := <-l.conns:
		return c, nil
	case <-l.done:
		return nil, net.ErrClosed
	}
}

func (l *pipeListener) Close() error {
	l.once.Do(func() { close(l.done) })
	return nil
}

func (l *pipeListener) Addr() net.Addr { return pipeAddr{} }

type pipeAddr struct{}

func (pipeAddr) Network() string { return "pipe" }
func (pipeAddr) String() string  { return "pipe" }
