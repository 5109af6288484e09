package link

import (
	"context"
	"errors"
	"io"
	"net"
	"sync"
	"sync/atomic"
	"time"

	"github.com/coder/websocket"

	"github.com/scaiwave/presence/cluster/unproven"
)

// What a call or a push can fail with. Test with errors.Is.
var (
	ErrClosed = errors.New("link: closed")               // there is no connection now
	ErrFull   = errors.New("link: outbox full")          // the peer is slower than what is sent to it
	ErrRemote = errors.New("link: the peer answered")    // it was asked, and refused; the text is its own
	ErrLarge  = errors.New("link: larger than a frame")  // split it
	ErrBusy   = errors.New("link: the peer is busy")     // too much of the kind is under way there; nothing was done
	errLate   = errors.New("link: too late")             // its caller has given the call up
	errSilent = errors.New("link: silent for too long")  // why a connection was closed
	errPeer   = errors.New("link: closed by its keeper") // why a connection was closed
)

// Handler answers a peer.
type Handler interface {
	Opened(c *Conn)
	// Lane is the lane of a call, by its method and payload.
	Lane(method byte, payload []byte) Lane
	// Closed ends a connection: nothing of it comes afterwards.
	Closed(c *Conn)
	// Call is run on a goroutine of its own; it must Reply or Fail once. ctx ends with the connection.
	Call(ctx context.Context, r Request)
	// Push is run by the connection's reader, in order: it must not wait. payload is only valid
	// meanwhile.
	Push(c *Conn, method byte, payload []byte)
}

// Conn is one connection. All methods are safe for concurrent use.
type Conn struct {
	// static
	class   Class
	dialed  bool
	peer    Name
	ahead   time.Duration // the peer's clock
	ws      *websocket.Conn
	handler Handler
	out     *outbox
	stats   *Stats
	ctx     context.Context
	cancel  context.CancelCauseFunc
	places  places
	serving sync.WaitGroup

	made    time.Time    // static
	heard   atomic.Int64 // nanoseconds since made, monotonic
	unheard atomic.Int64 // milliseconds for which the peer had heard nothing, as it said last

	ages ages // reader only

	mu      sync.Mutex
	lastID  uint32
	pending map[uint32]*pendingCall
}

func newConn(ws *websocket.Conn, dialed bool, class Class, peer Name, h Handler, s *Stats) *Conn {
	ctx, cancel := context.WithCancelCause(context.Background())
	c := &Conn{
		class: class, dialed: dialed, peer: peer, made: time.Now(), ws: ws, handler: h, stats: s,
		ctx: ctx, cancel: cancel,
		out: newOutbox(maxQueued[class]), places: newPlaces(), pending: make(map[uint32]*pendingCall),
	}
	ws.SetReadLimit(int64(maxQueued[class] + maxFrame[class]))
	return c
}

// Class is what the connection is for.
func (c *Conn) Class() Class { return c.class }

// Dialed says whether this node made the connection.
func (c *Conn) Dialed() bool { return c.dialed }

// Peer is who is at the other end.
func (c *Conn) Peer() Name { return c.peer }

// Ahead is how far the peer's clock was ahead of the one here when the connection was made, give or
// take its way.
func (c *Conn) Ahead() time.Duration { return c.ahead }

// Close ends the connection; run returns.
func (c *Conn) Close() { c.cancel(errPeer) }

// run works until the connection ends, and says why it did.
func (c *Conn) run() error {
	var helpers sync.WaitGroup
	helpers.Go(c.write)
	helpers.Go(c.pulse)
	c.handler.Opened(c)
	c.cancel(c.read())
	c.ws.CloseNow()
	c.out.close()
	helpers.Wait()
	c.serving.Wait()
	c.failPending()
	c.handler.Closed(c)
	return context.Cause(c.ctx)
}

// now is the time since the connection was made.
func (c *Conn) now() time.Duration { return time.Since(c.made) }

// Stats are counters of all connections of a node.
type Stats struct {
	Full    atomic.Int64 // frames or items refused, or connections closed, because an outbox was full
	Refused atomic.Int64 // peers that were refused at the handshake
	Dialed  atomic.Int64 // connections made
	Lost    atomic.Int64 // connections that ended while they were wanted

	Unproven unproven.Counts // connections to the peer port, before they are a link

	lanes [lanes]laneStats
}

// netClosed says whether an error only tells that somebody went away.
func netClosed(err error) bool {
	return errors.Is(err, net.ErrClosed) || errors.Is(err, io.EOF) || errors.Is(err, errPeer) ||
		websocket.CloseStatus(err) != -1
}
