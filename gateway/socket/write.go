package socket

import (
	"errors"
	"os"
	"sync"
	"time"

	"github.com/coder/websocket"

	"github.com/scaiwave/presence/gateway/hub"
)

// changesAFrame bounds a frame of changes; 1,000 of the longest ids are 150 KB.
const changesAFrame = 1000

var outboxes = sync.Pool{New: func() any { b := make([]byte, 0, 1<<10); return &b }}

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
