package e2e

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/coder/websocket"
)

// TestConnectionRate: past the burst each message gets an error and the
// connection stays; one that stops in time may go on.
func TestConnectionRate(t *testing.T) {
	t.Parallel()
	s := start(t, "--connection-rate=2")
	ann := s.as("ann")
	w := ann.connect(t, "d")
	for range 30 {
		w.send(t, obj{"type": "heartbeat", "activity": "online"})
	}
	f := w.awaitType(t, "error")
	if f.Code != "rate_limited" {
		t.Fatalf("flood answered by %s", f.raw)
	}
	calmDown := time.Now()
	eventually(t, "two seconds pass", func() bool { return time.Since(calmDown) > 2*time.Second })
	w.want(t, "ok", obj{"type": "heartbeat", "activity": "idle"})
	ann.wantState(t, "ann", "idle")
}

// TestConnectionRateBurst: the burst is five times the rate, and by default 100.
func TestConnectionRateBurst(t *testing.T) {
	t.Parallel()
	s := start(t)
	w := s.as("ann").connect(t, "d")
	for i := range 99 {
		w.send(t, obj{"type": "query", "req": fmt.Sprint(i), "ids": []string{"a"}})
	}
	w.awaitAnswer(t, "98")
	for _, f := range w.all() {
		if f.Type == "error" {
			t.Fatalf("within the burst: %s", f.raw)
		}
	}
	for range 200 {
		w.send(t, obj{"type": "query", "req": "more", "ids": []string{"a"}})
	}
	refusal := func(f frame) bool { return f.Type == "error" }
	if f := w.await(t, "refusal", refusal); f.Code != "rate_limited" || f.Req != "more" {
		t.Errorf("past the burst: %s", f.raw)
	}
}

// TestFloodIsClosed: a connection that goes on for ten seconds is closed.
func TestFloodIsClosed(t *testing.T) {
	t.Parallel()
	s := start(t, "--connection-rate=2")
	w := s.as("ann").connect(t, "d")
	begin := time.Now()
	go func() {
		for i := 0; time.Since(begin) < patience; i++ {
			msg := fmt.Appendf(nil, `{"type":"heartbeat","activity":"online","req":"r%d"}`, i)
			if w.conn.Write(context.Background(), websocket.MessageText, msg) != nil {
				return
			}
			time.Sleep(20 * time.Millisecond)
		}
	}()
	w.wantClose(t, 4008)
	sign{begin, begin}.wantAfter(t, "close", time.Now(), 9*time.Second, 5*time.Second)
	if f := w.await(t, "refusal", func(f frame) bool { return f.Type == "error" }); f.Code != "rate_limited" {
		t.Errorf("a flood is answered by %s", f.raw)
	}
}

// TestSlowConsumer: a client that stops reading is given up, without linger and
// without harm to the others.
func TestSlowConsumer(t *testing.T) {
	t.Parallel()
	// The slow one beats once, and is to be online however long all this takes.
	s := start(t, "--linger=1ms", "--connection-rate=1000", "--heartbeat-interval=10m")
	slow := s.as("slow").narrow(t)
	ids := names(strings.Repeat("x", 120), 5000)
	for i := 0; i < len(ids); i += 1000 {
		slow.send(t, obj{"type": "subscribe", "ids": ids[i : i+1000]})
	}
	swift := s.as("swift").connect(t, "")
	swift.watch(t, ids[0])
	for range 10 {
		for _, activity := range []string{"online", "idle"} {
			s.beatAll(t, ids, activity)
			swift.awaitState(t, ids[0], activity)
		}
	}
	eventually(t, "the slow consumer is given up", func() bool { return strings.Contains(metric(t, s, "4005"), "} 1") })
	s.as("swift").wantState(t, "slow", "online")
	if code := websocket.CloseStatus(listen(t, "slow", slow.conn).awaitEnd(t)); code != 4005 && code != -1 {
		t.Errorf("closed with %d", code)
	}
}

// narrow says hello over a connection with a small buffer, so that it is soon
// full, and doesn't read.
func (c caller) narrow(t testing.TB) *socket {
	t.Helper()
	transport := &http.Transport{DialContext: func(ctx context.Context, network, addr string) (net.Conn, error) {
		conn, err := new(net.Dialer).DialContext(ctx, network, addr)
		if err != nil {
			return nil, err
		}
		return conn, conn.(*net.TCPConn).SetReadBuffer(64 << 10)
	}}
	conn, _, err := websocket.Dial(t.Context(), "ws://"+c.s.addr+"/v1/ws", &websocket.DialOptions{
		HTTPClient: &http.Client{Transport: transport}, Subprotocols: []string{"presence.v1"},
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.CloseNow() })
	conn.SetReadLimit(-1)
	w := &socket{newFeed("narrow socket of " + c.token), conn}
	w.send(t, c.helloMessage(obj{"device_id": "d"}))
	return w
}

// beatAll is a heartbeat of one device of each participant.
func (s *server) beatAll(t testing.TB, ids []string, activity string) {
	t.Helper()
	var beats []any
	for _, id := range ids {
		beats = append(beats, obj{"participant_id": id, "device_id": "d", "activity": activity})
	}
	s.acceptAll(t, "heartbeats", "heartbeats", beats)
}

// metric gives the lines of the server's metrics that mention name and aren't
// zero.
func metric(t testing.TB, s *server, name string) string {
	t.Helper()
	var found []string
	for line := range strings.Lines(s.adminGet(t, "/metrics").want(t, 200).body) {
		if strings.Contains(line, name) && !strings.HasPrefix(line, "#") && !strings.HasSuffix(line, " 0\n") {
			found = append(found, line)
		}
	}
	return strings.Join(found, "")
}
