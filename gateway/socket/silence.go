package socket

// A silent connection has no reader. Its bytes come from a source that tells when there are some:
//
//	reader: … read ─ nothing more ─ ends ┐          ┌ read …
//	source:                              └ wake ────┘
//
// A reader that has begun to read may wait, as for the rest of a frame, an owner, or its client to
// fetch answers. It holds up nobody else.

// wake makes sure that a reader looks at what there is to read. It never blocks and takes no lock
// of the connection's, so anyone may call it.
func (c *conn) wake() {
	for {
		switch c.reader.Load() {
		case silent:
			if c.reader.CompareAndSwap(silent, reading) {
				c.srv.crew.read(c)
				return
			}
		case reading:
			if c.reader.CompareAndSwap(reading, stirred) {
				return
			}
		default:
			return
		}
	}
}

// course is how a reader goes on.
type course uint8

const (
	readOn course = iota
	fallSilent
	endReading
)

// ahead says how the reader goes on. The lock tells it from the writer of a close frame, who reads
// for the answer: as long as there is no code, there is no such writer.
func (c *conn) ahead() course {
	c.out.mu.Lock()
	defer c.out.mu.Unlock()
	g := c.nc
	switch {
	case c.out.code != 0:
		return endReading
	case !g.betweenFrames() || g.ended.Load():
		return readOn
	case g.source == nil && !c.findSource():
		return readOn
	case !g.drained:
		g.look()
		return readOn
	}
	g.fallSilent()
	if c.reader.CompareAndSwap(reading, silent) {
		return fallSilent
	}
	c.reader.Store(reading)
	g.look()
	return readOn
}

// findSource finds the connection a source. Strangers have a reader for as long as they are, which
// is the time for a hello: each turn of theirs is counted on the way (package admit). The source
// must not miss what something below has read ahead, so all of that has been read.
func (c *conn) findSource() bool {
	g := c.nc
	if !c.welcomed || !g.drained || g.sourceless {
		return false
	}
	g.source = c.srv.sourceOf(g.Conn, c)
	g.sourceless = g.source == nil
	return g.source != nil
}

// between is called by the library's callbacks, after a control frame: the next read may not wait,
// unless the frame came amidst a message.
func (c *conn) between() {
	if g := c.nc; g.source != nil && c.watch.begun.Load() == 0 && g.betweenFrames() && !g.ended.Load() {
		g.look()
	}
}
