package socket

import (
	"io"
	"net"
	"os"
	"sync"
	"syscall"
	"testing"
	"time"
)

// pairConn is an end of a socket pair: the kernel's buffers and descriptors, but what waits, waits
// for a channel. So it may be used in virtual time, and written to without waiting.
type pairConn struct {
	pipeAddr // both ends'

	mu     sync.RWMutex // over each use of fd, so that none is used after close
	fd     int
	closed bool

	peer                  *pairConn
	readable, writable    chan struct{} // one slot each: the peer has done something
	gone                  chan struct{}
	readLimit, writeLimit limitTimer
}

func init() {
	ways = append(ways, way{
		"kernel", func(t testing.TB) (net.Conn, net.Conn) { return newPair(t, 1) },
		func(net.Conn, *conn) source { return nil },
	})
}

// newPair returns two ends that are connected; each buffers some 4 KiB, or more.
func newPair(t testing.TB, room int) (ours, theirs *pairConn) {
	t.Helper()
	fds, err := syscall.Socketpair(syscall.AF_UNIX, syscall.SOCK_STREAM|syscall.SOCK_NONBLOCK|syscall.SOCK_CLOEXEC, 0)
	if err != nil {
		t.Fatal(err)
	}
	var ends [2]*pairConn
	for i, fd := range fds {
		if err := syscall.SetsockoptInt(fd, syscall.SOL_SOCKET, syscall.SO_SNDBUF, room); err != nil {
			t.Fatal(err)
		}
		ends[i] = &pairConn{
			fd: fd, gone: make(chan struct{}),
			readable: make(chan struct{}, 1), writable: make(chan struct{}, 1),
		}
		ends[i].readLimit.init()
		ends[i].writeLimit.init()
	}
	t.Cleanup(func() {
		_ = ends[0].Close()
		_ = ends[1].Close()
	})
	ends[0].peer, ends[1].peer = ends[1], ends[0]
	return ends[0], ends[1]
}

func raise(c chan struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}

// use calls f with the descriptor.
func (c *pairConn) use(f func(fd int) (int, error)) (int, error) {
	c.mu.RLock()
	defer c.mu.RUnlock()
	if c.closed {
		return 0, net.ErrClosed
	}
	return f(c.fd)
}

func (c *pairConn) Read(p []byte) (int, error) {
	for {
		if c.readLimit.over() {
			return 0, os.ErrDeadlineExceeded
		}
		n, err := c.use(func(fd int) (int, error) { return syscall.Read(fd, p) })
		switch {
		case err == syscall.EAGAIN:
			if err := c.wait(c.readable, &c.readLimit); err != nil {
				return 0, err
			}
			continue
		case err == nil && n == 0 && len(p) > 0:
			return 0, io.EOF
		case err == nil:
			raise(c.peer.writable)
		}
		return max(n, 0), err
	}
}

func (c *pairConn) Write(p []byte) (n int, err error) {
	for n < len(p) {
		if c.writeLimit.over() {
			return n, os.ErrDeadlineExceeded
		}
		m, err := c.use(func(fd int) (int, error) {
			return syscall.SendmsgN(fd, p[n:], nil, nil, syscall.MSG_NOSIGNAL)
		})
		switch {
		case err == syscall.EAGAIN:
			if err := c.wait(c.writable, &c.writeLimit); err != nil {
				return n, err
			}
		case err != nil:
			return n, err
		}
		n += max(m, 0)
		raise(c.peer.readable)
	}
	return n, nil
}

// wait waits until the peer has done something, or for the end.
func (c *pairConn) wait(moved chan struct{}, limit *limitTimer) error {
	select {
	case <-moved:
		return nil
	case <-limit.rung():
		return nil // the caller looks whether it is over, or was moved
	case <-c.gone:
		return net.ErrClosed
	}
}

func (c *pairConn) Close() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closed {
		return net.ErrClosed
	}
	c.closed = true
	close(c.gone)
	err := syscall.Close(c.fd)
	raise(c.peer.readable)
	raise(c.peer.writable)
	return err
}

func (c *pairConn) LocalAddr() net.Addr  { return c.pipeAddr }
func (c *pairConn) RemoteAddr() net.Addr { return c.pipeAddr }

func (c *pairConn) SetDeadline(t time.Time) error {
	c.readLimit.set(t)
	c.writeLimit.set(t)
	return nil
}

func (c *pairConn) SetReadDeadline(t time.Time) error {
	c.readLimit.set(t)
	return nil
}

func (c *pairConn) SetWriteDeadline(t time.Time) error {
	c.writeLimit.set(t)
	return nil
}

// SyscallConn is what makes flushers write.
func (c *pairConn) SyscallConn() (syscall.RawConn, error) { return rawPair{c}, nil }

type rawPair struct{ c *pairConn }

// Control and Read fail: the poller doesn't wait in virtual time, so it must not take this socket.
func (r rawPair) Control(func(fd uintptr)) error { return syscall.ENOTSUP }

func (r rawPair) Read(func(fd uintptr) bool) error { return syscall.ENOTSUP }

// Write fails once a deadline is over, as net's does.
func (r rawPair) Write(f func(fd uintptr) bool) error {
	if r.c.writeLimit.over() {
		return os.ErrDeadlineExceeded
	}
	_, err := r.c.use(func(fd int) (int, error) { f(uintptr(fd)); return 0, nil })
	raise(r.c.peer.readable)
	return err
}

// limitTimer is a deadline that may be moved while it is waited for.
type limitTimer struct {
	mu    sync.Mutex
	at    time.Time
	timer *time.Timer
	rang  chan struct{}
}

func (l *limitTimer) init() { l.rang = make(chan struct{}, 1) }

func (l *limitTimer) over() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return !l.at.IsZero() && !time.Now().Before(l.at)
}

func (l *limitTimer) rung() <-chan struct{} { return l.rang }

func (l *limitTimer) set(t time.Time) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.at = t; l.timer != nil {
		l.timer.Stop()
	}
	if !t.IsZero() {
		l.timer = time.AfterFunc(time.Until(t), func() { raise(l.rang) })
	}
}
