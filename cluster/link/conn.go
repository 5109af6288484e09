package link

import (
	"context"
	"errors"
	"fmt"
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

// How long silences may be.
const (
	Pulse   = 200 * time.Millisecond // a hot connection says something this often
	Silence = 500 * time.Millisecond // a hot connection that said nothing for so long is unhealthy
	Timeout = 10 * time.Second       // any connection that said nothing for so long is closed

	slowPulse    = time.Second             // of the other classes
	slowSilence  = 2500 * time.Millisecond // likewise
	writeTimeout = 10 * time.Second        // for one message
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
	// Push is run by the connection's reader, in order: it must not wait. payload is only valid meanwhile.
	Push(c *Conn, method byte, payload []byte)
}

// Request is a peer's call.
type Request struct {
	Conn    *Conn
	Method  byte
	Payload []byte
	id      uint32
	due     time.Duration // since the connection was made: one that begins later is late
}

// Reply answers.
func (r Request) Reply(payload []byte) {
	if len(payload) > maxFrame[r.Conn.class] {
		r.Fail(fmt.Errorf("%w: an answer of %d bytes", ErrLarge, len(payload)))
		return
	}
	r.Conn.send(kindReply, r.Method, r.id, payload)
}

// Fail answers that it could not be done. The caller of a call that failed with ErrBusy is told
// ErrBusy.
func (r Request) Fail(err error) {
	if errors.Is(err, ErrBusy) {
		r.Conn.send(kindBusy, r.Method, r.id, nil)
		return
	}
	r.Conn.send(kindFailure, r.Method, r.id, []byte(err.Error()))
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

// pendingCall is a call that waits for its answer.
type pendingCall struct {
	take func(reply []byte) error // run by the reader
	done chan error
}

func newConn(ws *websocket.Conn, dialed bool, class Class, peer Name, h Handler, s *Stats) *Conn {
	ctx, cancel := context.WithCancelCause(context.Background())
	c := &Conn{
		class: class, dialed: dialed, peer: peer, made: time.Now(), ws: ws, handler: h, stats: s, ctx: ctx, cancel: cancel,
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

// Ahead is how far the peer's clock was ahead of the one here when the connection was made, give or take its way.
func (c *Conn) Ahead() time.Duration { return c.ahead }

// Healthy reports whether both ends have heard of each other lately. Each pulse says for how long
// nothing was heard, so that an end which hears well, and isn't heard, knows it.
func (c *Conn) Healthy() bool {
	limit := slowSilence
	if c.class == Hot {
		limit = Silence
	}
	return c.ctx.Err() == nil && c.silence() < limit && c.unheard.Load() < limit.Milliseconds()
}

// silence is how long nothing has been heard of the peer.
func (c *Conn) silence() time.Duration { return time.Since(c.made) - time.Duration(c.heard.Load()) }

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

func (c *Conn) read() error {
	stop := context.AfterFunc(c.ctx, func() { c.ws.CloseNow() }) // a reader without a context of its own allocates nothing
	defer stop()
	var b []byte
	for {
		_, r, err := c.ws.Reader(context.Background())
		if err != nil {
			return err
		}
		if b, err = readAll(r, b); err != nil {
			return err
		}
		c.heard.Store(int64(time.Since(c.made)))
		if err := c.handleAll(b); err != nil {
			return err
		}
	}
}

// kept is the size of a buffer that a connection keeps between messages, for reading and for writing.
const kept = 64 << 10

// readAll reads a message into b, which grows as the bytes come, not as a peer says they will.
func readAll(r io.Reader, b []byte) ([]byte, error) {
	if cap(b) > kept {
		b = nil
	}
	b = b[:0]
	for {
		if len(b) == cap(b) {
			b = append(b, 0)[:len(b)]
		}
		n, err := r.Read(b[len(b):cap(b)])
		b = b[:len(b)+n]
		if errors.Is(err, io.EOF) {
			return b, nil
		}
		if err != nil {
			return b, err
		}
	}
}

func (c *Conn) handleAll(b []byte) error {
	for len(b) > 0 {
		f, rest, err := cutFrame(b)
		if err != nil {
			return err
		}
		if len(f.payload) > maxFrame[c.class] {
			return fmt.Errorf("%w: %d bytes; %v frames have at most %d", ErrLarge, len(f.payload), c.class, maxFrame[c.class])
		}
		c.handle(f)
		b = rest
	}
	return nil
}

func (c *Conn) handle(f frame) {
	switch f.kind {
	case kindPush:
		c.handler.Push(c, f.method, f.payload)
	case kindCall:
		c.take(f)
	case kindReply, kindFailure, kindBusy:
		c.settle(f)
	case kindAlive:
		c.unheard.Store(int64(f.id))
		if sent, _, ok := cutStamp(f.payload); ok {
			c.ages.note(sent, c.now())
		}
	}
}

// take takes a call, unless it was so long on its way that its caller has given it up.
func (c *Conn) take(f frame) {
	now := c.now()
	r := Request{Conn: c, Method: f.method, id: f.id}
	sent, payload, ok := cutStamp(f.payload)
	if !ok {
		r.Fail(fmt.Errorf("link: a call of %d bytes", len(f.payload)))
		return
	}
	r.due = now + maxLate - c.ages.note(sent, now)
	if r.failLate() {
		return
	}
	r.Payload = append([]byte(nil), payload...)
	c.serve(r)
}

// failLate reports whether a call is late, and fails it then.
func (r Request) failLate() bool {
	late := r.Conn.now() - r.due
	if late <= 0 || r.Conn.class == Bulk {
		return false
	}
	r.Fail(fmt.Errorf("%w: by %v", errLate, late+maxLate))
	return true
}

// now is the time since the connection was made.
func (c *Conn) now() time.Duration { return time.Since(c.made) }

// serve runs a call, or refuses it if the places of its lane are taken.
func (c *Conn) serve(r Request) {
	lane := c.handler.Lane(r.Method, r.Payload)
	count := &c.stats.lanes[lane]
	if !c.places.take(lane) {
		count.refused.Add(1)
		r.Fail(ErrBusy)
		return
	}
	count.running.Add(1)
	c.serving.Go(func() {
		defer func() {
			c.places.give(lane)
			count.running.Add(-1)
		}()
		if !r.failLate() { // its goroutine may have waited for a processor, too
			c.handler.Call(c.ctx, r)
		}
	})
}

func (c *Conn) write() {
	var spare []byte
	for {
		select {
		case <-c.ctx.Done():
			return
		case <-c.out.wake:
		}
		b := c.out.take(spare)
		if len(b) > 0 {
			ctx, cancel := context.WithTimeout(c.ctx, writeTimeout)
			err := c.ws.Write(ctx, websocket.MessageBinary, b)
			cancel()
			if err != nil {
				c.cancel(err)
				return
			}
		}
		if spare = b; cap(spare) > kept {
			spare = nil
		}
	}
}

// pulse says something when there is nothing to say, with how long nothing was heard in place of a
// call's id. It gives up a peer that says nothing.
func (c *Conn) pulse() {
	every := slowPulse
	if c.class == Hot {
		every = Pulse
	}
	t := time.NewTicker(every)
	defer t.Stop()
	for {
		select {
		case <-c.ctx.Done():
			return
		case <-t.C:
		}
		silence := c.silence()
		c.send(kindAlive, 0, uint32(min(silence, time.Hour).Milliseconds()), appendStamp(nil, c.now()))
		if silence > Timeout {
			c.cancel(errSilent)
			return
		}
	}
}

// send puts a frame into the outbox. A connection whose outbox is full of answers is no use: it is closed.
func (c *Conn) send(k kind, method byte, id uint32, payload []byte) {
	if err := c.out.put(k, method, id, payload); errors.Is(err, ErrFull) {
		c.stats.Full.Add(1)
		c.cancel(ErrFull)
	}
}

// Push sends what wants no answer. One that can't be sent closes the connection: a push must not be lost unseen.
func (c *Conn) Push(method byte, payload []byte) error {
	var err error
	if len(payload) > maxFrame[c.class] {
		err = fmt.Errorf("%w: a push of %d bytes", ErrLarge, len(payload))
	} else if err = c.out.put(kindPush, method, 0, payload); errors.Is(err, ErrFull) {
		c.stats.Full.Add(1)
	}
	if err != nil {
		c.cancel(err)
	}
	return err
}

// Pack adds an item to a push of such items. ErrFull refuses it.
func (c *Conn) Pack(method byte, item []byte) error {
	err := c.out.pack(method, item)
	if errors.Is(err, ErrFull) {
		c.stats.Full.Add(1)
	}
	return err
}

// Queued is how many bytes wait to be written.
func (c *Conn) Queued() int {
	c.out.mu.Lock()
	defer c.out.mu.Unlock()
	return len(c.out.bytes)
}

// Call asks and waits for the answer, which take gets on the reader's goroutine, before anything that the peer sent
// later is handled; take must not wait, nor keep the bytes. After an error take isn't run any more.
func (c *Conn) Call(ctx context.Context, method byte, payload []byte, take func(reply []byte) error) error {
	if stampSize+len(payload) > maxFrame[c.class] {
		return fmt.Errorf("%w: a call of %d bytes", ErrLarge, len(payload))
	}
	p := &pendingCall{take: take, done: make(chan error, 1)}
	c.mu.Lock()
	c.lastID++
	id := c.lastID
	c.pending[id] = p
	c.mu.Unlock()
	if err := c.out.put(kindCall, method, id, append(appendStamp(make([]byte, 0, stampSize+len(payload)), c.now()), payload...)); err != nil {
		if errors.Is(err, ErrFull) {
			c.stats.Full.Add(1)
		}
		c.forget(id)
		return err
	}
	return c.wait(ctx, id, p)
}

func (c *Conn) wait(ctx context.Context, id uint32, p *pendingCall) error {
	select {
	case err := <-p.done:
		return err
	case <-c.ctx.Done():
	case <-ctx.Done():
	}
	if !c.forget(id) {
		return <-p.done // the answer is being taken right now
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	return ErrClosed
}

// forget ends the wait for an answer, unless it has come.
func (c *Conn) forget(id uint32) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	_, waits := c.pending[id]
	delete(c.pending, id)
	return waits
}

func (c *Conn) settle(f frame) {
	c.mu.Lock()
	p := c.pending[f.id]
	delete(c.pending, f.id)
	c.mu.Unlock()
	switch {
	case p == nil: // nobody waits any more
	case f.kind == kindBusy:
		p.done <- ErrBusy
	case f.kind == kindFailure:
		p.done <- fmt.Errorf("%w: %.500s", ErrRemote, f.payload)
	default:
		p.done <- p.take(f.payload)
	}
}

func (c *Conn) failPending() {
	c.mu.Lock()
	defer c.mu.Unlock()
	for id, p := range c.pending {
		delete(c.pending, id)
		p.done <- ErrClosed
	}
}

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
	return errors.Is(err, net.ErrClosed) || errors.Is(err, io.EOF) || errors.Is(err, errPeer) || websocket.CloseStatus(err) != -1
}
