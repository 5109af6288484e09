package abuse

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/coder/websocket"
)

// fewFiles is how many descriptors the first node may have, and fewConns how many connections come.
const (
	fewFiles = 256
	fewConns = 300
)

// TestDescriptors has more connections come than the node has descriptors.
func TestDescriptors(t *testing.T) {
	shapes := []shape{heldHeaders(), idle("/v1/presence?ids=ann", token(t, "ann", nil)), helloed(t)}
	if !full() {
		shapes = shapes[2:]
	}
	for _, s := range shapes {
		t.Run(s.name, func(t *testing.T) { scarce(t, s) })
	}
}

// helloed are sockets of many users, each of which has every right to be there.
func helloed(t *testing.T) shape {
	tokens := make(chan string, fewConns)
	for i := range fewConns {
		tokens <- token(t, fmt.Sprintf("crowd-%d", i), nil)
	}
	return shape{"sockets of as many users", func(c net.Conn) error {
		own := <-tokens
		tokens <- own
		if err := upgrade(c, own); err != nil {
			return err
		}
		_, err := c.Write(clientFrame(`{"type":"hello","device_id":"d"}`))
		return err
	}, string(clientFrame(`{"type":"heartbeat","activity":"online"}`))}
}

// clientFrame is a text of at most 125 bytes with a mask of zeros.
func clientFrame(text string) []byte {
	return append([]byte{0x81, 0x80 | byte(len(text)), 0, 0, 0, 0}, text...)
}

func scarce(t *testing.T, s shape) {
	limit := []string{"sh", "-c", fmt.Sprintf(`ulimit -n %d && exec "$@"`, fewFiles), "sh"}
	n := newCluster(t, setting{wrap: limit})[0]
	old := oldSockets(t, n, 10)
	ctx, cancel := context.WithTimeout(context.Background(), sized().attack)
	defer cancel()
	a := strangers(n, fewConns, 50)
	var probe, links, sockets, newcomers reading
	var running sync.WaitGroup
	running.Go(func() { a.hold(ctx, s.send, s.drip) })
	running.Go(func() {
		probe.each(ctx, 5, func(int) error { return errors.Join(n.ask("/healthz"), n.ask("/metrics")) })
	})
	running.Go(func() { links.each(ctx, 2, func(int) error { return n.linked() }) })
	running.Go(func() { newcomers.each(ctx, 5, func(int) error { return newcomer(t, n) }) })
	for _, ws := range old {
		running.Go(func() {
			for pause(ctx, time.Second) {
				sockets.time(func() error { return beat(ws) })
			}
		})
	}
	running.Wait()
	var after reading
	after.time(func() error { return served(t, n) })
	figures := make([]figure, 0, 5)
	for _, f := range []struct {
		name string
		*reading
	}{
		{"health and metrics", &probe},
		{"peers linked", &links},
		{"old sockets", &sockets},
		{"newcomers served or told why not", &newcomers},
		{"served afterwards", &after},
	} {
		if f.Failed > 0 {
			t.Logf("%s: %s", f.name, f.Why)
		}
		figures = append(figures, held(f.Failed == 0, "all", "%s %d of %d", f.name, len(f.Took)-f.Failed, len(f.Took)))
	}
	rows.add(t, fmt.Sprintf("%d descriptors, %d connections: %s", fewFiles, fewConns, s.name), figures...)
}

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
	ctx, cancel := context.WithTimeout(context.Background(), userPatience)
	defer cancel()
	if err := ws.Write(ctx, websocket.MessageText, []byte(`{"type":"heartbeat","activity":"online","req":"b"}`)); err != nil {
		return err
	}
	return await(ws, `"ok"`)
}

// await reads until a message that holds text.
func await(ws *websocket.Conn, text string) error {
	ctx, cancel := context.WithTimeout(context.Background(), userPatience)
	defer cancel()
	for {
		_, message, err := ws.Read(ctx)
		if err != nil || strings.Contains(string(message), text) {
			return err
		}
	}
}

// newcomer asks over a new connection. It is served, or told by a problem with a code why not.
func newcomer(t *testing.T, n *node) error {
	status, body, err := once(t, n)
	switch {
	case err != nil:
		return err
	case status == http.StatusOK:
		return nil
	case status == http.StatusServiceUnavailable || status == http.StatusTooManyRequests:
		if strings.Contains(body, `"code":"unavailable"`) || strings.Contains(body, `"code":"rate_limited"`) {
			return nil
		}
	}
	return fmt.Errorf("a newcomer gets %d: %.200s", status, body)
}

// served waits until newcomers are served again.
func served(t *testing.T, n *node) error {
	for begun := time.Now(); ; time.Sleep(100 * time.Millisecond) {
		status, body, err := once(t, n)
		if status == http.StatusOK {
			return nil
		}
		if time.Since(begun) > 10*time.Second {
			return fmt.Errorf("a newcomer gets %d: %.200s, %w", status, body, err)
		}
	}
}

func once(t *testing.T, n *node) (status int, body string, err error) {
	c, err := dial(home, n.addr)
	if err != nil {
		return 0, "", err
	}
	defer c.Close()
	_ = c.SetDeadline(time.Now().Add(userPatience))
	if _, err := io.WriteString(c, "GET /v1/presence?ids=ann HTTP/1.1\r\nHost: localhost\r\n"+auth(token(t, "new", nil))+"\r\n"); err != nil {
		return 0, "", err
	}
	res, err := http.ReadResponse(bufio.NewReader(c), nil)
	if err != nil {
		return 0, "", err
	}
	raw, err := io.ReadAll(res.Body)
	return res.StatusCode, string(raw), err
}
