package issuers

import (
	"context"
	"net/http"
	"strings"
	"testing"

	"github.com/coder/websocket"
	"github.com/go-json-experiment/json"

	"github.com/scaiwave/presence/bench/target"
)

// node is one process of "presence serve".
type node struct{ url string }

func newNode(t *testing.T, flags ...string) node {
	t.Helper()
	free, err := target.Ports(2)
	if err != nil {
		t.Fatal(err)
	}
	args := append([]string{program, "serve", "--listen=" + free[0], "--admin-listen=" + free[1], "--auth=jwt"},
		flags...)
	begin(t, "http://"+free[1]+"/readyz", args...)
	return node{"http://" + free[0]}
}

// ask makes one request, and returns what came of it.
func (n node) ask(t *testing.T, token, method, path, content string) (*http.Response, string) {
	t.Helper()
	r, err := http.NewRequest(method, n.url+path, strings.NewReader(content))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Authorization", "Bearer "+token)
	if content != "" {
		r.Header.Set("Content-Type", "application/json")
	}
	res := must(client.Do(r))(t)
	return res, body(t, res)
}

// want asks and compares the status.
func (n node) want(t *testing.T, status int, token, method, path, content string) *http.Response {
	t.Helper()
	res, text := n.ask(t, token, method, path, content)
	if res.StatusCode != status {
		t.Fatalf("%s %s: %s: %s; want %d", method, path, res.Status, text, status)
	}
	return res
}

// message is what a socket says.
type message struct {
	Type        string `json:"type"`
	Code        string `json:"code"`
	Message     string `json:"message"`
	Participant string `json:"participant_id"`
}

// socket is one that has not said hello.
func (n node) socket(t *testing.T) *websocket.Conn {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	options := &websocket.DialOptions{Subprotocols: []string{"presence.v1"}, HTTPClient: client}
	ws, _, err := websocket.Dial(ctx, n.url+"/v1/ws", options)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = ws.CloseNow() })
	return ws
}

// hello says it, and returns the answer.
func hello(t *testing.T, ws *websocket.Conn, token string) (m message) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	said := must(json.Marshal(map[string]string{"type": "hello", "token": token, "req": "1"}))(t)
	if err := ws.Write(ctx, websocket.MessageText, said); err != nil {
		t.Fatal(err)
	}
	_, text, err := ws.Read(ctx)
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(text, &m); err != nil {
		t.Fatalf("%v: %s", err, text)
	}
	return m
}
