package socket

import (
	"errors"
	"os"
	"sync"
	"time"

	"github.com/coder/websocket"

	"github.com/scaiwave/presence/gateway/hub"
)

// The writer's states. A goroutine that has something to write pokes: idle becomes writing and a
// goroutine starts, writing becomes again and it looks once more before it stops.
const (
	writerIdle uint32 = iota
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

// changesAFrame bounds a frame of changes; 1,000 of the longest ids are 150 KB.
const changesAFrame = 1000

var outboxes = sync.Pool{New: func() any { b := make([]byte, 0, 1<<10); return &b }}

// poke makes sure that a writer looks at what there is to write. It never blocks and takes no lock,
// so anyone may call it.
func (c *conn) poke() {
	for {
		switch state := c.out.writer.Load(); state {
		case writerIdle:
			if c.out.writer.CompareAndSwap(writerIdle, writerWriting) {
				c.srv.registry.running.Add(1) // not after Close has waited: the reader pokes, with a code set, before it ends
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

// write is the writer: it writes until nothing is left, and closes the socket if that is what is
// left.
func (c *conn) write() {
	defer c.srv.registry.running.Done()
	for c.out.writer.Load() != writerEnded {
		for c.writeSome() {
		}
		if code := c.out.over(); code != 0 {
			c.out.finish()
			c.hangUp(code)
			return
		}
		if c.out.writer.CompareAndSwap(writerWriting, writerIdle) {
			return
		}
		c.out.writer.CompareAndSwap(writerAgain, writerWriting)
	}
}

// hangUp closes the socket; with a close frame it waits for the client's, but not for as long as
// the library would (5 s): a node that leaves would wait for every client that has gone.
func (c *conn) hangUp(code closeCode) {
	if code.silent() {
		_ = c.ws.CloseNow()
		return
	}
	_ = c.nc.SetReadDeadline(time.Now().Add(c.srv.cfg.CloseTimeout))
	_ = c.ws.Close(websocket.StatusCode(code), code.reason())
}

// writeSome writes what there is now, in one system call, and reports whether there may be more.
func (c *conn) writeSome() bool {
	shared, own := c.next()
	switch {
	case shared != nil:
		return c.put(shared)
	case own != nil:
		ok := c.put(*own)
		if *own = (*own)[:0]; cap(*own) <= maxOutboxBytes {
			outboxes.Put(own)
		}
		return ok
	default:
		return false
	}
}

// next takes what there is to write: replies first, then how the participant sees itself, then
// changes. A single change comes as bytes that others are sent too.
func (c *conn) next() (shared []byte, own *[]byte) {
	o := &c.out
	o.mu.Lock()
	defer o.mu.Unlock()
	own = o.takeReplies()
	if o.code != 0 {
		return nil, own
	}
	if o.ping {
		o.ping = false
		own = grown(own)
		*own = append(*own, pingFrame...)
	}
	if o.viewer == nil {
		return nil, own
	}
	if self, ok := o.viewer.DrainSelf(); ok {
		own = grown(own)
		*own = appendSelf(*own, self)
		c.srv.counters.frames.Add(1)
	}
	return c.changes(own)
}

// changes adds the viewer's changes to own, or returns them alone. The caller holds out.mu.
func (c *conn) changes(own *[]byte) ([]byte, *[]byte) {
	var few [8]hub.Change
	changes := c.out.viewer.Drain(few[:0], changesAFrame)
	if len(changes) == 0 {
		return nil, own
	}
	c.srv.counters.frames.Add(1)
	c.srv.counters.changes.Add(int64(len(changes)))
	if own == nil && len(changes) == 1 && changes[0].Frame != nil {
		return changes[0].Frame, nil
	}
	own = grown(own)
	*own = appendChanges(*own, changes)
	return nil, own
}

// takeReplies empties the queue and lets the reader go on. The caller holds mu.
func (o *out) takeReplies() *[]byte {
	replies := o.replies
	o.replies = nil
	if o.room != nil {
		close(o.room)
		o.room = nil
	}
	return replies
}

// finish ends the writer for good.
func (o *out) finish() {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.writer.Store(writerEnded)
	o.takeReplies()
}

func grown(b *[]byte) *[]byte {
	if b == nil {
		return outboxes.Get().(*[]byte)
	}
	return b
}

// put writes whole frames. A reader that is too slow for it gets the rest, and the reason, if it
// fetches them soon.
func (c *conn) put(b []byte) bool {
	n, err := c.nc.Write(b)
	c.srv.counters.bytes.Add(int64(n))
	if err == nil {
		return true
	}
	if errors.Is(err, os.ErrDeadlineExceeded) {
		c.out.shut(closeSlow)
		if _, err = c.nc.writeWithin(b[n:], c.srv.cfg.CloseTimeout); err == nil {
			return false
		}
	}
	_ = c.nc.Close()
	c.out.finish()
	return false
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
