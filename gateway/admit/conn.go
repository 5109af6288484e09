package admit

import (
	"crypto/tls"
	"errors"
	"net"
	"net/netip"
	"os"
	"syscall"
)

// Of returns the Conn below what an http.Server serves; nil if another listener accepted it.
func Of(nc net.Conn) *Conn {
	if t, ok := nc.(*tls.Conn); ok {
		nc = t.NetConn()
	}
	c, _ := nc.(*Conn)
	return c
}

// Peer is the other end of the connection: the client, as far as the PROXY header tells, or a
// proxy.
func (c *Conn) Peer() netip.Addr {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.client
}

// Proven notes whether the latest answer was for a client with a good token: others may not idle
// for long.
func (c *Conn) Proven(yes bool) {
	if before := c.proven.Swap(yes); yes && !before {
		c.l.gates.brief.line.forget(c)
		c.l.gates.large.line.forget(c)
		c.endGreeting()
	}
}

// Hold keeps a place of a's for as long as the connection is open; it has been taken already.
func (c *Conn) Hold(of *Places, a netip.Addr) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closed {
		of.Give(a)
		return
	}
	c.held = append(c.held, place{of, a})
}

// claim takes a place for the client at a.
func (c *Conn) claim(a netip.Addr) bool {
	c.mu.Lock()
	c.client = a
	c.mu.Unlock()
	of := c.l.config.Addresses
	if of == nil {
		return true
	}
	if !of.Take(a) {
		return false
	}
	c.Hold(of, a)
	return true
}

// Read is net.Conn's. What comes while a request is awaited is measured.
func (c *Conn) Read(p []byte) (int, error) {
	switch c.phase.Load() {
	case answering:
		return c.Conn.Read(p)
	case takenOver:
		return c.readUpgraded(p)
	}
	c.Rest()
	if err := c.introduce(); err != nil {
		return 0, err
	}
	c.awaitTurn()
	n, err := c.Conn.Read(p)
	if n > 0 {
		if !c.received(n) {
			c.Rest() // the answer waits for the client
			c.l.tell(c, limitHeaders)
			return 0, refused(errHeaders)
		}
		c.goIn()
	} else {
		c.Rest()
	}
	if errors.Is(err, os.ErrDeadlineExceeded) && c.late() {
		c.l.counts.refuse(limitPace)
	}
	return n, err
}

// RemoteAddr is the client's; for a PROXY header this waits.
func (c *Conn) RemoteAddr() net.Addr {
	if c.announced {
		c.Rest()
	}
	if c.introduce() != nil {
		return c.raw.RemoteAddr()
	}
	return c.Conn.RemoteAddr()
}

// SyscallConn is the socket's, past the limits for headers and turns, for a caller that reads or
// writes without waiting. They are over once a good token was shown on a WebSocket. A reader has
// read all that came until then: a PROXY header's reader may have read ahead.
func (c *Conn) SyscallConn() (syscall.RawConn, error) {
	if sc, ok := c.raw.(syscall.Conn); ok {
		return sc.SyscallConn()
	}
	return nil, errors.ErrUnsupported
}

// CloseWrite lets the client read what was written before the connection is reset.
func (c *Conn) CloseWrite() error {
	if half, ok := c.raw.(interface{ CloseWrite() error }); ok {
		return half.CloseWrite()
	}
	return errors.ErrUnsupported
}

// Close is net.Conn's; it gives back all that the connection holds.
func (c *Conn) Close() error {
	err := c.raw.Close()
	c.l.leave(c)
	c.giveBack()
	c.endGreeting()
	c.Rest()
	c.poke()
	return err
}

// giveBack ends what the connection holds but for its place in all.
func (c *Conn) giveBack() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.closed = true
	c.header.release()
	for _, h := range c.held {
		h.of.Give(h.a)
	}
	c.held = nil
}
