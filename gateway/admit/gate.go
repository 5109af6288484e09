package admit

import "runtime"

// gate bounds how many strangers' connections are worked on at once. Two thousand that send at one
// moment would otherwise all be ready to run, and a user's request would wait behind each of them.
// Those that wait stand in the order in which they came, or in the kernel's backlog.
//
// A connection is inside while it computes: from accept to its first read, and from what came of a
// header or a handshake to the next read, or until the request is with its handler. So is a
// WebSocket that has not shown a good token, until its message has been read. It never waits for
// its client in there, so every turn is short.
type gate chan struct{}

// gates are two, since a large header takes hundreds of turns: whoever is new and brief doesn't
// stand behind them.
type gates struct{ brief, large gate }

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

// Rest ends the turn of a connection until it is read again, and lets the next one in: what has come
// is to be worked on, which may wait for others.
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
