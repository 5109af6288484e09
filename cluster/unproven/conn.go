package unproven

import (
	"container/list"
	"errors"
	"math"
	"net"
	"sync/atomic"
	"time"
)

// ErrTooMuch is what a read fails with beyond Limits.Bytes.
var ErrTooMuch = errors.New("unproven: too many bytes of who has not shown who they are")

// Conn is a connection that is bounded until it is proven. Close and Prove give its place back.
type Conn struct {
	// static
	net.Conn
	of *Listener

	left atomic.Int64 // bytes that may still be read

	// guarded by of.mu
	place *list.Element // nil: proven, or closed
	timer *time.Timer
}

// Prove ends the limits: it is known who is there.
func (c *Conn) Prove() {
	if c.of.remove(c) {
		c.left.Store(math.MaxInt64)
	}
}

// Read is net.Conn's.
func (c *Conn) Read(b []byte) (int, error) {
	n, err := c.Conn.Read(b)
	if c.left.Add(-int64(n)) < 0 {
		c.drop("as it sent too much")
		return 0, ErrTooMuch
	}
	return n, err
}

// Close is net.Conn's.
func (c *Conn) Close() error {
	c.of.remove(c)
	return c.Conn.Close()
}

// drop closes a connection at a limit.
func (c *Conn) drop(reason string) {
	if !c.of.remove(c) {
		return
	}
	c.of.counts.Closed.Add(1)
	c.of.log.Warn("connection closed before it showed who it is", "from", c.RemoteAddr(), "reason", reason)
	_ = c.Conn.Close()
}
