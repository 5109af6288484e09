package gateway

import (
	"context"
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/coder/websocket"

	"github.com/scaiwave/presence/gateway/wire"
)

// dial opens a WebSocket; header token, or "" for none.
func (s *serving) dial(t *testing.T, token string) *websocket.Conn {
	t.Helper()
	o := &websocket.DialOptions{HTTPClient: s.client, Subprotocols: []string{"presence.v1"}}
	if token != "" {
		o.HTTPHeader = map[string][]string{"Authorization": {"Bearer " + token}}
	}
	ws, _, err := websocket.Dial(t.Context(), "ws://127.0.0.1:8080/v1/ws", o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = ws.CloseNow() })
	return ws
}

// await reads until a frame holds text.
func await(t *testing.T, ws *websocket.Conn, text string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	for {
		_, frame, err := ws.Read(ctx)
		if err != nil {
			t.Fatalf("waiting for %s: %v", text, err)
		}
		if strings.Contains(string(frame), text) {
			return
		}
	}
}

func say(t *testing.T, ws *websocket.Conn, text string) {
	t.Helper()
	if err := ws.Write(t.Context(), websocket.MessageText, []byte(text)); err != nil {
		t.Fatal(err)
	}
}

// Through the whole gateway: the header's token, changes of others, and an eviction by HTTP.
func TestSocketThroughTheGateway(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := serve(t)
		ws := s.dial(t, "ann")
		say(t, ws, `{"type":"hello","device_id":"laptop"}`)
		await(t, ws, `"participant_id":"ann"`)
		s.do("GET", "/v1/presence?ids=ann", "v", "").want(200, `{"ann":"online"}`)
		if got := s.node.Figures(t.Context())["node-1"].Sockets; got != 1 {
			t.Errorf("others are told of %d sockets", got)
		}
		say(t, ws, `{"type":"subscribe","ids":["bob"],"req":"1"}`)
		await(t, ws, `"bob":"offline"`)
		s.online("bob")
		await(t, ws, `"bob":"online"`)
		s.do("DELETE", "/v1/presence/ann/devices/laptop", "ann", "").want(204, "")
		_, _, err := ws.Read(t.Context())
		for err == nil { // what was on its way, such as `self`
			_, _, err = ws.Read(t.Context())
		}
		if got := websocket.CloseStatus(err); got != websocket.StatusNormalClosure {
			t.Errorf("closed with %v", err)
		}
		if got := s.metric(`presence_http_requests_total{method="GET",route="/v1/ws",status="101"}`); got != "1" {
			t.Errorf("%s upgrades counted", got)
		}
	})
}

func TestSocketsAreSentAway(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := serve(t)
		ws := s.dial(t, "")
		say(t, ws, `{"type":"hello","token":"ann"}`)
		await(t, ws, `welcome`)
		gone := make(chan error, 1)
		go func() {
			for {
				if _, frame, err := ws.Read(t.Context()); err != nil {
					gone <- err
					return
				} else if strings.Contains(string(frame), "reconnect") {
					gone <- nil
				}
			}
		}()
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		s.s.Drain(ctx)
		if err := <-gone; err != nil {
			t.Errorf("not told: %v", err)
		}
		if err := <-gone; websocket.CloseStatus(err) != websocket.StatusGoingAway {
			t.Errorf("closed with %v", err)
		}
		if errors.Is(ctx.Err(), context.DeadlineExceeded) {
			t.Error("the drain waited for its deadline")
		}
	})
}

func TestNotAHandshake(t *testing.T) {
	g := newGate(t)
	g.do("GET", "/v1/ws", "v", "").problem(wire.BadRequest, "WebSocket")
	g.do("GET", "/v1/ws?token=v", "", "").problem(wire.BadRequest, "takes none")
}
