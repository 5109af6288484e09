package admit

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

// poke has c look whether it may read.
func (c *Conn) poke() {
	select {
	case c.poked <- struct{}{}:
	default:
	}
}
