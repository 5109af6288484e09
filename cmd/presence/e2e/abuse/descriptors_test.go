package abuse

import (
	"context"
	"errors"
	"fmt"
	"net"
	"sync"
	"testing"
	"time"
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
		hold := held
		if f.reading == &links {
			hold = timed // a link is lost when a node is silent for half a second
		}
		figures = append(figures, hold(f.Failed == 0, "all", "%s %d of %d", f.name, len(f.Took)-f.Failed, len(f.Took)))
	}
	rows.add(t, fmt.Sprintf("%d descriptors, %d connections: %s", fewFiles, fewConns, s.name), figures...)
}
