package admit

import (
	"context"
	"time"
)

// A header takes so much more memory than bytes on its way through net/http, whose buffer grows as
// the line does.
const headerWeight = 2

// chargeStep is how much a header draws at a time.
const chargeStep = 16 << 10

// HeaderShares divides memory for large headers: an address may have a quarter of it, and at least
// one of the largest. A header that has mostly come may be held back for half an hour, at the
// slowest rate: eight would take all.
func HeaderShares(memory int64, largest int) *Shares {
	return NewShares(NewBudget(memory), max(memory/4, headerWeight*int64(largest)))
}

// charge draws for what is above the free bytes; false: there is nothing left. c.mu is held.
func (c *Conn) charge() bool {
	h, config := &c.header, &c.l.config
	over := headerWeight * (h.bytes - int64(config.FreeHeaderBytes))
	if config.Headers == nil || over <= h.hold.Bytes() {
		return true
	}
	if h.hold.Bytes() == 0 {
		h.hold = config.Headers.Hold(config.Addresses.Name(c.client))
	}
	more := over - h.hold.Bytes()
	more += chargeStep - 1 - (more-1)%chargeStep
	return h.hold.Take(context.Background(), more, 0) == nil
}

// release gives back what a header has drawn: a handler has it now.
func (h *header) release() {
	h.hold.Release()
	*h = header{}
}

// received counts n bytes of a header, and gives it the time that they have earned; false: it is
// too large for now.
func (c *Conn) received(n int) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closed {
		return true
	}
	if c.header.bytes == 0 {
		c.header.began = time.Now()
	}
	c.header.bytes += int64(n)
	c.begun.Store(true)
	c.own = c.l.config.Pace.by(c.header.began, c.header.bytes)
	_ = c.setDeadline()
	return c.charge()
}

// late reports whether the header was too slow, not absent.
func (c *Conn) late() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.begun.Load() && !c.own.IsZero() && !time.Now().Before(c.own)
}

// SetReadDeadline is net.Conn's.
func (c *Conn) SetReadDeadline(t time.Time) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.outer = t
	return c.setDeadline()
}

// SetDeadline is net.Conn's.
func (c *Conn) SetDeadline(t time.Time) error {
	if err := c.SetWriteDeadline(t); err != nil {
		return err
	}
	return c.SetReadDeadline(t)
}

// setDeadline applies the earlier of the two, under mu.
func (c *Conn) setDeadline() error {
	t := c.outer
	if t.IsZero() || !c.own.IsZero() && c.own.Before(t) {
		t = c.own
	}
	c.by = t
	c.poke()
	return c.Conn.SetReadDeadline(t)
}
