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
	w.await(t, "99th result", func(f frame) bool { return f.Req == "98" })
	for _, f := range w.all() {
		if f.Type == "error" {
			t.Fatalf("within the burst: %s", f.raw)
		}
	}
	for range 200 {
		w.send(t, obj{"type": "query", "req": "more", "ids": []string{"a"}})
	}
	if f := w.awaitType(t, "error"); f.Code != "rate_limited" || f.Req != "more" {
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
	w.awaitType(t, "error")
}

// TestSlowConsumer: a client that stops reading is given up, without linger and
// without harm to the others. Small buffers make it happen soon.
func TestSlowConsumer(t *testing.T) {
	t.Parallel()
	s := start(t, "--linger=1ms", "--connection-rate=1000")
	slow := s.as("slow")
	dialer := net.Dialer{Timeout: patience}
	client := &http.Client{Transport: &http.Transport{DialContext: func(ctx context.Context, network, addr string) (net.Conn, error) {
		c, err := dialer.DialContext(ctx, network, addr)
		if err == nil {
			err = c.(*net.TCPConn).SetReadBuffer(4 << 10)
		}
		return c, err
	}}}
	t.Cleanup(client.CloseIdleConnections)
	conn, _, err := websocket.Dial(t.Context(), "ws://"+s.addr+"/v1/ws", &websocket.DialOptions{HTTPClient: client})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.CloseNow() })
	conn.SetReadLimit(-1)
	w := &socket{newFeed("slow"), conn}
	w.send(t, slow.helloMessage(obj{"device_id": "d"}))
	ids := names(strings.Repeat("x", 120), 5000)
	for i := 0; i < len(ids); i += 1000 {
		w.send(t, obj{"type": "subscribe", "ids": ids[i : i+1000]})
	}
	quick := s.as("quick").connect(t, "")
	quick.watch(t, ids[0])

	flip := func(activity string) {
		var beats []any
		for _, id := range ids {
			beats = append(beats, obj{"participant_id": id, "device_id": "d", "activity": activity})
		}
		s.as(service).do(t, "POST", "/v1/heartbeats", obj{"heartbeats": beats}).want(t, 200)
	}
	eventually(t, "the slow consumer is counted as closed", func() bool {
		flip("online")
		quick.awaitState(t, ids[0], "online")
		flip("idle")
		quick.awaitState(t, ids[0], "idle")
		return strings.Contains(metric(t, s, "slow_consumer"), "1")
	})
	slow.wantState(t, "slow", "online")
	if code := websocket.CloseStatus(listen(t, "slow", conn).awaitEnd(t)); code != 4005 && code != -1 {
		t.Errorf("closed with %d", code)
	}
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
