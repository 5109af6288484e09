package socket

import (
	"bufio"
	"context"
	"encoding/binary"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/scaiwave/presence/shard"
)

// rough is a client of raw frames, for what no library would do.
type rough struct {
	t  testing.TB
	nc net.Conn
	r  *bufio.Reader
}

const (
	opText  = 0x1
	opClose = 0x8
	opPing  = 0x9
	opPong  = 0xa
)

// knock sends the handshake; the pipe holds the answer back until shakeHands.
func (e *env) knock() *rough {
	t := e.t
	t.Helper()
	nc, err := e.lis.dialContext(context.Background(), "", "")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = nc.Close() })
	if _, err := io.WriteString(nc, handshake); err != nil {
		t.Fatal(err)
	}
	return &rough{t, nc, bufio.NewReader(nc)}
}

func (c *rough) shakeHands() {
	c.t.Helper()
	res, err := http.ReadResponse(c.r, nil)
	if err != nil || res.StatusCode != http.StatusSwitchingProtocols {
		c.t.Fatalf("handshake: %v, %v", res, err)
	}
}

func (e *env) roughly(hello string) *rough {
	t := e.t
	t.Helper()
	c := e.knock()
	c.shakeHands()
	c.write(masked(hello))
	for _, want := range []string{"welcome", "self"} {
		if _, b := c.frame(); !strings.Contains(string(b), want) {
			t.Fatalf("got %q, want %s", b, want)
		}
	}
	return c
}

func (c *rough) write(b []byte) { _, _ = c.nc.Write(b) }

// control sends a control frame without a payload, with a mask of zeros.
func (c *rough) control(op byte) { c.write([]byte{0x80 | op, 0x80, 0, 0, 0, 0}) }

// frame reads one; opcode 0 is the end.
func (c *rough) frame() (op byte, payload []byte) {
	var head [2]byte
	if _, err := io.ReadFull(c.r, head[:]); err != nil {
		return 0, nil
	}
	n := int(head[1])
	if n == 126 {
		var long [2]byte
		_, _ = io.ReadFull(c.r, long[:])
		n = int(binary.BigEndian.Uint16(long[:]))
	}
	payload = make([]byte, n)
	_, _ = io.ReadFull(c.r, payload)
	return head[0] & 0xf, payload
}

// closed reads on to the close frame and returns its code, 0 if there is none. Pings on the way are
// answered.
func (c *rough) closed() closeCode {
	for {
		switch op, b := c.frame(); op {
		case opClose:
			return closeCode(binary.BigEndian.Uint16(b))
		case opPing:
			c.control(opPong)
		case 0:
			return 0
		}
	}
}

func TestHandshakeDuringDrain(t *testing.T) {
	run(t, nil, func(e *env) {
		c := e.knock()
		synctest.Wait() // the server is writing its answer
		drained := make(chan struct{})
		go func() {
			e.srv.Drain(context.Background())
			close(drained)
		}()
		synctest.Wait()
		c.shakeHands()
		if _, b := c.frame(); !strings.Contains(string(b), `"type":"reconnect"`) {
			t.Errorf("got %q, want a reconnect", b)
		}
		if code := c.closed(); code != closeGoingAway {
			t.Errorf("closed with %d", code)
		}
		<-drained
	})
}

func TestDrainDoesNotWaitForTheDeaf(t *testing.T) {
	run(t, nil, func(e *env) {
		c := e.roughly(`{"type":"hello","token":"ann"}`)
		go func() {
			for op := byte(1); op != 0; {
				op, _ = c.frame() // and never answers the close frame
			}
		}()
		start := time.Now()
		e.srv.Drain(context.Background())
		if d := time.Since(start); d > 3*time.Second {
			t.Errorf("took %v", d)
		}
	})
}

// TestLatePong answers a ping only after the server has closed: that must not bring the device
// back.
func TestLatePong(t *testing.T) {
	run(t, nil, func(e *env) {
		c := e.roughly(`{"type":"hello","token":"ann","device_id":"tab"}`)
		if op, _ := c.frame(); op != opPing {
			t.Fatalf("opcode %d, want a ping", op)
		}
		c.write(masked("garbage"))
		for {
			if op, _ := c.frame(); op == opClose {
				break
			}
		}
		c.control(opPong)
		c.control(opClose)
		time.Sleep(11 * time.Second) // the linger
		if r, _ := e.node.Inspect(context.Background(), "", "ann", false); r.State != shard.Offline {
			t.Errorf("the device without a socket is %v", r.State)
		}
	})
}

func TestControlFloodsClose(t *testing.T) {
	for name, op := range map[string]byte{"ping": opPing, "pong": opPong} {
		t.Run(name, func(t *testing.T) {
			run(t, nil, func(e *env) {
				c := e.roughly(`{"type":"hello","token":"ann"}`)
				code := make(chan closeCode, 1)
				go func() { code <- c.closed() }()
				start := time.Now()
				for range 15 {
					for range 150 {
						c.control(op)
					}
					time.Sleep(time.Second)
				}
				if got := <-code; got != closeRateLimited || time.Since(start) > 16*time.Second {
					t.Errorf("closed with %d after %v", got, time.Since(start))
				}
			})
		})
	}
}

func TestEndlessMessageCloses(t *testing.T) {
	run(t, nil, func(e *env) {
		c := e.roughly(`{"type":"hello","token":"ann"}`)
		c.write([]byte{opText, 0x81, 0, 0, 0, 0, '{'}) // more to come
		code := make(chan closeCode, 1)
		go func() { code <- c.closed() }()
		start := time.Now()
		for range 200 {
			select {
			case got := <-code:
				if got != closeBadMessage || time.Since(start) > 2*e.srv.cfg.Deadline {
					t.Errorf("closed with %d after %v", got, time.Since(start))
				}
				return
			case <-time.After(time.Second):
				c.write([]byte{0, 0x80, 0, 0, 0, 0})
			}
		}
		t.Error("not closed")
	})
}

func TestDeviceComesBackAtTheLimit(t *testing.T) {
	run(t, func(c *Config) { c.MaxSockets = 2 }, func(e *env) {
		first := e.join("ann", "tab")
		e.join("ann", "phone")
		e.join("ann", "tab")
		first.wantClose(closeReplaced)
	})
}

func TestEmptyToken(t *testing.T) {
	run(t, nil, func(e *env) {
		c := e.connect(http.Header{"Authorization": {"Bearer ann"}}).start()
		c.send(`{"type":"hello","token":""}`)
		c.wantPart(`"code":"bad_request"`)
		c.send(`{"type":"hello"}`)
		c.wantPart(`"type":"welcome"`)
	})
}
