package socket

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/coder/websocket"
)

// overTCP is an env whose clients come over sockets of this machine.
func overTCP(t *testing.T) (e *env, addr string) {
	t.Helper()
	e = newEnv(t, nil)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(e.close)
	go func() { _ = e.http.Serve(l) }()
	return e, l.Addr().String()
}

func (e *env) joinOver(addr, name string) *client {
	e.t.Helper()
	ws, _, err := websocket.Dial(context.Background(), "ws://"+addr+"/v1/ws", nil)
	if err != nil {
		e.t.Fatal(err)
	}
	c := (&client{t: e.t, ws: ws, msgs: make(chan string, 100)}).start()
	c.send(`{"type":"hello","token":%q,"device_id":"tab"}`, name)
	c.wantPart(`"welcome"`)
	c.wantPart(`"self"`)
	return c
}

// rawOver is a client that can send pieces of frames.
func rawOver(t *testing.T, addr, name string) rawClient {
	t.Helper()
	nc, err := net.Dial("tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = nc.Close() })
	_, _ = io.WriteString(nc, handshake)
	if _, err := http.ReadResponse(bufio.NewReader(nc), nil); err != nil {
		t.Fatal(err)
	}
	c := rawClient{nc}
	c.write(`{"type":"hello","token":"` + name + `","device_id":"tab"}`)
	return c
}

// untilReaders waits until n of the connections have a reader, of want.
func (e *env) untilReaders(n, want int) {
	e.t.Helper()
	for end := time.Now().Add(time.Minute); ; time.Sleep(time.Millisecond) {
		conns, readers := e.srv.registry.all(), 0
		for _, c := range conns {
			if c.reader.Load() != silent {
				readers++
			}
		}
		if len(conns) == want && readers == n {
			return
		}
		if time.Now().After(end) {
			e.t.Fatalf("%d readers of %d connections, want %d of %d", readers, len(conns), n, want)
		}
	}
}

func (e *env) beats(c *client) {
	e.t.Helper()
	c.send(`{"type":"heartbeat","activity":"online","req":"b"}`)
	c.want(`{"type":"ok","req":"b"}`)
}

func TestSilentSocketsHaveNoReader(t *testing.T) {
	e, addr := overTCP(t)
	const n = 3 * maxFree // some goroutines are new each time
	var clients []*client
	for i := range n {
		clients = append(clients, e.joinOver(addr, fmt.Sprint("ann", i)))
	}
	e.untilReaders(0, n)
	for range 3 {
		for _, c := range clients {
			c.send(`{"type":"heartbeat","activity":"online","req":"b"}`)
		}
		for _, c := range clients {
			c.want(`{"type":"ok","req":"b"}`)
		}
		e.untilReaders(0, n)
	}
	many := strings.Repeat(`"bob",`, 500) // more than a buffer, which is read in pieces
	clients[0].send(`{"type":"query","req":"q","ids":[%s"bob"]}`, many)
	clients[0].want(`{"type":"result","states":{"bob":"offline"},"req":"q"}`)
	if err := clients[1].ws.Ping(t.Context()); err != nil {
		t.Error(err)
	}
	e.untilReaders(0, n)
	for i, c := range clients[n/3:] { // they say that they go, or don't
		if i%2 == 0 {
			_ = c.ws.Close(websocket.StatusNormalClosure, "")
		} else {
			c.leave()
		}
	}
	e.untilReaders(0, n/3)
	e.beats(e.joinOver(addr, "newcomer")) // has the place of one that went
	e.beats(clients[0])
	for _, c := range e.srv.registry.all()[:10] {
		c.shut(closeGoingAway)
	}
	e.untilReaders(0, n/3-9)
	for _, c := range clients {
		c.leave()
	}
}

// A client that stops amidst a frame has a reader, which nobody waits for.
func TestPieceOfAFrame(t *testing.T) {
	e, addr := overTCP(t)
	const slow = 2 * maxFree
	var stuck []rawClient
	for i := range slow {
		stuck = append(stuck, rawOver(t, addr, fmt.Sprint("slow", i)))
	}
	frame := masked(`{"type":"heartbeat","activity":"online"}`)
	e.untilReaders(0, slow)
	for i, c := range stuck {
		_, _ = c.Write(frame[:1+i%len(frame)])
	}
	e.untilReaders(slow-slow/len(frame), slow)
	ann := e.joinOver(addr, "ann")
	e.beats(ann)
	e.untilReaders(slow-slow/len(frame), slow+1)
	for i, c := range stuck {
		_, _ = c.Write(frame[1+i%len(frame):])
	}
	e.untilReaders(0, slow+1)
	e.beats(ann)
	ann.leave()
}

// A hello of any length may be all that a client ever sends.
func TestSilentAfterAnyHello(t *testing.T) {
	e, addr := overTCP(t)
	for i, spaces := range []int{0, 1400, 2000, 3000} {
		rawOver(t, addr, fmt.Sprint("ann", i)+`"`+strings.Repeat(" ", spaces)+`,"activity":"online`)
		e.untilReaders(0, i+1)
	}
}
