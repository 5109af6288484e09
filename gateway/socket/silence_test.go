package socket

import (
	"net"
	"os"
	"sync"
	"time"
)

// silentPipe is a source in memory.
func silentPipe(nc net.Conn, c *conn) source {
	p := nc.(*pumped)
	p.mu.Lock()
	defer p.mu.Unlock()
	p.of = c
	if len(p.have) > 0 || p.err != nil { // as epoll tells at once of what is there
		c.nc.ended.Store(p.err != nil)
		c.wake()
	}
	return p
}

// pumped is the server's end of a pipe, whose bytes are fetched ahead, so that it can tell whether
// there are some.
type pumped struct {
	net.Conn
	taken chan struct{} // have is to be filled again
	once  sync.Once
	done  chan struct{} // closed with it

	mu       sync.Mutex
	have     []byte
	err      error
	of       *conn
	deadline time.Time
	changed  chan struct{} // closed when something above has changed
}

func newPumped(nc net.Conn) *pumped {
	p := &pumped{Conn: nc, taken: make(chan struct{}), done: make(chan struct{}), changed: make(chan struct{})}
	go p.pump()
	return p
}

func (p *pumped) pump() {
	b := make([]byte, 4<<10)
	for err := error(nil); err == nil; {
		var n int
		n, err = p.Conn.Read(b)
		p.mu.Lock()
		p.have, p.err = b[:n], err
		c := p.of
		p.change()
		p.mu.Unlock()
		if c != nil {
			if err != nil {
				c.nc.ended.Store(true)
			}
			c.wake()
		}
		if n > 0 {
			select {
			case <-p.taken:
			case <-p.done:
			}
		}
	}
}

func (p *pumped) Close() error {
	p.once.Do(func() { close(p.done) })
	return p.Conn.Close()
}

// change tells those who wait. The caller holds mu.
func (p *pumped) change() {
	close(p.changed)
	p.changed = make(chan struct{})
}

func (p *pumped) readNow(b []byte) (int, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(p.have) == 0 {
		if p.err != nil {
			return 0, p.err
		}
		return 0, errNothing
	}
	n := copy(b, p.have)
	if p.have = p.have[n:]; len(p.have) == 0 {
		select {
		case p.taken <- struct{}{}:
		case <-p.done:
		}
	}
	return n, nil
}

func (p *pumped) detach() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.of = nil
}

func (p *pumped) Read(b []byte) (int, error) {
	for {
		p.mu.Lock()
		changed, deadline := p.changed, p.deadline
		p.mu.Unlock()
		if n, err := p.readNow(b); err != errNothing {
			return n, err
		}
		var late <-chan time.Time
		if !deadline.IsZero() {
			late = time.After(time.Until(deadline))
		}
		select {
		case <-changed:
		case <-late:
			return 0, os.ErrDeadlineExceeded
		}
	}
}

func (p *pumped) SetDeadline(t time.Time) error {
	_ = p.SetReadDeadline(t)
	return p.SetWriteDeadline(t)
}

func (p *pumped) SetReadDeadline(t time.Time) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.deadline = t
	p.change()
	return nil
}
