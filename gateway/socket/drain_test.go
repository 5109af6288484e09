package socket

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/coder/websocket"

	"github.com/scaiwave/presence/gateway/auth"
)

func TestDrainSpreads(t *testing.T) {
	run(t, func(c *Config) { c.MaxSockets = 1000 }, func(e *env) {
		clients := make([]*client, 200)
		for i := range clients {
			clients[i] = e.join(fmt.Sprint("p", i), "")
		}
		start := time.Now()
		go e.srv.Drain(context.Background())
		delays := make([]time.Duration, len(clients))
		closed := make([]time.Duration, len(clients))
		var all sync.WaitGroup
		for i, c := range clients {
			delays[i] = reconnectDelay(t, c.next())
			all.Go(func() {
				c.wantClose(closeGoingAway)
				closed[i] = time.Since(start)
			})
		}
		all.Wait()
		for i := range clients {
			if want := delays[i] + farewell; closed[i] < want || closed[i] > want+5*time.Millisecond {
				t.Errorf("told to reconnect after %v, closed after %v", delays[i], closed[i])
			}
		}
		slices.Sort(delays)
		if delays[0] != 0 || delays[100] != 100*time.Millisecond || delays[199] != 199*time.Millisecond {
			t.Errorf("delays are not spread: %v", delays)
		}
	})
}

func reconnectDelay(t *testing.T, m string) time.Duration {
	t.Helper()
	var r struct {
		Type    string
		AfterMS int64 `json:"after_ms"`
	}
	if err := json.Unmarshal([]byte(m), &r); err != nil || r.Type != "reconnect" {
		t.Fatalf("got %s (%v), want a reconnect", m, err)
	}
	return time.Duration(r.AfterMS) * time.Millisecond
}

func TestDrainWindow(t *testing.T) {
	s := New(Config{Deadline: 60 * time.Second})
	defer s.Close()
	if w := s.drainWindow(context.Background(), 10_000); w != 10*time.Second {
		t.Errorf("10,000 sockets within %v, want 10s", w)
	}
	if w := s.drainWindow(context.Background(), 1_000_000); w != 30*time.Second {
		t.Errorf("a million sockets within %v, want half a deadline", w)
	}
}

// Clients that never answer hold the drain up until its context ends, and no longer.
func TestDrainEndsWithContext(t *testing.T) {
	run(t, nil, func(e *env) {
		deaf := e.connect(nil)
		deaf.send(`{"type":"hello","token":"ann","device_id":"tab"}`)
		deaf.readOne(t, "welcome")
		ctx, cancel := context.WithTimeout(context.Background(), 3*time.Second)
		defer cancel()
		start := time.Now()
		e.srv.Drain(ctx)
		if d := time.Since(start); d > 3*time.Second {
			t.Errorf("drained after %v, want 3s", d)
		}
		if e.srv.Count() != 0 {
			t.Errorf("%d sockets are left", e.srv.Count())
		}
	})
}

func TestNoConnectionsWhileDraining(t *testing.T) {
	run(t, func(c *Config) { c.MaxConnections = 1 }, func(e *env) {
		ann := e.join("ann", "")
		if got := e.get(upgradeHeader()); !strings.HasPrefix(got, "503") ||
			!strings.Contains(got, `"code":"unavailable"`) {
			t.Errorf("above the limit: %s", got)
		}
		if n := e.srv.Stats().Refused; n != 1 {
			t.Errorf("%d refused, want 1", n)
		}
		go e.srv.Drain(context.Background())
		ann.wantClose(closeGoingAway)
		if got := e.get(upgradeHeader()); !strings.HasPrefix(got, "503") || !strings.Contains(got, "leaving") {
			t.Errorf("while draining: %s", got)
		}
	})
}

func upgradeHeader() http.Header {
	return http.Header{
		"Connection": {"Upgrade"}, "Upgrade": {"websocket"}, "Sec-Websocket-Version": {"13"},
		"Sec-Websocket-Key": {"AAAAAAAAAAAAAAAAAAAAAA=="},
	}
}

// get asks for the endpoint and returns status and body.
func (e *env) get(h http.Header) string {
	e.t.Helper()
	r, _ := http.NewRequest(http.MethodGet, "http://presence/v1/ws", nil)
	r.Header = h
	res, err := (&http.Client{Transport: e.dial}).Do(r)
	if err != nil {
		e.t.Fatal(err)
	}
	defer res.Body.Close()
	b, _ := io.ReadAll(res.Body)
	return res.Status + " " + string(b)
}

func TestHandshakeRefused(t *testing.T) {
	foreign := upgradeHeader()
	foreign.Set("Origin", "https://evil.example")
	old := upgradeHeader()
	old.Set("Sec-Websocket-Version", "8")
	tests := []struct {
		name, status, code string
		header             http.Header
	}{
		{"plain GET", "400", "bad_request", nil},
		{"version", "400", "bad_request", old},
		{"origin", "403", "forbidden", foreign},
	}
	run(t, nil, func(e *env) {
		for _, tt := range tests {
			if got := e.get(tt.header); !strings.HasPrefix(got, tt.status) ||
				!strings.Contains(got, `"code":"`+tt.code+`"`) {
				t.Errorf("%s: %s", tt.name, got)
			}
		}
		if e.srv.Count() != 0 {
			t.Error("a refused handshake is counted as a socket")
		}
	})
}

func TestSubprotocol(t *testing.T) {
	run(t, nil, func(e *env) {
		c := e.open()
		if got := c.ws.Subprotocol(); got != Subprotocol {
			t.Errorf("subprotocol %q", got)
		}
		ws, _, err := websocket.Dial(context.Background(), "ws://presence/v1/ws",
			&websocket.DialOptions{HTTPClient: &http.Client{Transport: e.dial}})
		if err != nil {
			t.Fatal(err)
		}
		defer ws.CloseNow()
		if err := ws.Write(context.Background(), websocket.MessageText,
			[]byte(`{"type":"hello","token":"ann"}`)); err != nil {
			t.Fatal(err)
		}
		if _, b, err := ws.Read(context.Background()); err != nil || !strings.Contains(string(b), "welcome") {
			t.Errorf("without a subprotocol: %s, %v", b, err)
		}
	})
}

// A client may send its hello in one packet with the request, before it has seen the answer.
func TestEarlyHello(t *testing.T) {
	run(t, nil, func(e *env) {
		nc, err := e.lis.dialContext(context.Background(), "", "")
		if err != nil {
			t.Fatal(err)
		}
		defer nc.Close()
		long := `{"type":"hello","token":"ann"}` + strings.Repeat(" ", 600) // more than the read buffer
		go nc.Write(append([]byte(handshake), maskedFrame(long)...))
		r := bufio.NewReader(nc)
		if res, err := http.ReadResponse(r, nil); err != nil || res.StatusCode != http.StatusSwitchingProtocols {
			t.Fatalf("%v, %v", res, err)
		}
		b := make([]byte, 40)
		if _, err := io.ReadFull(r, b); err != nil || !strings.Contains(string(b), "welcome") {
			t.Errorf("got %q, %v", b, err)
		}
	})
}

// maskedFrame is a client's text frame of 126 to 65,535 bytes, with a mask of zeros.
func maskedFrame(m string) []byte {
	return append([]byte{finText, 0x80 | len16, byte(len(m) >> 8), byte(len(m)), 0, 0, 0, 0}, m...)
}

func TestCloseEndsEverything(t *testing.T) {
	run(t, nil, func(e *env) {
		c, silent := e.join("ann", "tab"), e.open()
		e.srv.Close()
		if got := c.closed(); got != -1 {
			t.Errorf("close code %d from a server that doesn't wait", got)
		}
		silent.closed()
		if n := e.srv.Count(); n != 0 {
			t.Errorf("%d sockets are left", n)
		}
		if e := e.srv.Serve(nil, nil, &auth.Identity{}); e == nil || !strings.Contains(e.Detail, "leaving") {
			t.Errorf("a closed server takes a connection: %v", e)
		}
	})
}
