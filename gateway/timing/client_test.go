package timing

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/coder/websocket"
	"github.com/go-json-experiment/json"
)

// do sends a request as somebody, which must succeed, and returns how long the answer took.
func (tw *town) do(token, method, path string, body any) time.Duration {
	tw.t.Helper()
	took, said := tw.try(token, method, path, body)
	if bytes.Contains(said, []byte(`"code"`)) {
		tw.t.Fatalf("%s %s: %.300s", method, path, said)
	}
	return took
}

// try is do for a batch, of which items may be rejected.
func (tw *town) try(token, method, path string, body any) (took time.Duration, said []byte) {
	tw.t.Helper()
	b, err := json.Marshal(body)
	if err != nil {
		tw.t.Fatal(err)
	}
	r, err := http.NewRequestWithContext(tw.t.Context(), method, "http://"+tw.address+path, bytes.NewReader(b))
	if err != nil {
		tw.t.Fatal(err)
	}
	r.Header.Set("Authorization", "Bearer "+token)
	r.Header.Set("Content-Type", "application/json")
	if method == http.MethodGet {
		r.Body, r.ContentLength = nil, 0
	}
	start := time.Now()
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		tw.t.Fatal(err)
	}
	defer answer.Body.Close()
	said, err = io.ReadAll(answer.Body)
	took = time.Since(start)
	if err != nil || answer.StatusCode >= 300 {
		tw.t.Fatalf("%s %s: %d %.300s, %v", method, path, answer.StatusCode, said, err)
	}
	return took, said
}

// fewAtOnce is how many direct messages go in one call: so many a busy machine stores in the time
// that a call has.
const fewAtOnce = 500

// writes has somebody write with others, whose names begin so. What a busy machine rejects is sent
// again.
func (tw *town) writes(id, prefix string, others int) {
	tw.t.Helper()
	for from := 0; from < others; from += fewAtOnce {
		var all []any
		for i := from; i < min(from+fewAtOnce, others); i++ {
			all = append(all, map[string]any{"participants": []string{id, fmt.Sprint(prefix, i)}})
		}
		for tries := 0; ; tries++ {
			_, said := tw.try("service", "POST", "/v1/direct-messages", map[string]any{"direct_messages": all})
			if !bytes.Contains(said, []byte(`"code"`)) {
				break
			}
			if tries == 100 {
				tw.t.Fatalf("direct messages: %.300s", said)
			}
		}
	}
}

// socket is a viewer's WebSocket.
type socket struct {
	tw   *town
	conn *websocket.Conn
	req  int
}

func (tw *town) connect(viewer string) *socket {
	tw.t.Helper()
	conn, _, err := websocket.Dial(tw.t.Context(), "ws://"+tw.address+"/v1/ws", &websocket.DialOptions{
		HTTPHeader: http.Header{"Authorization": {"Bearer " + viewer}},
	})
	if err != nil {
		tw.t.Fatal(err)
	}
	tw.t.Cleanup(func() { _ = conn.CloseNow() })
	s := &socket{tw: tw, conn: conn}
	s.send(`{"type":"hello"}`)
	s.await(`"welcome"`)
	return s
}

func (s *socket) send(text string) {
	s.tw.t.Helper()
	if err := s.conn.Write(s.tw.t.Context(), websocket.MessageText, []byte(text)); err != nil {
		s.tw.t.Fatal(err)
	}
}

// await reads until there is a message with this in it.
func (s *socket) await(text string) string {
	s.tw.t.Helper()
	ctx, cancel := context.WithTimeout(s.tw.t.Context(), time.Minute)
	defer cancel()
	for {
		_, b, err := s.conn.Read(ctx)
		if err != nil {
			s.tw.t.Fatalf("waiting for %s: %v", text, err)
		}
		if strings.Contains(string(b), text) {
			return string(b)
		}
	}
}

// ask sends a message about an id, which must be answered with this in it, and returns how long
// that took.
func (s *socket) ask(t *testing.T, kind, id, want string) time.Duration {
	t.Helper()
	return s.askWith(t, kind, id, want, "")
}

// askFully is ask with statuses.
func (s *socket) askFully(t *testing.T, kind, id, want string) time.Duration {
	t.Helper()
	return s.askWith(t, kind, id, want, `,"with":["status"]`)
}

func (s *socket) askWith(t *testing.T, kind, id, want, with string) time.Duration {
	t.Helper()
	s.req++
	req := fmt.Sprintf(`"req":"%d"`, s.req)
	start := time.Now()
	s.send(fmt.Sprintf(`{"type":"%s",%s,"ids":["%s"]%s}`, kind, req, id, with))
	said := s.await(req)
	took := time.Since(start)
	if !strings.Contains(said, want) {
		t.Fatalf("%s of %s: %s, want %s", kind, id, said, want)
	}
	return took
}
