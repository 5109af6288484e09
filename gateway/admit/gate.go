package admit

import (
	"runtime"
	"time"
)

// newGates lets in as many as can compute at once, and one with a large header.
func newGates() *gates {
	g := &gates{}
	g.brief.slots = make(chan struct{}, runtime.GOMAXPROCS(0))
	g.large.slots = make(chan struct{}, 1)
	g.brief.pause, g.large.pause = &g.pause, &g.pause
	return g
}

// close ends what waits at the gates. Connections that are still there are read as they are where
// the kernel keeps no line.
func (g *gates) close() {
	g.brief.line.close()
	g.large.line.close()
	g.pause.close()
}

// goIn waits at a gate, unless c is inside or its latest answer was for a good token.
func (c *Conn) goIn() {
	if c.proven.Load() || c.inside.Load() != nil {
		return
	}
	g := c.gate()
	g.enter()
	if before := c.inside.Swap(g); before != nil { // what closes a WebSocket reads it, too
		<-before.slots
	}
	if c.isClosed() {
		c.Rest()
	}
}

// enter takes a slot. Where turns follow upon each other, others are let in between.
func (g *gate) enter() {
	select {
	case g.slots <- struct{}{}:
	default:
		g.slots <- struct{}{}
		g.pause.take()
	}
}

// Rest ends the turn of a connection until it is read again, and lets the next one in: what has
// come is to be worked on, which may wait for others.
func (c *Conn) Rest() {
	if g := c.inside.Swap(nil); g != nil {
		<-g.slots
	}
}

// usher gives turns to those in line while slots are free. It ends when the line is closed.
func (g *gate) usher() {
	for g.line.await() {
		g.enter()
		if c := g.line.next(g); c != nil {
			c.poke()
		} else {
			<-g.slots
		}
	}
}

// awaitTurn stands in line until something has come and it is c's turn to read it, or nothing will:
// reading tells why. Where there is no line it returns at once. Those with a good token read when
// they like.
//
// A connection that is named by a PROXY header has none: what came with the header has been read.
func (c *Conn) awaitTurn() {
	if c.proven.Load() || c.announced {
		return
	}
	g := c.gate()
	if !g.line.join(c, g.usher) {
		return
	}
	for c.inside.Load() == nil && !c.isClosed() && g.line.has(c) {
		if !c.wait() {
			break
		}
	}
	g.line.leave(c)
	if c.isClosed() {
		c.Rest()
	}
}

// wait waits for a poke; false: it has been too long.
func (c *Conn) wait() bool {
	by := c.readBy()
	if by.IsZero() {
		<-c.poked
		return true
	}
	t := time.NewTimer(time.Until(by))
	defer t.Stop()
	select {
	case <-c.poked:
		return true
	case <-t.C:
		return false
	}
}

// readBy is when reading c fails; zero: never.
func (c *Conn) readBy() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.by
}

func (c *Conn) gate() *gate {
	if c.isLarge() {
		return &c.l.gates.large
	}
	return &c.l.gates.brief
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

// readUpgraded reads a WebSocket. Before a good token was shown each read is a turn.
func (c *Conn) readUpgraded(p []byte) (int, error) {
	c.Rest()
	c.awaitTurn()
	n, err := c.Conn.Read(p)
	if n == 0 || c.proven.Load() {
		c.Rest()
		return n, err
	}
	c.mu.Lock()
	c.header.bytes += int64(n)
	c.mu.Unlock()
	c.goIn()
	return n, err
}
