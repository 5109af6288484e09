package memnet

import (
	"context"
	"io"
	"net"
	"os"
	"sync"
	"syscall"
	"time"
)

// window is how many bytes may be on their way in a pipe before its writer waits.
const window = 4 << 20

func newPipe(from, to *Host, p parts) *pipe {
	return &pipe{from: from, to: to, parts: p, wake: make(chan struct{})}
}

// poke wakes both ends. p.mu is held.
func (p *pipe) poke() {
	close(p.wake)
	p.wake = make(chan struct{})
}

// end has both ends fail when a host has died: its own end in any case, the other one if it was
// killed.
func (p *pipe) end(h *Host, s state) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.from == h {
		p.refused = net.ErrClosed
		if s == killed {
			p.broken = syscall.ECONNRESET
		}
	} else {
		p.broken = net.ErrClosed
		if s == killed {
			p.refused = syscall.ECONNRESET
		}
	}
	p.poke()
}

func (p *pipe) write(b []byte, limit *deadline) (n int, err error) {
	p.from.net.sent.Add(1)
	for n < len(b) {
		at, moved := limit.look()
		if passed(at) {
			return n, os.ErrDeadlineExceeded
		}
		runs, changed := p.from.runs()
		delay := p.delay()
		p.mu.Lock()
		if err := p.refused; err != nil {
			p.mu.Unlock()
			return n, err
		}
		if room := window - p.bytes; runs && room > 0 {
			part := b[n:min(len(b), n+room)]
			p.append(part, delay)
			n += len(part)
			p.mu.Unlock()
			continue
		}
		wake := p.wake
		p.mu.Unlock()
		rest(at, moved, wake, changed)
	}
	return n, nil
}

// append puts a segment on its way. p.mu is held.
func (p *pipe) append(b []byte, delay time.Duration) {
	if at := time.Now().Add(delay); at.After(p.latest) {
		p.latest = at
	}
	p.waiting = append(p.waiting, segment{p.latest, append([]byte(nil), b...)})
	p.bytes += len(b)
	p.poke()
}

func (p *pipe) read(b []byte, limit *deadline) (int, error) {
	for {
		at, moved := limit.look()
		if passed(at) {
			return 0, os.ErrDeadlineExceeded
		}
		open, changed := p.from.net.open(p.from, p.to, p.part())
		p.mu.Lock()
		if err := p.broken; err != nil {
			p.mu.Unlock()
			return 0, err
		}
		if open && len(p.waiting) > 0 {
			due := p.waiting[0].at
			if passed(due) {
				n, err := p.take(b)
				p.mu.Unlock()
				return n, err
			}
			at = earlier(at, due)
		}
		wake := p.wake
		p.mu.Unlock()
		rest(at, moved, wake, changed)
	}
}

// take copies out of the first segment. p.mu is held.
func (p *pipe) take(b []byte) (int, error) {
	s := &p.waiting[0]
	if len(s.bytes) == 0 {
		return 0, io.EOF
	}
	n := copy(b, s.bytes)
	p.bytes -= n
	if s.bytes = s.bytes[n:]; len(s.bytes) == 0 {
		p.waiting = p.waiting[1:]
	}
	p.poke()
	return n, nil
}

// conn is one end of a stream.
type conn struct {
	in, out       *pipe
	local, remote net.Addr

	reading, writing deadline
	once             sync.Once
}

func (c *conn) Read(b []byte) (int, error)         { return c.in.read(b, &c.reading) }
func (c *conn) Write(b []byte) (int, error)        { return c.out.write(b, &c.writing) }
func (c *conn) LocalAddr() net.Addr                { return c.local }
func (c *conn) RemoteAddr() net.Addr               { return c.remote }
func (c *conn) SetReadDeadline(t time.Time) error  { c.reading.set(t); return nil }
func (c *conn) SetWriteDeadline(t time.Time) error { c.writing.set(t); return nil }

func (c *conn) SetDeadline(t time.Time) error {
	c.reading.set(t)
	c.writing.set(t)
	return nil
}

// Close tells the other end, after all that was written. A frozen host tells it once it is thawed.
// A host that has gone tells it nothing, as a machine without power sends nothing.
func (c *conn) Close() error {
	c.once.Do(func() {
		c.in.fail(&c.in.broken, net.ErrClosed)
		c.out.fail(&c.out.refused, net.ErrClosed)
		for _, p := range []*pipe{c.in, c.out} {
			p.from.forget(p)
			p.to.forget(p)
		}
		if c.out.from.gone() {
			return
		}
		if runs, _ := c.out.from.runs(); runs {
			c.tell()
			return
		}
		go func() {
			_ = c.out.from.running(context.Background())
			c.tell()
		}()
	})
	return nil
}

// tell sends the end of the stream.
func (c *conn) tell() {
	c.in.fail(&c.in.refused, syscall.EPIPE)
	delay := c.out.delay()
	c.out.mu.Lock()
	defer c.out.mu.Unlock()
	c.out.append(nil, delay)
}

// fail sets why an end of a pipe doesn't go on.
func (p *pipe) fail(end *error, err error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	*end = err
	p.poke()
}

// delay is for how long bytes that are written now are on their way.
func (p *pipe) delay() time.Duration {
	n, mark := p.from.net, p.part().mark
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.delayLocked() + n.slow[way{p.from.address, p.to.address, parts{mark: mark}}]
}

// part is the part of the traffic that the pipe belongs to.
func (p *pipe) part() parts {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.parts
}

// forget drops a pipe that has ended.
func (h *Host) forget(p *pipe) {
	h.net.mu.Lock()
	defer h.net.mu.Unlock()
	for i, other := range h.conns {
		if other == p {
			h.conns[i] = h.conns[len(h.conns)-1]
			h.conns = h.conns[:len(h.conns)-1]
			return
		}
	}
}
