package socket

import (
	"errors"
	"io"
	"net"
	"os"
	"runtime"
	"sync"
	"syscall"

	"github.com/scaiwave/presence/gateway/admit"
)

// poller waits for all silent sockets in one goroutine, with an epoll set of its own. The set is a
// file that Go's poller waits for as for any other, so no thread is held.
//
// The set tells of edges: of what comes, once. Nothing has to be armed again, and whoever is told
// must read on until there is nothing. Sockets under TLS are not in it: what their layer has read
// ahead is not to be seen from outside.
type poller struct {
	running sync.WaitGroup

	mu     sync.Mutex
	closed bool
	set    *os.File // nil: not needed yet
	raw    syscall.RawConn
	places []pollPlace
	free   []uint32
}

// pollPlace is where the event of a socket finds its connection. An event that was fetched before
// the socket was closed may come to a place that is another's; its turn is another then.
type pollPlace struct {
	conn *conn
	turn uint32
}

// polled is a socket in the set.
type polled struct {
	raw   syscall.RawConn
	of    *poller
	place uint32
	turn  uint32
}

// eventsAtOnce is how many readers may start before they are let run. They leave their goroutines
// to the next ones, as the hub's writers do.
const eventsAtOnce = maxFree

const edges = syscall.EPOLLIN | syscall.EPOLLRDHUP | 1<<31 // EPOLLET, which the package has as a negative number

// source puts the socket of nc into the set; nil if it can't be there.
func (p *poller) source(nc net.Conn, c *conn) source {
	sc, ok := nc.(syscall.Conn)
	if !ok {
		return nil
	}
	raw, err := sc.SyscallConn()
	if err != nil {
		return nil
	}
	s := &polled{raw: raw, of: p}
	if p.enter(s, c) != nil {
		return nil
	}
	return s
}

func (p *poller) enter(s *polled, c *conn) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	var added error
	err := s.raw.Control(func(fd uintptr) { added = p.add(s, c, int(fd)) })
	return errors.Join(err, added)
}

// add adds the socket with a descriptor to the set. The caller holds mu.
func (p *poller) add(s *polled, c *conn, fd int) error {
	if err := p.start(); err != nil {
		return err
	}
	p.take(s, c)
	e := syscall.EpollEvent{Events: edges, Fd: int32(s.place), Pad: int32(s.turn)}
	err := p.control(fd, &e)
	if err != nil {
		p.give(s)
	}
	return err
}

func (p *poller) control(fd int, e *syscall.EpollEvent) error {
	var added error
	err := p.raw.Control(func(set uintptr) {
		added = os.NewSyscallError("epoll_ctl", syscall.EpollCtl(int(set), syscall.EPOLL_CTL_ADD, fd, e))
	})
	return errors.Join(err, added)
}

// start makes the set when the first socket comes. The caller holds mu.
func (p *poller) start() error {
	switch {
	case p.closed:
		return net.ErrClosed
	case p.set != nil:
		return nil
	}
	fd, err := syscall.EpollCreate1(syscall.EPOLL_CLOEXEC)
	if err != nil {
		return os.NewSyscallError("epoll_create1", err)
	}
	if p.set, p.raw, err = admit.Pollable(fd, "silent sockets"); err != nil {
		return err
	}
	p.running.Go(p.run)
	return nil
}

// take finds a place for s. The caller holds mu.
func (p *poller) take(s *polled, c *conn) {
	if last := len(p.free) - 1; last >= 0 {
		s.place = p.free[last]
		p.free = p.free[:last]
	} else {
		s.place = uint32(len(p.places))
		p.places = append(p.places, pollPlace{})
	}
	at := &p.places[s.place]
	at.conn, s.turn = c, at.turn
}

// give ends what the place of s leads to. The caller holds mu.
func (p *poller) give(s *polled) {
	at := &p.places[s.place]
	if at.turn != s.turn {
		return
	}
	at.conn = nil
	at.turn++
	p.free = append(p.free, s.place)
}

// run fetches what has come until the set is closed.
func (p *poller) run() {
	events := make([]syscall.EpollEvent, eventsAtOnce)
	for {
		n := 0
		err := p.raw.Read(func(set uintptr) bool {
			n, _ = syscall.EpollWait(int(set), events, 0)
			return n > 0
		})
		if err != nil {
			p.mu.Lock()
			p.closed = true // who comes now keeps a reader
			p.mu.Unlock()
			return
		}
		for i := range events[:n] {
			p.tell(&events[i])
		}
		runtime.Gosched()
	}
}

func (p *poller) tell(e *syscall.EpollEvent) {
	p.mu.Lock()
	at := p.places[e.Fd]
	p.mu.Unlock()
	if at.conn == nil || at.turn != uint32(e.Pad) {
		return
	}
	if e.Events&(syscall.EPOLLRDHUP|syscall.EPOLLHUP|syscall.EPOLLERR) != 0 {
		at.conn.nc.ended.Store(true)
	}
	at.conn.wake()
}

// close ends the set.
func (p *poller) close() {
	p.mu.Lock()
	p.closed = true
	set := p.set
	p.set = nil
	p.mu.Unlock()
	if set != nil {
		_ = set.Close()
	}
	p.running.Wait()
}

// detach is source's. The kernel takes the socket out of the set when it is closed.
func (s *polled) detach() {
	s.of.mu.Lock()
	defer s.of.mu.Unlock()
	s.of.give(s)
}

// glance is a read that doesn't wait. It is kept for others, with its function: reading a heartbeat
// allocates nothing.
type glance struct {
	p    []byte
	n    int
	err  error
	once func(fd uintptr) bool
}

var glances = sync.Pool{New: func() any {
	g := &glance{}
	g.once = g.read
	return g
}}

func (g *glance) read(fd uintptr) bool {
	for {
		if g.n, g.err = syscall.Read(int(fd), g.p); g.err != syscall.EINTR {
			return true
		}
	}
}

// readNow is source's.
func (s *polled) readNow(p []byte) (int, error) {
	g := glances.Get().(*glance)
	defer glances.Put(g)
	g.p = p
	err := s.raw.Read(g.once)
	n, failed := g.n, g.err
	g.p, g.n, g.err = nil, 0, nil
	switch {
	case err != nil:
		return 0, err
	case failed == syscall.EAGAIN:
		return 0, errNothing
	case failed != nil:
		return 0, os.NewSyscallError("read", failed)
	case n == 0:
		return 0, io.EOF
	}
	return n, nil
}
