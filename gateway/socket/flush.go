package socket

// mark makes sure that what there is to deliver is looked at soon. It never waits, so anyone may
// call it.
func (c *conn) mark() {
	for {
		switch c.out.writer.Load() {
		case writerIdle:
			if c.out.writer.CompareAndSwap(writerIdle, writerMarked) {
				c.srv.flushers.push(c)
				return
			}
		case writerWriting:
			if c.out.writer.CompareAndSwap(writerWriting, writerAgain) {
				return
			}
		default:
			return
		}
	}
}

// flush writes what there is, as far as that needs no waiting. The rest is a writer's.
func (c *conn) flush() {
	if !c.out.writer.CompareAndSwap(writerMarked, writerWriting) {
		return // a writer has taken it
	}
	if !c.nc.mu.TryLock() { // the library writes, and may have to wait
		go c.write()
		return
	}
	b := c.next()
	n := c.nc.writeNow(b.bytes)
	if n < len(b.bytes) {
		go c.resume(b, n)
		return
	}
	c.nc.mu.Unlock()
	c.srv.counters.bytes.Add(int64(n))
	b.done()
	if b.code != 0 {
		go c.write()
		return
	}
	c.settle(b.more)
}

// settle ends a flush. What has come meanwhile, or is left, waits for its turn again, so one socket
// can't keep a flusher.
func (c *conn) settle(more bool) {
	if !more && c.out.writer.CompareAndSwap(writerWriting, writerIdle) {
		return
	}
	c.out.writer.Store(writerMarked)
	c.srv.flushers.push(c)
	if c.out.answers() {
		c.poke() // the poke of their time may have met this flush
	}
}
