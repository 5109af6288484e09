package presence

import (
	"context"
	"net"
	"net/http"
	"sync"
	"testing"
	"time"

	"github.com/coder/websocket"
)

// server is a fake node in the test's bubble: each connection is handled by the next step, the last
// one again and again.
type server struct {
	t     *testing.T
	steps []func(*peer)
	pipes chan net.Conn
	dials []time.Duration // when clients came, since the start
	start time.Time
	http  http.Server
	mu    sync.Mutex
}

// peer is the server's end of a connection. Its methods fail the test.
type peer struct {
	s  *server
	t  *testing.T
	ws *websocket.Conn
}

func (p *peer) want(frame string) {
	p.t.Helper()
	_, got, err := p.ws.Read(p.t.Context())
	if err != nil || string(got) != frame {
		p.t.Errorf("the client sent %s (%v), want %s", got, err, frame)
	}
}

func (p *peer) say(frame string) {
	if err := p.ws.Write(p.t.Context(), websocket.MessageText, []byte(frame)); err != nil {
		p.t.Errorf("write: %v", err)
	}
}

// greet takes the hello, which has to be read before the welcome can be written: a pipe holds
// nothing.
func (p *peer) greet() {
	p.t.Helper()
	p.want(hello)
	p.say(welcome)
}

// hang reads until the client goes.
func (p *peer) hang() error {
	for {
		if _, _, err := p.ws.Read(p.t.Context()); err != nil {
			return err
		}
	}
}

const hello = `{"type":"hello","token":"ann","device_id":"d","activity":"online"}`

const welcome = `{"type":"welcome","participant_id":"ann","device_id":"d","heartbeat_interval_ms":30000,` +
	`"node":"n1","features":["status"],"later":[1]}`

func serve(t *testing.T, steps ...func(*peer)) *server {
	s := &server{t: t, steps: steps, pipes: make(chan net.Conn), start: time.Now()}
	s.http.Handler = http.HandlerFunc(s.accept)
	done := make(chan struct{})
	go func() { defer close(done); _ = s.http.Serve(s) }()
	t.Cleanup(func() { _ = s.http.Close(); <-done })
	return s
}

func (s *server) accept(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	step := s.steps[min(len(s.dials), len(s.steps)-1)]
	s.dials = append(s.dials, time.Since(s.start))
	s.mu.Unlock()
	if step == nil {
		w.WriteHeader(http.StatusServiceUnavailable)
		_, _ = w.Write([]byte(`{"code":"unavailable","detail":"this node is leaving"}`))
		return
	}
	ws, err := websocket.Accept(w, r, &websocket.AcceptOptions{Subprotocols: []string{subprotocol}})
	if err != nil {
		s.t.Errorf("accept: %v", err)
		return
	}
	defer ws.CloseNow()
	step(&peer{s, s.t, ws})
}

// Accept, Close and Addr make it a net.Listener of pipes.
func (s *server) Accept() (net.Conn, error) {
	c, ok := <-s.pipes
	if !ok {
		return nil, net.ErrClosed
	}
	return c, nil
}
func (s *server) Close() error   { close(s.pipes); return nil }
func (s *server) Addr() net.Addr { return &net.TCPAddr{} }

func (s *server) config() Config {
	transport := &http.Transport{DialContext: func(context.Context, string, string) (net.Conn, error) {
		here, there := net.Pipe()
		s.pipes <- there
		return here, nil
	}}
	return Config{Server: "http://node/", Token: "ann", Device: "d", HTTP: &http.Client{Transport: transport}}
}
