package socket

import (
	"errors"
	"sync/atomic"
	"time"

	"github.com/scaiwave/presence/gateway/auth"
	"github.com/scaiwave/presence/gateway/tenant"
	"github.com/scaiwave/presence/gateway/wire"
	"github.com/scaiwave/presence/shard"
)

// hello answers the first good message. While it is under way the alarm doesn't count: the owner
// may take its time.
func (c *conn) hello(m *message) error {
	if c.welcomed {
		return wire.Errorf(wire.BadRequest, "this connection has said hello already")
	}
	by := c.watch.helloBy.Swap(0)
	err := c.greet(m)
	if err == nil {
		return nil
	}
	if wire.FromError(err).Code == wire.Unavailable {
		by = int64(c.srv.now() + c.srv.cfg.HelloTimeout) // it was ours to be quick
	}
	c.watch.helloBy.Store(by)
	c.rearm()
	return err
}

// greet says who the connection is: token, device, welcome, own state.
func (c *conn) greet(m *message) error {
	if m.hasDevice {
		if err := shard.ValidateDevice(m.device); err != nil {
			return err
		}
	}
	id, err := c.identify(m.token)
	if err != nil {
		return err
	}
	if err := c.attach(id, m); err != nil {
		return err
	}
	c.welcome(id, m)
	return nil
}

func denied(format string, args ...any) error {
	return &fatal{closeUnauthorized, wire.Errorf(wire.Unauthorized, format, args...)}
}

// identify tells who it is by the token, the header, or both if they agree.
func (c *conn) identify(token string) (auth.Identity, error) {
	switch {
	case token == "" && c.identity == nil:
		return auth.Identity{}, denied("no token: send one in hello, or as a Bearer token in the Authorization header")
	case token == "":
		return *c.identity, nil
	}
	id, err := c.verify(token)
	switch {
	case err != nil:
		return id, err
	case c.identity != nil && !c.isFor(id, c.identity.Participant):
		return id, denied("the tokens in header and hello are for different participants")
	}
	return id.On(c.errand)
}

// isFor reports whether a token is for that participant of the connection. Where the upgrade's
// header names the tenant, it does so for every token, and whether this one may act there is asked
// afterwards: another's token closes the connection, whatever it may.
func (c *conn) isFor(id auth.Identity, who tenant.Participant) bool {
	if c.sent {
		return id.Participant.In(who.Tenant()) == who
	}
	return id.Participant == who
}

// verify asks whose token it is.
func (c *conn) verify(token string) (auth.Identity, error) {
	id, err := c.srv.cfg.Authenticate(c.srv.waiting(), token)
	switch {
	case errors.Is(err, auth.ErrExpired):
		return id, &fatal{closeExpired, wire.FromError(err)}
	case errors.Is(err, auth.ErrUnauthorized):
		return id, &fatal{closeUnauthorized, wire.FromError(err)}
	default:
		return id, err
	}
}

// attach takes the participant's socket and device, or neither.
func (c *conn) attach(id auth.Identity, m *message) error {
	if err := c.takeSeat(); err != nil {
		return err
	}
	if limit, full := c.srv.socketsOf(id); !c.srv.registry.name(c, id.Participant, m.device, limit) {
		full.Add(1)
		e := wire.Errorf(wire.RateLimited, "the participant has %d connections here; close one first", limit)
		return &fatal{closeRateLimited, e}
	}
	err := c.attachDevice(id, m)
	if err != nil {
		c.srv.registry.unname(c)
	}
	return err
}

func (c *conn) attachDevice(id auth.Identity, m *message) error {
	if m.device == "" {
		return nil
	}
	at, err := c.srv.cfg.People.Attach(c.srv.waiting(), id.Participant, m.device, m.activity)
	if err != nil {
		return err
	}
	c.at = at
	c.srv.registry.noteSession(c, at.Session)
	return nil
}

// socketsOf is how many sockets a participant may have, and where one too many is counted.
func (s *Server) socketsOf(id auth.Identity) (limit int, full *atomic.Int64) {
	if id.Service {
		return s.cfg.ServiceSockets, &s.counters.fullServices
	}
	return s.cfg.MaxSockets, &s.counters.fullParticipants
}

// welcome makes the connection a viewer and tells it so; its own state follows.
func (c *conn) welcome(id auth.Identity, m *message) {
	newViewer := c.srv.cfg.Hub.NewViewer
	if id.Service {
		newViewer = c.srv.cfg.Hub.NewExempt
	}
	viewer := newViewer(id.Participant, c.mark)
	c.out.mu.Lock()
	c.out.viewer = viewer
	c.out.mu.Unlock()
	c.nc.known()
	c.welcomed, c.newcomer, c.service = true, nil, id.Service
	c.setExpiry(id)
	now := c.srv.now()
	c.watch.sign(now)
	c.heard(now)
	c.rearm()
	g := greeting{
		participant: id.Participant.ID(), device: m.device,
		interval: c.srv.cfg.HeartbeatInterval, node: c.srv.cfg.NodeID, features: c.srv.cfg.Node.Features(),
	}
	c.reply(func(b []byte) []byte { return appendWelcome(b, &g, m.req) })
	ctx, cancel := c.asking()
	defer cancel()
	viewer.WatchSelf(ctx)
	c.confirm()
}

// confirm asks whether the device is still this session's. An owner tells evictions to gateways
// that watch the participant, and this one may have begun to only now:
//
//	this socket:  Attach: session 7 ─────────────────────────── WatchSelf ─ confirm: replaced, close
//	another node:                    Attach: session 9, evict 7: nobody here was told
func (c *conn) confirm() {
	if c.at != nil {
		c.shutFor(c.srv.cfg.Node.Touch(c.srv.waiting(), c.at))
	}
}

func (c *conn) setExpiry(id auth.Identity) {
	if id.Expires.IsZero() {
		c.watch.expires.Store(0)
		return
	}
	now := c.srv.now()
	left := min(time.Until(id.Expires), far-now) // a token may be good for centuries
	c.watch.expires.Store(int64(max(now+left, 1)))
}

// renew takes a fresh token for the same participant. What the connection may is as its hello said,
// so the token must have the scopes for it.
func (c *conn) renew(token string) error {
	id, err := c.verify(token)
	if err != nil {
		return err
	}
	if !c.isFor(id, c.tenure.participant) {
		return denied("the token is for another participant")
	}
	var e auth.Errand
	if c.sent {
		e = auth.ErrandIn(c.tenant())
	}
	if _, err := id.On(e); err != nil {
		return err
	}
	if c.service && !id.Service {
		return wire.Errorf(wire.Forbidden, "this connection acts with the scope presence:service; its token needs it, too")
	}
	c.setExpiry(id)
	c.rearm()
	return nil
}
