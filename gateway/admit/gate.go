package admit

import "runtime"

// newGates lets in as many as can compute at once, and one with a large header.
func newGates() gates {
	return gates{brief: make(gate, runtime.GOMAXPROCS(0)), large: make(gate, 1)}
}

// goIn waits at a gate, unless the latest answer was for a good token.
func (c *Conn) goIn() {
	if c.proven.Load() {
		return
	}
	g := &c.l.gates.brief
	if c.isLarge() {
		g = &c.l.gates.large
	}
	*g <- struct{}{}
	if before := c.inside.Swap(g); before != nil { // what closes a WebSocket reads it, too
		<-*before
	}
	if c.isClosed() {
		c.Rest()
	}
}

// Rest ends the turn of a connection until it is read again, and lets the next one in: what has
// come is to be worked on, which may wait for others.
func (c *Conn) Rest() {
	if g := c.inside.Swap(nil); g != nil {
		<-*g
	}
}

func (c *Conn) isLarge() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.header.bytes > int64(c.l.config.FreeHeaderBytes)
}

func (c *Conn) isClosed() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.closed
}

// readUpgraded reads a WebSocket. Before a good token was shown each read ends with a turn.
func (c *Conn) readUpgraded(p []byte) (int, error) {
	c.Rest()
	n, err := c.Conn.Read(p)
	if n == 0 || c.proven.Load() {
		return n, err
	}
	c.mu.Lock()
	c.header.bytes += int64(n)
	c.mu.Unlock()
	c.goIn()
	return n, err
}
