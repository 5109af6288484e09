package socket

import (
	"errors"
	"os"
	"time"

	"github.com/coder/websocket"
)

// write is the writer: it writes until nothing is left, and closes the socket if that is what is
// left.
func (c *conn) write() {
	for c.out.writer.Load() != writerEnded {
		for c.writeSome() {
		}
		if code := c.out.over(); code != 0 {
			c.finish()
			c.hangUp(code)
			break
		}
		if c.out.writer.CompareAndSwap(writerWriting, writerIdle) {
			return
		}
		c.out.writer.CompareAndSwap(writerAgain, writerWriting)
	}
	c.srv.registry.running.Done()
}

// resume is a writer that begins with the rest of a batch, of which n bytes are written. The caller
// has locked the guard, so nothing comes between them.
func (c *conn) resume(b batch, n int) {
	c.putRest(&b, n)
	c.write()
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
	b := c.next()
	if len(b.bytes) == 0 {
		return false
	}
	c.nc.mu.Lock()
	return c.putRest(&b, 0)
}

// putRest writes a batch but for its first n bytes, and unlocks the guard. A reader that is too
// slow for it gets the rest, and the reason, if it fetches them soon.
func (c *conn) putRest(b *batch, n int) bool {
	m, err := c.nc.writeWithin(b.bytes[n:], c.srv.cfg.SlowAfter)
	n += m
	slow := errors.Is(err, os.ErrDeadlineExceeded)
	if slow {
		c.out.shut(closeSlow)
		m, err = c.nc.writeWithin(b.bytes[n:], c.srv.cfg.CloseTimeout)
		n += m
	}
	c.nc.mu.Unlock()
	c.srv.counters.bytes.Add(int64(n))
	b.done()
	if err != nil {
		_ = c.nc.Close()
		c.finish()
	}
	return err == nil && !slow
}

// finish ends the writer for good.
func (c *conn) finish() {
	o := &c.out
	o.mu.Lock()
	defer o.mu.Unlock()
	o.writer.Store(writerEnded)
	o.takeReplies()
}
