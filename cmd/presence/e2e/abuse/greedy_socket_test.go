package abuse

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/coder/websocket"
)

// socket is a WebSocket with a small buffer, after its hello. Without a device it only looks on.
func (g *greedy) socket(ctx context.Context, device string) (*websocket.Conn, error) {
	transport := &http.Transport{
		DisableKeepAlives: true,
		DialContext: func(context.Context, string, string) (net.Conn, error) {
			c, err := dial(g.from[0], g.n.addr)
			if err != nil {
				return nil, err
			}
			return c, c.(*net.TCPConn).SetReadBuffer(16 << 10)
		},
	}
	ws, _, err := websocket.Dial(ctx, "ws://"+g.n.addr+"/v1/ws", &websocket.DialOptions{
		HTTPClient: &http.Client{Transport: transport}, Subprotocols: []string{"presence.v1"},
		HTTPHeader: http.Header{"Authorization": {"Bearer " + g.token}},
	})
	if err == nil {
		ws.SetReadLimit(-1)
		err = ws.Write(ctx, websocket.MessageText, []byte(`{"type":"hello"`+device+`}`))
	}
	return ws, err
}

// sockets keeps 32 of them doing something.
func (g *greedy) sockets(ctx context.Context, do func(context.Context, *websocket.Conn)) {
	var running sync.WaitGroup
	defer running.Wait()
	for range 32 {
		running.Go(func() {
			for wait := time.Duration(0); pause(ctx, wait); wait = again {
				if ws, err := g.socket(ctx, ""); err == nil {
					do(ctx, ws)
					_ = ws.CloseNow()
				}
			}
		})
	}
}

// flipSubscriptions sends twenty messages a second on each socket, which is what --connection-rate
// allows.
func (g *greedy) flipSubscriptions(ctx context.Context, ids string) {
	messages := []string{`{"type":"subscribe","ids":[` + ids + `]}`, `{"type":"unsubscribe","ids":[` + ids + `]}`}
	g.sockets(ctx, func(ctx context.Context, ws *websocket.Conn) {
		go swallow(ctx, ws)
		for i := 0; pause(ctx, time.Second/20); i++ {
			if ws.Write(ctx, websocket.MessageText, []byte(messages[i%2])) != nil {
				return
			}
		}
	})
}

// flipNew is the same with ids that nobody has named before.
func (g *greedy) flipNew(ctx context.Context) {
	var serial atomic.Int64
	g.sockets(ctx, func(ctx context.Context, ws *websocket.Conn) {
		go swallow(ctx, ws)
		for pause(ctx, time.Second/10) {
			ids := strings.ReplaceAll(names(1000), "contact",
				fmt.Sprintf("contact-%d-%s", serial.Add(1), strings.Repeat("x", 80)))
			for _, kind := range []string{"subscribe", "unsubscribe"} {
				if ws.Write(ctx, websocket.MessageText, []byte(`{"type":"`+kind+`","ids":[`+ids+`]}`)) != nil {
					return
				}
			}
		}
	})
}

func swallow(ctx context.Context, ws *websocket.Conn) {
	for {
		if _, _, err := ws.Read(ctx); err != nil {
			return
		}
	}
}

// readNothing asks, so that answers pile up.
func (g *greedy) readNothing(ctx context.Context, ids string) {
	message := `{"type":"query","req":"r","ids":[` + ids + `]}`
	g.sockets(ctx, func(ctx context.Context, ws *websocket.Conn) {
		for pause(ctx, time.Second/20) {
			if ws.Write(ctx, websocket.MessageText, []byte(message)) != nil {
				return
			}
		}
	})
}

// reopenStreams opens event streams, and ends them once they have begun.
func (g *greedy) reopenStreams(ctx context.Context, ids string) {
	g.paced(ctx, 320, func(int) string {
		return "GET /v1/events?ids=" + strings.ReplaceAll(ids, `"`, "") + " HTTP/1.0\r\nHost: localhost\r\n" +
			auth(g.token) + "\r\n"
	})
}
