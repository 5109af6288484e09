package abuse

import (
	"context"
	"encoding/binary"
	"fmt"
	"io"
	"net"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// Bounds of what strangers may cause at the ports between nodes.
const (
	mostLines = 100
	flat      = 32 << 20
)

// TestStray throws packets and connections at the ports between nodes.
func TestStray(t *testing.T) {
	z := sized()
	if full() {
		z.attack = 20 * time.Second
	}
	n := newCluster(t, setting{})[0]
	var thrown atomic.Int64
	got := besiege(t, n, z, func(ctx context.Context) { throw(ctx, n, z.stray, &thrown) })
	n.awaitLinked(t)
	figures := append(got.figures(byStrangers, flat),
		held(got.lines < mostLines, fmt.Sprintf("under %d lines", mostLines), "%d lines", got.lines))
	rows.add(t, fmt.Sprintf("%d stray packets and connects at the ports between nodes", thrown.Load()), figures...)
}

// knocks are what a connection to a port between nodes begins with.
var knocks = []string{
	"",
	"\x16\x03\x01\x00\xf8\x01\x00\x00\xf4\x03\x03 half a TLS hello",
	"no protocol at all, and some more of it\r\n\r\n",
	"GET /link HTTP/1.1\r\nHost: n1\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n" +
		"Sec-WebSocket-Key: cHJlc2VuY2UtYWJ1c2UhIQ==\r\n\r\n\x82\x84\x00\x00\x00\x00junk",
	"GET /link HTTP/1.1\r\nHost: n1\r\nX: ",
}

// throw sends n things: a quarter are datagrams to gossip, the rest connections to either port. As
// many connections as sized says are held to the end.
func throw(ctx context.Context, n *node, count int, thrown *atomic.Int64) {
	var running sync.WaitGroup
	defer running.Wait()
	next := make(chan int)
	for range 64 {
		running.Go(func() {
			for i := range next {
				if one(ctx, n, i) == nil {
					thrown.Add(1)
				}
			}
		})
	}
	for _, at := range []string{n.peer, n.gossip} {
		a := strangers(n, sized().conns/2, sized().addresses)
		a.to = at
		running.Go(func() {
			a.hold(ctx, func(c net.Conn) error { _, err := io.WriteString(c, knocks[4]); return err }, "a")
		})
	}
	for i := range count {
		select {
		case <-ctx.Done():
		case next <- i:
			continue
		}
		break
	}
	close(next)
	<-ctx.Done()
}

// one is the i-th of them.
func one(ctx context.Context, n *node, i int) error {
	from := fmt.Sprintf("127.%d.%d.%d", 1+i>>16, i>>8&0xff, 1+i%254) // as many addresses as a spoofer of packets has
	if i%4 == 0 {
		return packet(from, n.gossip, stray(i/4))
	}
	c, err := dial(from, []string{n.peer, n.gossip}[i%2])
	if err != nil {
		return err
	}
	defer c.Close()
	_ = c.SetDeadline(time.Now().Add(30 * time.Millisecond))
	_, err = io.WriteString(c, knocks[i/4%len(knocks)])
	if i%2 == 1 { // a reset that comes at once isn't noticed by everybody
		_, _ = io.CopyN(io.Discard, c, 1)
	}
	return err
}

func packet(from, to string, b []byte) error {
	d := net.Dialer{LocalAddr: &net.UDPAddr{IP: net.ParseIP(from)}}
	c, err := d.Dial("udp", to)
	if err != nil {
		return err
	}
	defer c.Close()
	_, err = c.Write(b)
	return err
}

// stray packets have a first byte of each kind that gossip knows, and random ones after.
func stray(i int) []byte {
	return binary.BigEndian.AppendUint64([]byte{byte(i)}, uint64(i)*0x9e3779b97f4a7c15)
}
