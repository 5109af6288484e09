package abuse

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/coder/websocket"
)

// oldSockets are those of users who were there before.
func oldSockets(t *testing.T, n *node, count int) (all []*websocket.Conn) {
	t.Helper()
	for i := range count {
		g := &greedy{&attacker{n: n, from: []string{home}}, token(t, fmt.Sprintf("old-%d", i), nil)}
		ws, err := g.socket(t.Context(), `,"device_id":"d"`)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = ws.CloseNow() })
		if err := await(ws, `"welcome"`); err != nil {
			t.Fatal(err)
		}
		all = append(all, ws)
	}
	return all
}

// beat is a heartbeat on a socket, and its ok.
func beat(ws *websocket.Conn) error {
	ctx, cancel := context.WithTimeout(context.Background(), sized().patience)
	defer cancel()
	if err := ws.Write(ctx, websocket.MessageText,
		[]byte(`{"type":"heartbeat","activity":"online","req":"b"}`)); err != nil {
		return err
	}
	return await(ws, `"ok"`)
}

// await reads until a message that holds text.
func await(ws *websocket.Conn, text string) error {
	ctx, cancel := context.WithTimeout(context.Background(), sized().patience)
	defer cancel()
	for {
		_, message, err := ws.Read(ctx)
		if err != nil || strings.Contains(string(message), text) {
			return err
		}
	}
}
