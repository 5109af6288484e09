package abuse

import (
	"context"
	"errors"
	"fmt"
	"net"
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

// scarcity is what was seen of a node that had no descriptors left.
type scarcity struct{ health, links, sockets, newcomers, after reading }

func scarce(t *testing.T, s shape) {
	limit := []string{"sh", "-c", fmt.Sprintf(`ulimit -n %d && exec "$@"`, fewFiles), "sh"}
	n := newCluster(t, setting{wrap: limit})[0]
	old := oldSockets(t, n, 10)
	ctx, cancel := context.WithTimeout(context.Background(), sized().attack)
	defer cancel()
	var running sync.WaitGroup
	running.Go(func() { strangers(n, fewConns, 50).hold(ctx, s.send, s.drip) })
	var seen scarcity
	seen.watch(ctx, t, n, old)
	running.Wait()
	seen.after.time(func() error { return served(t, n) })
	rows.add(t, fmt.Sprintf("%d descriptors, %d connections: %s", fewFiles, fewConns, s.name), seen.figures(t)...)
}

func (s *scarcity) watch(ctx context.Context, t *testing.T, n *node, old []*websocket.Conn) {
	var running sync.WaitGroup
	defer running.Wait()
	running.Go(func() {
		s.health.each(ctx, 5, func(int) error { return errors.Join(n.ask("/healthz"), n.ask("/metrics")) })
	})
	running.Go(func() { s.links.each(ctx, 2, func(int) error { return n.linked() }) })
	running.Go(func() { s.newcomers.each(ctx, 5, func(int) error { return newcomer(t, n) }) })
	for _, ws := range old {
		running.Go(func() {
			for pause(ctx, time.Second) {
				s.sockets.time(func() error { return beat(ws) })
			}
		})
	}
}

// figures hold all of it to be right. A link is lost when a node is silent for half a second, which
// happens beside other tests.
func (s *scarcity) figures(t *testing.T) []figure {
	t.Helper()
	of := func(hold func(bool, string, string, ...any) figure, name string, r *reading) figure {
		if r.Failed > 0 {
			t.Logf("%s: %s", name, r.Why)
		}
		return hold(r.Failed == 0, "all", "%s %d of %d", name, len(r.Took)-r.Failed, len(r.Took))
	}
	return []figure{
		of(held, "health and metrics", &s.health),
		of(timed, "peers linked", &s.links),
		of(held, "old sockets", &s.sockets),
		of(held, "newcomers served or told why not", &s.newcomers),
		of(held, "served afterwards", &s.after),
	}
}
