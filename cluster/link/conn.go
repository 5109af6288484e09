package link

import (
	"context"
	"sync"
	"time"

	"github.com/coder/websocket"
)

// Handler answers a peer.
type Handler interface {
	// Opened begins a connection.
	Opened(c *Conn)
	// Lane is the lane of a call, by its method and payload.
	Lane(method byte, payload []byte) Lane
	// Closed ends a connection: nothing of it comes afterwards.
	Closed(c *Conn)
	// Call is run beside other calls, and must Reply or Fail once. It must not keep the payload. ctx
	// ends with the connection.
	Call(ctx context.Context, r Request)
	// Push is run by the connection's reader, in order. It must not wait, nor keep payload.
	Push(c *Conn, method byte, payload []byte)
}

// Request is a peer's call.
type Request struct {
	Conn    *Conn
	Method  byte
	Payload []byte
	id      uint32
	due     time.Duration // since the connection was made; a call that begins later is late
}

// Conn is one connection. All methods are safe for concurrent use.
type Conn struct {
	// static
	class    Class
	dialed   bool
	peer     Name
	ahead    time.Duration // of the peer's clock; see Ahead
	protocol int           // see Protocol
	ws       *websocket.Conn
	handler  Handler
	out      *outbox
	stats    *Stats
	pulses   *Pulses
	ctx      context.Context
	cancel   context.CancelCauseFunc
	places   places
	workers  workers

	made time.Time // static
	signs

	ages   ages          // reader only
	told   bool          // pulses only: the latest pulse said that the peer is missed
	pulsed time.Duration // pulses only: when the latest pulse was sent, since made

	mu      sync.Mutex
	lastID  uint32
	pending map[uint32]*pendingCall
}

// pendingCall is a call that waits for its answer.
type pendingCall struct {
	take func(reply []byte) error // run by the reader
	done chan error
}

func newConn(ws *websocket.Conn, dialed bool, class Class, peer Name, l *Local) *Conn {
	ctx, cancel := context.WithCancelCause(context.Background())
	c := &Conn{
		class: class, dialed: dialed, peer: peer, made: time.Now(), ws: ws, handler: l.Handler,
		stats: l.Stats, pulses: l.Pulses, ctx: ctx, cancel: cancel,
		out: newOutbox(maxQueued[class]), places: newPlaces(), workers: newWorkers(),
		pending: make(map[uint32]*pendingCall),
	}
	ws.SetReadLimit(int64(maxQueued[class] + maxFrame[class]))
	return c
}

// Class is what the connection is for.
func (c *Conn) Class() Class { return c.class }

// Dialed reports whether this node made the connection.
func (c *Conn) Dialed() bool { return c.dialed }

// Peer is the node at the other end.
func (c *Conn) Peer() Name { return c.peer }

// Ahead is how far the peer's clock was ahead of this node's when the connection was made. The time
// that the request or its answer was on its way is in it.
func (c *Conn) Ahead() time.Duration { return c.ahead }

// Protocol is the highest that both ends speak: what is written to the peer has its form.
func (c *Conn) Protocol() int { return c.protocol }

// Close ends the connection. It does not wait for what the connection runs.
func (c *Conn) Close() { c.cancel(errEnded) }

// now is the time since the connection was made.
func (c *Conn) now() time.Duration { return time.Since(c.made) }
