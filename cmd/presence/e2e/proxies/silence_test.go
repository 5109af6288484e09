package proxies

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/coder/websocket"
)

// quietSocket is one that sends nothing by itself; it answers pings, as browsers do.
type quietSocket struct {
	ws *websocket.Conn

	mu     sync.Mutex
	result bool  // a query was answered
	ended  error // why it is closed
}

func newQuietSocket(t *testing.T, b *browser) *quietSocket {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	ws, _, err := b.socket(ctx, b.base)
	if err != nil {
		t.Fatal(err)
	}
	q := &quietSocket{ws: ws}
	q.say(t, `{"type":"hello","token":"`+token("watcher", "")+`"}`)
	var reading sync.WaitGroup
	reading.Go(q.read)
	t.Cleanup(func() { _ = ws.CloseNow(); reading.Wait() })
	return q
}

func (q *quietSocket) say(t *testing.T, text string) {
	t.Helper()
	if err := q.ws.Write(t.Context(), websocket.MessageText, []byte(text)); err != nil {
		t.Error(err)
	}
}

func (q *quietSocket) read() {
	for {
		_, frame, err := q.ws.Read(context.Background())
		q.mu.Lock()
		q.ended, q.result = err, q.result || strings.Contains(string(frame), `"result"`)
		q.mu.Unlock()
		if err != nil {
			return
		}
	}
}

// answered returns nil once a query has been answered.
func (q *quietSocket) answered() error {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.ended != nil {
		return q.ended
	}
	if !q.result {
		return fmt.Errorf("no answer yet")
	}
	return nil
}

// TestSilence: sockets, and in full also streams, on which nothing happens for longer than the
// proxy allows. What the node sends by itself keeps them: after half a deadline without a sign, a
// ping.
func TestSilence(t *testing.T) {
	t.Parallel()
	for _, k := range kinds {
		t.Run(k.name, func(t *testing.T) {
			t.Parallel()
			p, change, flags := newPorts(t), asItIs, []string{"--trusted-proxies=127.0.0.1", "--node-id=n1"}
			silence := 3 * time.Minute
			if !full() { // pings after 10 s, and 20 s are too long
				silence, flags = 25*time.Second, append(flags, "--heartbeat-interval=5s", "--grace=10s")
				change = func(text string) string { return strings.ReplaceAll(text, " 90s", " 20s") }
			}
			newNode(t, hosts[0], p, flags...).awaitReady(t)
			x := newProxy(t, k, p, change)
			x.awaitAnswers(t)
			x.beSilent(t, silence)
		})
	}
}

func (x *proxy) beSilent(t *testing.T, silence time.Duration) {
	http1 := x.from(t, "127.0.0.1", false)
	var sockets []*quietSocket
	for range 20 {
		sockets = append(sockets, newQuietSocket(t, http1))
	}
	streams := x.quietStreams(t)
	time.Sleep(silence)
	for i, q := range sockets {
		q.say(t, `{"type":"query","ids":["a"],"req":"1"}`)
		eventually(t, fmt.Sprint("socket ", i, " after ", silence), q.answered)
	}
	http1.want(t, 204, "", "PUT", "/v1/presence/me/devices/d", token("late", ""), []byte(`{"activity":"online"}`))
	for _, s := range streams {
		s.want(t, "online")
	}
}

// quietStreams are one over HTTP/1.1 and one over HTTP/2. The 15 s in which they say something are
// no setting, so they are for the full size alone.
func (x *proxy) quietStreams(t *testing.T) (streams []*events) {
	t.Helper()
	for _, h2 := range []bool{false, true} {
		if !full() {
			break
		}
		s, err := x.from(t, "127.0.0.1", h2).stream(t.Context(), "late", token("watcher", ""))
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = s.res.Body.Close() })
		s.want(t, "offline")
		streams = append(streams, s)
	}
	return streams
}
