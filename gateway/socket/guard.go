package socket

import (
	"errors"
	"sync"
	"time"

	"github.com/scaiwave/presence/gateway/admit"
)

// readAheadBytes is what is read at a time: several heartbeats. A silent connection holds no
// buffer.
const readAheadBytes = 512

var readAheads = sync.Pool{New: func() any { return &readAhead{buffer: make([]byte, readAheadBytes)} }}

// rest ends a stranger's turn: its message has been read.
func (g *guard) rest() {
	if turns := admit.Of(g.Conn); turns != nil {
		turns.Rest()
	}
}

// known says that a good token was shown: there are no turns any more.
func (g *guard) known() {
	if turns := admit.Of(g.Conn); turns != nil {
		turns.Proven(true)
	}
}

// betweenFrames reports whether all that was read has been used, if it is a frame's end that was
// reached.
func (g *guard) betweenFrames() bool {
	return (g.ahead == nil || len(g.ahead.left) == 0) && g.library.Buffered() == 0
}

// look has the next read not wait.
func (g *guard) look() { g.now.Store(true) }

// fallSilent gives the buffer back.
func (g *guard) fallSilent() {
	g.drained = false // another reader doesn't know
	if g.ahead != nil {
		readAheads.Put(g.ahead)
		g.ahead = nil
	}
}

// Read is net.Conn's. The library's own buffer is as small as can be, for it can't be given back.
func (g *guard) Read(p []byte) (n int, err error) {
	if g.ahead == nil {
		g.ahead = readAheads.Get().(*readAhead)
	}
	a := g.ahead
	if len(a.left) == 0 {
		if g.source != nil && len(p) >= len(a.buffer) { // otherwise it must show that it left nothing
			return g.fetch(p)
		}
		n, err = g.fetch(a.buffer)
		a.left = a.buffer[:n]
	}
	n = copy(p, a.left)
	a.left = a.left[n:]
	return n, err
}

// fetch reads from the socket. At a frame's beginning it doesn't wait, where there is a source.
//
// A read that leaves room has taken all there was, so most messages need one. It isn't noted once
// the writer of a close frame reads.
func (g *guard) fetch(p []byte) (n int, err error) {
	switch {
	case g.farewell.Load():
		return g.Conn.Read(p)
	case g.now.Swap(false):
		n, err = g.source.readNow(p)
		g.drained = n < len(p) && (err == nil || errors.Is(err, errNothing))
	default:
		n, err = g.Conn.Read(p)
		g.drained = n < len(p) && err == nil
	}
	return n, err
}

// SetReadDeadline is net.Conn's. It is called for the answer to a close frame, by its writer, which
// waits.
func (g *guard) SetReadDeadline(t time.Time) error {
	g.farewell.Store(true)
	return g.Conn.SetReadDeadline(t)
}

// Close is net.Conn's. A silent connection gets a reader, to end.
func (g *guard) Close() error {
	err := g.Conn.Close()
	g.of.wake()
	return err
}
