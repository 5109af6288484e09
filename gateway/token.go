package gateway

import (
	"context"

	"github.com/scaiwave/presence/gateway/auth"
	"github.com/scaiwave/presence/gateway/wire"
)

// besideToken is what a header, or a hello, may hold beside the largest token.
const besideToken = 8 << 10

// RoomForTokens has headers and greetings be large enough for tokens of that many bytes.
func (l *Limits) RoomForTokens(bytes int) {
	l.MaxHeaderBytes = max(l.MaxHeaderBytes, bytes+besideToken)
	l.MaxGreetingBytes = max(l.MaxGreetingBytes, bytes+besideToken)
}

// over is a context that has ended: nothing waits under it.
var over = func() context.Context {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	return ctx
}()

// authenticate finds out who calls.
func (c *call) authenticate() error {
	if c.route.who == open {
		return nil
	}
	token, ok, err := auth.Bearer(c.r)
	switch {
	case err != nil:
		return err
	case !ok && c.route.who == hello:
		return nil
	case !ok:
		return wire.Errorf(wire.Unauthorized, "no token; send it as `Authorization: Bearer <token>`")
	}
	c.who, err = c.s.config.Auth.Authenticate(c.patience(), token)
	c.again = auth.After(err)
	c.beginHold()
	if err == nil {
		c.prove() // now: an event stream lasts for days
	}
	return err
}

// enterTenant puts the caller into the tenant that the header names. Its requests are counted
// before that, whatever it names.
func (c *call) enterTenant() error {
	if c.who.Participant == "" {
		return nil
	}
	who, err := c.who.On(auth.ErrandOf(c.r.Header))
	if err == nil {
		c.who = who
	}
	return err
}

// checkFeature refuses what all nodes must know while one doesn't.
func (c *call) checkFeature() error { return c.s.needs(c.route.feature) }

// needs refuses what a feature is needed for while some node doesn't know it; empty: none is.
func (s *Server) needs(feature string) error {
	if feature == "" || s.node.Knows(feature) {
		return nil
	}
	return wire.Errorf(wire.Unavailable, "this is served as soon as all nodes of this cluster know it (%s, in "+
		"/v1/features); some are of an older version", feature)
}

// patience is how long a token may wait for its key. A large header isn't kept for it.
func (c *call) patience() context.Context {
	if c.large {
		return over
	}
	return c.r.Context()
}
