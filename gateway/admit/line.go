package admit

// line is a queue of connections from which any may step out. It is a list through the connections themselves, so standing in it costs
// no memory. All of it is under Listener.mu.
type line struct {
	first, last *Conn
}

// spot is a connection's place in a line.
type spot struct {
	in         *line
	prev, next *Conn
}

func (l *line) join(c *Conn) {
	c.spot = spot{in: l, prev: l.last}
	if l.last == nil {
		l.first = c
	} else {
		l.last.spot.next = c
	}
	l.last = c
}

// stepOut takes c out of whatever line it is in.
func (c *Conn) stepOut() {
	l := c.spot.in
	if l == nil {
		return
	}
	if c.spot.prev == nil {
		l.first = c.spot.next
	} else {
		c.spot.prev.spot.next = c.spot.next
	}
	if c.spot.next == nil {
		l.last = c.spot.prev
	} else {
		c.spot.next.spot.prev = c.spot.prev
	}
	c.spot = spot{}
}
