package socket

import (
	"context"
	"errors"
	"io"

	"github.com/coder/websocket"

	"github.com/scaiwave/presence/gateway/admit"
	"github.com/scaiwave/presence/gateway/auth"
	"github.com/scaiwave/presence/gateway/wire"
)

// newConn makes a connection that has no socket yet.
func newConn(s *Server, identity *auth.Identity) *conn {
	return &conn{srv: s, newcomer: &newcomer{identity: identity, begun: s.now()}}
}

// begin starts the clock for the first message.
func (c *conn) begin() {
	now := c.srv.now()
	c.watch.sign(now)
	c.watch.expectHello(now + c.srv.cfg.HelloTimeout)
	c.rearm()
}

// read is a reader: it reads until there is nothing more, or the socket ends, which is closed by
// the one who wants it to end, or the connection is shut.
//
// What a frame has taken is given back once a client has fetched most of its answer.
func (c *conn) read() {
	var hold admit.Hold
	for {
		switch c.ahead() {
		case fallSilent:
			return
		case endReading:
			c.end()
			return
		}
		typ, r, err := c.ws.Reader(context.Background()) // a context that can end would cost nine allocations
		if errors.Is(err, errNothing) {
			continue
		}
		if err == nil {
			err = c.serveFrame(typ, r, &hold)
		}
		if err != nil {
			hold.Release()
			c.end()
			return
		}
		c.out.waitForRoom(maxUnreadBytes)
		hold.Release()
	}
}

// serveFrame reads one message and does what it says. An error ends the connection.
func (c *conn) serveFrame(typ websocket.MessageType, r io.Reader, hold *admit.Hold) error {
	in := inboxes.Get().(*inbox)
	defer in.keep()
	now := c.srv.now()
	c.watch.begin(now)
	c.heard(now)
	n, err := in.read(r, c.maxBytes(), func(size int) error { return c.room(hold, size) })
	c.watch.finish()
	c.nc.rest()
	switch {
	case errors.Is(err, errTooLarge):
		c.shut(closeTooLarge)
		return err
	case errors.Is(err, errNoRoom):
		e := wire.Errorf(wire.Unavailable,
			"no memory is left for a message of this size; send it again, or a smaller one")
		c.fail(e, plainReq(in.buf[:n]))
		return nil
	case err != nil:
		return err
	case typ != websocket.MessageText:
		e := wire.Errorf(wire.BadRequest, "binary frames are not understood; send JSON in text frames")
		c.fail(&fatal{closeBadMessage, e}, "")
		return nil
	}
	c.receive(in.buf[:n], &in.msg, hold)
	return nil
}

func (c *conn) maxBytes() int {
	if c.welcomed {
		return c.srv.cfg.MaxMessageBytes
	}
	return c.srv.cfg.MaxGreetingBytes
}

// end gives back everything the connection holds. The writer closes the socket if it is still open.
func (c *conn) end() {
	defer c.srv.registry.running.Done()
	if c.nc.source != nil {
		c.nc.source.detach()
	}
	c.shut(closeByPeer)
	c.poke()
	c.srv.alarms.stop(c)
	c.srv.registry.leave(c)
	c.depart(c.out.closing())
	if v := c.out.viewer; v != nil {
		v.Close()
	}
	code := c.out.closing()
	switch {
	case c.at == nil:
	case code.lingers():
		_ = c.srv.cfg.Node.Detach(c.srv.waiting(), c.at) // an owner that can't be told lets the deadline do it
	default:
		c.srv.cfg.Node.Forget(c.at)
	}
	c.srv.counters.closed(code)
}

// ponged is called by the library: the client has answered a ping. A pong that was not asked for is
// no sign of life.
//
// As long as the connection is open the library reads, and so calls, on the reader's goroutine.
// Once it is shut it may be on the writer's, which waits there for the client's close frame; then
// nothing may be done to the device any more.
func (c *conn) ponged(context.Context, []byte) {
	if !c.out.open() {
		return
	}
	defer c.between()
	if !c.watch.pinging.Swap(false) {
		c.control()
		return
	}
	c.srv.counters.pongs.Add(1)
	now := c.srv.now()
	c.watch.sign(now)
	if c.at != nil && now >= c.watch.idleBy(c.srv.cfg.UnattendedAfter) {
		c.rest(now)
		return
	}
	c.confirm()
}

// pinged is called by the library, as ponged is: a client's ping is answered as long as it keeps to
// its rate. It's no sign of life.
func (c *conn) pinged(context.Context, []byte) bool {
	if !c.out.open() {
		return false
	}
	defer c.between()
	return c.control()
}

// control counts a control frame as a message, and reports whether it was within the rate. Nobody
// is told when it wasn't, but who doesn't stop is closed.
func (c *conn) control() bool {
	now := c.srv.now()
	if c.mayPass(now) {
		return true
	}
	c.shutFor(c.overRate(now))
	return false
}
