package link

import (
	"context"
	"errors"
	"fmt"
	"io"
	"sync"
)

// run works until the connection ends, and returns why it did.
func (c *Conn) run() error {
	var helpers sync.WaitGroup
	helpers.Go(c.write)
	c.pulses.add(c)
	c.handler.Opened(c)
	c.cancel(c.read())
	c.ws.CloseNow()
	c.out.close()
	helpers.Wait()
	c.pulses.remove(c)
	c.workers.end()
	c.failPending()
	c.handler.Closed(c)
	return context.Cause(c.ctx)
}

func (c *Conn) read() error {
	// a read with a context of its own would allocate
	stop := context.AfterFunc(c.ctx, func() { c.ws.CloseNow() })
	defer stop()
	var b []byte
	for {
		_, r, err := c.ws.Reader(context.Background())
		if err != nil {
			return err
		}
		if b, err = readAll(r, b); err != nil {
			return err
		}
		now := c.now()
		c.heard.Store(int64(now))
		what, err := c.handleAll(b)
		c.came(what, now)
		if err != nil {
			return err
		}
	}
}

// readAll reads a message into b, which grows as bytes come, not as the peer announces them.
func readAll(r io.Reader, b []byte) ([]byte, error) {
	if cap(b) > kept {
		b = nil
	}
	b = b[:0]
	for {
		if len(b) == cap(b) {
			b = append(b, 0)[:len(b)]
		}
		n, err := r.Read(b[len(b):cap(b)])
		b = b[:len(b)+n]
		if errors.Is(err, io.EOF) {
			return b, nil
		}
		if err != nil {
			return b, err
		}
	}
}

func (c *Conn) handleAll(b []byte) (what seen, err error) {
	for len(b) > 0 {
		f, rest, err := cutFrame(b)
		if err != nil {
			return what, err
		}
		if len(f.payload) > maxFrame[c.class] {
			return what, fmt.Errorf("%w: %d bytes; %v frames have at most %d",
				ErrLarge, len(f.payload), c.class, maxFrame[c.class])
		}
		what.frame = what.frame || f.kind != kindAlive
		if f.kind == kindAlive {
			c.hearPulse(f, &what)
		} else {
			c.handle(f)
		}
		b = rest
	}
	return what, nil
}

func (c *Conn) handle(f frame) {
	switch f.kind {
	case kindPush:
		c.handler.Push(c, f.method, f.payload)
	case kindCall:
		c.take(f)
	case kindReply, kindFailure, kindBusy:
		c.answered(f)
	}
}
