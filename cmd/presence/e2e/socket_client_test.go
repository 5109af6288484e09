package e2e

import (
	"context"
	"net/http"
	"testing"
	"time"

	"github.com/coder/websocket"
	"github.com/go-json-experiment/json"
)

// socket is a WebSocket client: what it receives is in its feed.
type socket struct {
	*feed
	conn *websocket.Conn
}

// dial opens a connection and says nothing; nobody reads it yet.
func (c caller) dial(t testing.TB, header http.Header) (*websocket.Conn, *http.Response, error) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	conn, res, err := websocket.Dial(ctx, "ws"+c.s.url[len("http"):]+"/v1/ws", &websocket.DialOptions{
		HTTPClient: &http.Client{Transport: c.s.http.Transport}, HTTPHeader: header,
		Subprotocols: []string{"presence.v1"},
	})
	if conn != nil {
		conn.SetReadLimit(64 << 20)
		t.Cleanup(func() { conn.CloseNow() })
	}
	return conn, res, err
}

// mute opens a connection without a token or a word, and reads what comes.
func (c caller) mute(t testing.TB) *socket {
	t.Helper()
	conn, _, err := c.dial(t, nil)
	if err != nil {
		t.Fatal(err)
	}
	return listen(t, c.token, conn)
}

// listen reads conn into a feed until it ends; the library answers pings.
func listen(t testing.TB, name string, conn *websocket.Conn) *socket {
	w := &socket{newFeed("socket of " + name), conn}
	done := make(chan struct{})
	go func() {
		defer close(done)
		for {
			_, raw, err := conn.Read(context.Background())
			if err != nil {
				w.end(err)
				return
			}
			fr := frame{raw: string(raw), at: time.Now()}
			if err := json.Unmarshal(raw, &fr, json.RejectUnknownMembers(true)); err != nil {
				w.end(err)
				conn.CloseNow()
				return
			}
			w.add(fr)
		}
	}()
	t.Cleanup(func() {
		conn.CloseNow()
		<-done
	})
	return w
}

// connect says hello and waits for the welcome. An empty device is a watcher.
func (c caller) connect(t testing.TB, device string) *socket {
	t.Helper()
	hello := obj{}
	if device != "" {
		hello["device_id"] = device
	}
	return c.hello(t, hello)
}

func (c caller) hello(t testing.TB, fields obj) *socket {
	t.Helper()
	w := c.mute(t)
	w.send(t, c.helloMessage(fields))
	w.awaitType(t, "welcome")
	return w
}

// helloMessage is a hello with the caller's token and these fields.
func (c caller) helloMessage(fields obj) obj {
	msg := obj{"type": "hello", "token": c.token}
	for k, v := range fields {
		msg[k] = v
	}
	return msg
}

// send writes a message; a string goes as it is.
func (w *socket) send(t testing.TB, msg any) {
	t.Helper()
	raw, ok := msg.(string)
	if !ok {
		b, err := json.Marshal(msg)
		if err != nil {
			t.Fatal(err)
		}
		raw = string(b)
	}
	w.write(t, websocket.MessageText, raw)
}

func (w *socket) write(t testing.TB, kind websocket.MessageType, raw string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	if err := w.conn.Write(ctx, kind, []byte(raw)); err != nil {
		t.Fatalf("%s: write: %v", w.name, err)
	}
}

// awaitType waits for a frame of that type that answers no req.
func (w *socket) awaitType(t testing.TB, kind string) frame {
	t.Helper()
	return w.await(t, kind, func(f frame) bool { return f.Type == kind && f.Req == "" })
}

// awaitSelf waits until the participant is told that about itself.
func (w *socket) awaitSelf(t testing.TB, state, override string) frame {
	t.Helper()
	return w.await(t, "self "+state+" "+override, func(f frame) bool {
		return f.Type == "self" && f.State == state && f.Override == override
	})
}

// ask sends msg with a req and gives the answer to it, whatever type it has.
func (w *socket) ask(t testing.TB, msg obj) frame {
	t.Helper()
	req, ok := msg["req"].(string)
	if !ok {
		req = who("req")
		msg["req"] = req
	}
	w.send(t, msg)
	return w.awaitAnswer(t, req)
}

// want asks and checks the type of the answer.
func (w *socket) want(t testing.TB, kind string, msg obj) frame {
	t.Helper()
	f := w.ask(t, msg)
	if f.Type != kind {
		t.Fatalf("%s: %v was answered by %.300s, want %s", w.name, msg["type"], f.raw, kind)
	}
	return f
}

// refused asks and checks that the answer is an error with that code.
func (w *socket) refused(t testing.TB, code string, msg obj) {
	t.Helper()
	f := w.ask(t, msg)
	if f.Type != "error" || f.Code != code || f.Message == "" {
		t.Errorf("%s: %.200v was answered by %.300s, want error %s", w.name, msg, f.raw, code)
	}
}

// watch subscribes and gives the snapshot.
func (w *socket) watch(t testing.TB, ids ...string) map[string]string {
	t.Helper()
	return w.want(t, "presence", obj{"type": "subscribe", "ids": ids}).States
}

// cut drops the connection without a close frame or goodbye.
func (w *socket) cut() { w.conn.CloseNow() }

// wantClose waits for the end and checks the close code.
func (w *socket) wantClose(t testing.TB, code websocket.StatusCode) {
	t.Helper()
	if err := w.awaitEnd(t); websocket.CloseStatus(err) != code {
		t.Errorf("%s: closed with %v, want %d; it had received %.600s", w.name, err, code, w.text())
	}
}
