package socket

// The writer's states. A goroutine that has something to write pokes: idle becomes writing and a
// goroutine starts, writing becomes again and it looks once more before it stops. The hub marks:
// idle becomes marked, and a flusher takes it from there, unless a poke has.
const (
	writerIdle uint32 = iota
	writerMarked
	writerWriting
	writerAgain
	writerEnded
)

// A client may leave so many bytes of answers unread until no more is read from it; a buffer larger
// than the second is left to the collector.
const (
	maxUnreadBytes = 64 << 10
	maxOutboxBytes = 64 << 10
)

// poke makes sure that a writer looks at what there is to write. It never blocks and takes no lock,
// so anyone may call it.
func (c *conn) poke() {
	for {
		switch state := c.out.writer.Load(); state {
		case writerIdle, writerMarked:
			if c.out.writer.CompareAndSwap(state, writerWriting) {
				go c.write()
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

// reply queues frames that encode appends; the order of calls is the order on the wire.
func (c *conn) reply(encode func(b []byte) []byte) {
	c.out.mu.Lock()
	c.out.add(encode)
	c.out.mu.Unlock()
	c.srv.counters.frames.Add(1)
	c.poke()
}

// add appends to the queue. The caller holds mu.
func (o *out) add(encode func(b []byte) []byte) {
	if o.code != 0 || o.writer.Load() == writerEnded {
		return
	}
	o.replies = grown(o.replies)
	*o.replies = encode(*o.replies)
}

// ask queues a ping.
func (c *conn) ask() {
	c.out.mu.Lock()
	c.out.ping = true
	c.out.mu.Unlock()
	c.poke()
}

// shut has the connection closed with code once the replies queued so far are written.
func (c *conn) shut(code closeCode) {
	if c.out.shut(code) {
		c.poke()
	}
}

// shut notes why the connection is closed; the first reason counts.
func (o *out) shut(code closeCode) bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.code != 0 {
		return false
	}
	o.code = code
	return true
}

func (o *out) closing() closeCode {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.code
}

// over is why the connection is closed, once nothing is left to write. Both are looked at together:
//
//	writer: nothing to write │                          │ closed? yes: the answer would be lost
//	reader:                  │ queues an error, shuts    │
func (o *out) over() closeCode {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.replies != nil {
		return 0
	}
	return o.code
}

// open reports whether messages are still read.
func (o *out) open() bool { return o.closing() == 0 }

// waitForRoom keeps the reader from reading on while its client doesn't fetch more than limit bytes
// of answers. The writer's deadline ends it.
func (o *out) waitForRoom(limit int) {
	o.mu.Lock()
	if o.replies == nil || len(*o.replies) <= limit || o.writer.Load() == writerEnded {
		o.mu.Unlock()
		return
	}
	if o.room == nil {
		o.room = make(chan struct{})
	}
	room := o.room
	o.mu.Unlock()
	<-room
}

// cut ends the connection without a close frame.
func (c *conn) cut(code closeCode) {
	c.out.shut(code)
	_ = c.nc.Close()
}

// answers reports whether there is something that doesn't wait for a flusher's turn.
func (o *out) answers() bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.replies != nil || o.ping || o.code != 0
}
