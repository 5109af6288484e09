package link

import (
	"context"
	"errors"
	"fmt"
)

// Call asks, and waits for the answer. take is run with it on the reader's goroutine, before
// anything that the peer sent later is handled. It must not wait, nor keep the bytes. Once Call has
// returned an error, take is not run any more.
func (c *Conn) Call(ctx context.Context, method byte, payload []byte, take func(reply []byte) error) error {
	if stampSize+len(payload) > maxFrame[c.class] {
		return fmt.Errorf("%w: a call of %d bytes", ErrLarge, len(payload))
	}
	now := c.now()
	c.use(now) // before the call waits: it is from now on that the peer is missed
	p := &pendingCall{take: take, done: make(chan error, 1)}
	c.mu.Lock()
	c.lastID++
	id := c.lastID
	c.pending[id] = p
	c.waiting.Store(int64(len(c.pending)))
	c.mu.Unlock()
	var stamp [stampSize]byte
	if err := c.out.put(kindCall, method, id, appendStamp(stamp[:0], now), payload); err != nil {
		if errors.Is(err, ErrFull) {
			c.stats.Full.Add(1)
		}
		c.forget(id)
		return err
	}
	return c.wait(ctx, id, p)
}

func (c *Conn) wait(ctx context.Context, id uint32, p *pendingCall) error {
	select {
	case err := <-p.done:
		return err
	case <-c.ctx.Done():
	case <-ctx.Done():
	}
	if !c.forget(id) {
		return <-p.done // take is running, or has run
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	return ErrClosed
}

// forget ends the wait for an answer. It reports whether the answer had not come.
func (c *Conn) forget(id uint32) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	_, waits := c.pending[id]
	delete(c.pending, id)
	c.waiting.Store(int64(len(c.pending)))
	return waits
}

// answered hands an answer to the call that waits for it.
func (c *Conn) answered(f frame) {
	c.mu.Lock()
	p := c.pending[f.id]
	delete(c.pending, f.id)
	c.waiting.Store(int64(len(c.pending)))
	c.mu.Unlock()
	switch {
	case p == nil: // the caller has given up
	case f.kind == kindBusy:
		p.done <- ErrBusy
	case f.kind == kindFailure:
		p.done <- fmt.Errorf("%w: %.500s", ErrRemote, f.payload)
	default:
		p.done <- p.take(f.payload)
	}
}

func (c *Conn) failPending() {
	c.mu.Lock()
	defer c.mu.Unlock()
	for id, p := range c.pending {
		delete(c.pending, id)
		p.done <- ErrClosed
	}
}
