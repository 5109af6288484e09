package socket

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"strconv"
	"strings"
	"sync/atomic"
	"time"
)

// loadClient is many WebSocket clients, as cheap as they can be: raw frames, and what comes is
// thrown away.
type loadClient struct {
	conns  []net.Conn
	hello  bool
	heard  atomic.Int64  // bytes read; only to know that it has become quiet
	wanted atomic.Int64  // what heard must reach
	all    chan struct{} // one slot: heard has reached wanted
}

func newLoadClient() *loadClient { return &loadClient{all: make(chan struct{}, 1)} }

func (c *loadClient) connect(args []string) string {
	n, _ := strconv.Atoi(args[1])
	c.hello = args[2] == "server"
	for i := range n {
		nc, err := net.Dial("tcp", args[0])
		if err != nil {
			return err.Error()
		}
		c.conns = append(c.conns, nc)
		if err := c.begin(nc, i); err != nil {
			return err.Error()
		}
	}
	return "connected"
}

func (c *loadClient) begin(nc net.Conn, i int) error {
	_, _ = io.WriteString(nc, handshake)
	r := bufio.NewReaderSize(nc, 512)
	if res, err := http.ReadResponse(r, nil); err != nil || res.StatusCode != http.StatusSwitchingProtocols {
		return fmt.Errorf("handshake: %v, %v", res, err)
	}
	if c.hello {
		_, _ = nc.Write(masked(fmt.Sprintf(`{"type":"hello","token":"%s","device_id":"device-00000"}`, person(i))))
	}
	go c.discard(nc)
	return nil
}

func (c *loadClient) discard(nc net.Conn) {
	b := make([]byte, 512)
	for {
		n, err := nc.Read(b)
		if c.heard.Add(int64(n)) >= c.wanted.Load() {
			select {
			case c.all <- struct{}{}:
			default:
			}
		}
		if err != nil {
			return
		}
	}
}

// hear waits until so many bytes more have been read.
func (c *loadClient) hear(args []string) string {
	n, _ := strconv.Atoi(args[0])
	for wanted := c.wanted.Add(int64(n)); c.heard.Load() < wanted; {
		<-c.all
	}
	return "heard"
}

// subscribe has each watch the next 50 people, and those whom everybody watches.
func (c *loadClient) subscribe([]string) string {
	for i, nc := range c.conns {
		var ids []string
		for k := range loadTogether {
			ids = append(ids, crowd+strconv.Itoa(k))
		}
		for k := range loadWatched - loadTogether {
			ids = append(ids, person((i+k+1)%len(c.conns)))
		}
		_, _ = nc.Write(masked(`{"type":"subscribe","ids":["` + strings.Join(ids, `","`) + `"]}`))
	}
	for last := int64(-1); last != c.heard.Load(); time.Sleep(500 * time.Millisecond) {
		last = c.heard.Load()
	}
	c.wanted.Store(c.heard.Load())
	return "subscribed"
}

// beat sends a heartbeat on each connection.
func (c *loadClient) beat([]string) string {
	frame := masked(`{"type":"heartbeat","activity":"online"}`)
	for _, nc := range c.conns {
		_, _ = nc.Write(frame)
	}
	return "sent"
}

const handshake = "GET /v1/ws HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: " +
	"websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n"

func person(i int) string { return fmt.Sprintf("participant-%012d", i) } // 24 bytes

// masked is a client's text frame with a mask of zeros.
func masked(m string) []byte {
	if len(m) < len16 {
		return append([]byte{finText, 0x80 | byte(len(m)), 0, 0, 0, 0}, m...)
	}
	return maskedFrame(m)
}
