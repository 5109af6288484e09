package link

import (
	"context"
	"errors"
	"fmt"
	"io"
	"sync"
	"time"
)

// run works until the connection ends, and returns why it did.
func (c *Conn) run() error {
	var helpers sync.WaitGroup
	helpers.Go(c.write)
	helpers.Go(c.pulse)
	c.handler.Opened(c)
	c.cancel(c.read())
	c.ws.CloseNow()
	c.out.close()
	helpers.Wait()
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
		c.heard.Store(int64(time.Since(c.made)))
		if err := c.handleAll(b); err != nil {
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

func (c *Conn) handleAll(b []byte) error {
	for len(b) > 0 {
		f, rest, err := cutFrame(b)
		if err != nil {
			return err
		}
		if len(f.payload) > maxFrame[c.class] {
			return fmt.Errorf("%w: %d bytes; %v frames have at most %d",
				ErrLarge, len(f.payload), c.class, maxFrame[c.class])
		}
		c.handle(f)
		b = rest
	}
	return nil
}

func (c *Conn) handle(f frame) {
	switch f.kind {
	case kindPush:
		c.handler.Push(c, f.method, f.payload)
	case kindCall:
		c.take(f)
	case kindReply, kindFailure, kindBusy:
		c.answered(f)
	case kindAlive:
		c.unheard.Store(int64(f.id))
		if sent, _, ok := cutStamp(f.payload); ok {
			c.ages.note(sent, c.now())
		}
	}
}
