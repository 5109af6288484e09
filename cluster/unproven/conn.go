package unproven

import (
	"container/list"
	"errors"
	"math"
	"net"
	"sync/atomic"
	"time"
)

// ErrTooMuch is the error of a read beyond Limits.Bytes.
var ErrTooMuch = errors.New("unproven: too many bytes")

// Conn is a connection that is bounded until it is proven. Prove and Close free its place.
type Conn struct {
	// static
	net.Conn
	of *Listener

	left atomic.Int64 // bytes that may still be read

	// guarded by of.mu
	place *list.Element // nil: proven, or closed
	timer *time.Timer
}

// Prove ends the limits: the other end has shown who it is.
func (c *Conn) Prove() {
	if c.of.remove(c) {
		c.left.Store(math.MaxInt64)
	}
}

// Read is net.Conn's.
func (c *Conn) Read(b []byte) (int, error) {
	n, err := c.Conn.Read(b)
	if c.left.Add(-int64(n)) < 0 {
		c.drop("too many bytes")
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
