package socket

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/scaiwave/presence/cluster"
	"github.com/scaiwave/presence/gateway/admit"
	"github.com/scaiwave/presence/gateway/wire"
	"github.com/scaiwave/presence/shard"
)

// receive does what one text frame says.
func (c *conn) receive(data []byte, m *message) {
	now, paid := c.srv.now(), len(data)/admit.BytesPerID
	if err := c.payIDs(paid, now); err != nil { // before it is decoded, which is most of the work
		c.fail(err, plainReq(data))
		return
	}
	err := decode(data, m, c.srv.cfg.MaxIDs)
	m.at, m.paid = now, paid
	c.srv.counters.messages[m.kind].Add(1)
	unreadable, _ := err.(notAMessage)
	switch {
	case unreadable != "":
		c.fail(&fatal{closeBadMessage, wire.Errorf(wire.BadRequest, "%v", unreadable)}, m.req)
	case !c.welcomed && m.kind != hello:
		c.fail(&fatal{closeBadMessage, wire.Errorf(wire.BadRequest, "the first message must be a hello")}, m.req)
	case !c.limiter.AllowN(c.srv.start.Add(m.at), 1):
		c.fail(c.overRate(m.at), m.req)
	case err != nil:
		c.fail(err, m.req)
	default:
		c.handle(m)
	}
}

// handle does what a well-formed message says, and answers it.
func (c *conn) handle(m *message) {
	err := c.do(m)
	switch {
	case err != nil:
		c.fail(err, m.req)
	case m.kind.answeredByOK() && m.req != "":
		c.reply(func(b []byte) []byte { return appendOK(b, m.req) })
	}
	if err == nil && m.kind == goodbye {
		c.shut(closeNormal)
	}
}

func (c *conn) do(m *message) error {
	switch m.kind {
	case hello:
		return c.hello(m)
	case heartbeat:
		return c.heartbeat(m)
	case override:
		return c.srv.cfg.Node.SetOverride(c.srv.waiting(), c.participant, m.override)
	case subscribe:
		return c.subscribe(m)
	case unsubscribe:
		return c.unsubscribe(m)
	case query:
		return c.query(m)
	case authenticate:
		return c.renew(m.token)
	default:
		return c.goodbye()
	}
}

// fatal is a refusal after which the connection is closed.
type fatal struct {
	code closeCode
	why  *wire.Error
}

func (f *fatal) Error() string { return f.why.Error() }
func (f *fatal) Unwrap() error { return f.why }

// fail answers with an error, and closes the connection if err leaves it no purpose.
func (c *conn) fail(err error, req string) {
	e := wire.FromError(err)
	c.reply(func(b []byte) []byte { return appendError(b, e, req) })
	c.shutFor(err)
}

func (c *conn) shutFor(err error) {
	var f *fatal
	switch {
	case errors.As(err, &f):
		c.shut(f.code)
	case errors.Is(err, cluster.ErrReplaced):
		c.shut(closeReplaced)
	case errors.Is(err, cluster.ErrGone):
		c.shut(closeNormal)
	}
}

func (c *conn) heartbeat(m *message) error {
	if c.at == nil {
		return wire.Errorf(wire.BadRequest, "this connection's hello had no device_id, so there is nothing to keep alive")
	}
	c.watch.sign(m.at)
	return c.srv.cfg.Node.Beat(c.srv.waitingFrom(m.at), c.at, m.activity)
}

// subscribe holds the queue while it commits: a change that comes now is written after the snapshot.
func (c *conn) subscribe(m *message) error {
	if err := c.admitIDs(m); err != nil {
		return err
	}
	ctx, cancel := c.asking()
	defer cancel()
	pending, err := c.out.viewer.Watch(ctx, m.ids)
	if err != nil {
		return err
	}
	c.out.mu.Lock()
	states := pending.Commit()
	c.out.add(func(b []byte) []byte { return appendStates(b, "presence", pending.IDs, states, m.req) })
	c.out.mu.Unlock()
	c.srv.counters.frames.Add(1)
	c.poke()
	return nil
}

func (c *conn) query(m *message) error {
	if err := c.admitIDs(m); err != nil {
		return err
	}
	ids := distinct(m.ids)
	states := make([]shard.State, len(ids))
	ctx, cancel := c.asking()
	defer cancel()
	c.srv.cfg.Node.States(ctx, c.participant, ids, states)
	c.reply(func(b []byte) []byte { return appendStates(b, "result", ids, states, m.req) })
	return nil
}

func (c *conn) asking() (context.Context, context.CancelFunc) {
	return context.WithTimeout(c.srv.ctx, c.srv.cfg.ReadWait)
}

func (c *conn) unsubscribe(m *message) error {
	if err := c.admitIDs(m); err != nil {
		return err
	}
	c.out.viewer.Unsubscribe(m.ids)
	return nil
}

// goodbye signs the device out. Evictions pass the connection over meanwhile: the one that a sign-out brings must not
// close it before its `ok`.
func (c *conn) goodbye() error {
	if c.at == nil {
		return nil
	}
	c.srv.registry.hide(c, true)
	err := c.srv.cfg.Node.Goodbye(c.srv.waiting(), c.at)
	if err == nil || errors.Is(err, cluster.ErrGone) {
		c.at = nil
		return nil
	}
	c.srv.registry.hide(c, false)
	return err
}

// checkIDs refuses a list that is too long or holds what cannot be an id.
func (c *conn) checkIDs(ids []string) error {
	if limit := c.srv.cfg.MaxIDs; len(ids) > limit {
		return wire.Errorf(wire.TooManyIDs, "more than %d ids in one message, which is the limit; send several messages", limit)
	}
	for _, id := range ids {
		if err := shard.ValidateParticipant(id); err != nil {
			return err
		}
	}
	return nil
}

// distinct returns ids without repetitions, in order.
func distinct(ids []string) []string {
	seen := make(map[string]struct{}, len(ids))
	return slices.DeleteFunc(ids, func(id string) bool {
		_, again := seen[id]
		seen[id] = struct{}{}
		return again
	})
}

// flood is how long a connection has been over its rate.
type flood struct {
	since, last time.Duration
}

// floodPause is how long a connection must keep to its rate until a flood counts as over.
const floodPause = 2 * time.Second

// over notes a message too many at now and says for how long there have been such without a pause.
func (f *flood) over(now time.Duration) time.Duration {
	if f.last == 0 || now-f.last > floodPause {
		f.since = now
	}
	f.last = now
	return now - f.since
}

// overRate counts a message too many. A connection that doesn't stop sending them is closed.
func (c *conn) overRate(now time.Duration) error {
	cfg := &c.srv.cfg
	c.srv.counters.rateLimited.Add(1)
	e := wire.Errorf(wire.RateLimited, "a connection may send %g messages a second, %d at once", cfg.MessageRate, cfg.MessageBurst)
	if c.flood.over(now) >= cfg.FloodTime {
		return &fatal{closeRateLimited, e}
	}
	return e
}
