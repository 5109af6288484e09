package admit

import (
	"cmp"
	"os"
	"sync"
	"syscall"

	"golang.org/x/sys/unix"
)

// queue is the line of strangers that wait for what their clients send. The kernel keeps it, in an
// epoll set of its own: who has sent something stands in it in that order, and costs nothing before
// its turn.
//
// Without it each of them would be woken at once to read, and then wait for its turn: a user's
// request that came after a thousand of them would be noticed after all these. Go's own epoll set
// has the same descriptors, but nobody waits for them there, so it passes over them at once.
type queue struct {
	mu      sync.Mutex
	set     *os.File // nil: nobody has waited yet
	raw     syscall.RawConn
	closed  bool
	tickets uint64
	waiting map[uint64]*Conn // by ticket
}

// open makes the set, once, and starts what calls next. The caller holds mu.
func (q *queue) open(usher func()) bool {
	if q.closed || q.set != nil {
		return !q.closed
	}
	fd, err := unix.EpollCreate1(unix.EPOLL_CLOEXEC)
	if err != nil {
		return false
	}
	q.set, q.raw, err = Pollable(fd, "strangers")
	if err != nil {
		return false
	}
	q.waiting = make(map[uint64]*Conn)
	go usher()
	return true
}

// join puts c at the end of the line, as soon as something has come from its client. It reports
// whether there is a line for it.
func (q *queue) join(c *Conn, usher func()) bool {
	sc, ok := c.raw.(syscall.Conn)
	if !ok {
		return false
	}
	raw, err := sc.SyscallConn()
	if err != nil {
		return false
	}
	q.mu.Lock()
	defer q.mu.Unlock()
	if !q.open(usher) {
		return false
	}
	q.tickets++
	c.ticket.Store(q.tickets)
	q.waiting[q.tickets] = c
	if q.arm(raw, q.tickets) != nil {
		delete(q.waiting, q.tickets)
		return false
	}
	return true
}

// arm has the set report a connection once.
func (q *queue) arm(conn syscall.RawConn, ticket uint64) error {
	event := unix.EpollEvent{
		Events: unix.EPOLLIN | unix.EPOLLRDHUP | unix.EPOLLONESHOT,
		Fd:     int32(ticket), Pad: int32(ticket >> 32),
	}
	err := q.control(conn, unix.EPOLL_CTL_ADD, &event)
	if err == unix.EEXIST {
		err = q.control(conn, unix.EPOLL_CTL_MOD, &event)
	}
	return err
}

// control is epoll_ctl, while both descriptors are open.
func (q *queue) control(conn syscall.RawConn, op int, event *unix.EpollEvent) error {
	var closed, result error
	err := q.raw.Control(func(set uintptr) {
		closed = conn.Control(func(fd uintptr) { result = unix.EpollCtl(int(set), op, int(fd), event) })
	})
	return cmp.Or(err, closed, result)
}

// forget takes the descriptor of c out of the set: what stays there for long costs memory, and time
// when it is closed. Somebody who reads of c meanwhile needs no turn any more.
func (q *queue) forget(c *Conn) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.remove(c) {
		c.poke()
	}
	if sc, ok := c.raw.(syscall.Conn); ok && q.set != nil && !q.closed {
		if raw, err := sc.SyscallConn(); err == nil {
			_ = q.control(raw, unix.EPOLL_CTL_DEL, &unix.EpollEvent{})
		}
	}
}

// next takes the first out of the line, and gives it a turn of g's; nil: nobody is there.
func (q *queue) next(g *gate) *Conn {
	q.mu.Lock()
	defer q.mu.Unlock()
	for q.set != nil && !q.closed {
		var event [1]unix.EpollEvent
		n := 0
		err := q.raw.Control(func(set uintptr) { n, _ = unix.EpollWait(int(set), event[:], 0) })
		if err != nil || n < 1 {
			return nil
		}
		ticket := uint64(uint32(event[0].Fd)) | uint64(uint32(event[0].Pad))<<32
		if c := q.waiting[ticket]; c != nil {
			delete(q.waiting, ticket)
			c.inside.Store(g)
			return c
		}
	}
	return nil
}

// await waits until a connection is in line; false: it is closed.
func (q *queue) await() bool {
	return q.raw.Read(func(set uintptr) bool {
		n, err := unix.Poll([]unix.PollFd{{Fd: int32(set), Events: unix.POLLIN}}, 0)
		return n > 0 || err != nil && err != unix.EINTR
	}) == nil
}

// has reports whether c waits for its turn.
func (q *queue) has(c *Conn) bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.waiting[c.ticket.Load()] == c
}

// leave takes c out of the line.
func (q *queue) leave(c *Conn) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.remove(c)
}

// remove takes c out of the line, and reports whether it was there. The caller holds mu.
func (q *queue) remove(c *Conn) bool {
	ticket := c.ticket.Load()
	if q.waiting[ticket] != c { // a ticket of the other line, or none
		return false
	}
	delete(q.waiting, ticket)
	return true
}

// close sends all away.
func (q *queue) close() {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.closed = true; q.set == nil {
		return
	}
	_ = q.set.Close()
	for _, c := range q.waiting {
		c.poke()
	}
	clear(q.waiting)
}
