package unproven

import (
	"container/list"
	"log/slog"
	"net"
	"sync"
	"sync/atomic"
	"time"
)

// Limits are those of connections that have not shown who they are.
type Limits struct {
	Conns int           // at once
	Time  time.Duration // of each
	Bytes int64         // read from each
}

// Counts are the figures of a listener, or of several.
type Counts struct {
	Open   atomic.Int64 // connections that have not shown who they are
	Closed atomic.Int64 // those of them that were closed at a limit
}

// Listener is a net.Listener whose connections are bounded until they are proven.
type Listener struct {
	// static
	net.Listener
	limits Limits
	counts *Counts
	log    *slog.Logger

	mu   sync.Mutex
	open list.List // of *Conn, the oldest first
}

// Listen bounds the connections of l.
func Listen(l net.Listener, limits Limits, counts *Counts, log *slog.Logger) *Listener {
	return &Listener{Listener: l, limits: limits, counts: counts, log: log}
}

// Accept is net.Listener's.
func (l *Listener) Accept() (net.Conn, error) {
	raw, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	c := &Conn{Conn: raw, of: l}
	c.left.Store(l.limits.Bytes)
	if oldest := l.add(c); oldest != nil {
		oldest.drop("too many connections")
	}
	return c, nil
}

// add gives a connection a place. It returns the one that must go for it, if any.
func (l *Listener) add(c *Conn) (oldest *Conn) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.open.Len() >= l.limits.Conns {
		oldest = l.open.Front().Value.(*Conn)
	}
	c.place = l.open.PushBack(c)
	l.counts.Open.Add(1)
	c.timer = time.AfterFunc(l.limits.Time, func() { c.drop("too slow") })
	return oldest
}

// remove frees a connection's place. It reports whether it had one.
func (l *Listener) remove(c *Conn) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if c.place == nil {
		return false
	}
	l.open.Remove(c.place)
	c.place = nil
	c.timer.Stop()
	l.counts.Open.Add(-1)
	return true
}
