package socket

import (
	"sync"
	"syscall"
	"time"
)

// Write is net.Conn's, for the library. It may wait for the client, so a stranger's turn ends
// before.
func (g *guard) Write(p []byte) (int, error) {
	if !g.mu.TryLock() { // another write may wait for the client, too
		g.rest()
		g.mu.Lock()
	}
	defer g.mu.Unlock()
	return g.writeWithin(p, g.of.srv.cfg.SlowAfter)
}

// writeWithin writes p within d. What needs no waiting needs no deadline: that would cost a timer.
// The caller holds mu.
func (g *guard) writeWithin(p []byte, d time.Duration) (int, error) {
	n := g.writeNow(p)
	if n == len(p) {
		return n, nil
	}
	g.rest()
	if err := g.SetWriteDeadline(time.Now().Add(d)); err != nil {
		return n, err
	}
	m, err := g.Conn.Write(p[n:])
	if err == nil {
		_ = g.SetWriteDeadline(time.Time{}) // one that is over would keep writeNow from writing
	}
	return n + m, err
}

// writeNow writes as much of p as the kernel takes at once. That is nothing where something is
// between us and the kernel, as TLS is, and on a connection that has failed. The caller holds mu.
func (g *guard) writeNow(p []byte) int {
	nc, ok := g.Conn.(syscall.Conn)
	if !ok || len(p) == 0 {
		return 0
	}
	raw, err := nc.SyscallConn()
	if err != nil {
		return 0
	}
	a := attempts.Get().(*attempt)
	defer attempts.Put(a)
	a.bytes, a.n = p, 0
	_ = raw.Write(a.do)
	a.bytes = nil
	return a.n
}

// attempt is one try to write. It is kept, since what is given to a RawConn is allocated.
type attempt struct {
	bytes []byte
	n     int
	do    func(fd uintptr) bool
}

var attempts = sync.Pool{New: func() any {
	a := &attempt{}
	a.do = func(fd uintptr) bool {
		a.n = sendNow(fd, a.bytes)
		return true // whatever came of it: a RawConn waits otherwise
	}
	return a
}}
