package socket

import (
	"context"
	"errors"

	"github.com/scaiwave/presence/cluster"
	"github.com/scaiwave/presence/gateway/admit"
	"github.com/scaiwave/presence/gateway/hub"
	"github.com/scaiwave/presence/gateway/tenant"
	"github.com/scaiwave/presence/gateway/wire"
	"github.com/scaiwave/presence/shard"
)

// receive does what one text frame says.
// What its answer takes in memory beside the frame is added to hold.
func (c *conn) receive(data []byte, m *message, hold *admit.Hold) {
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
	case !c.mayPass(m.at):
		c.fail(c.overRate(m.at), m.req)
	case err != nil:
		c.fail(err, m.req)
	default:
		c.handle(m, hold)
	}
}

// handle does what a well-formed message says, and answers it.
func (c *conn) handle(m *message, hold *admit.Hold) {
	err := c.do(m, hold)
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

func (c *conn) do(m *message, hold *admit.Hold) error {
	switch m.kind {
	case hello:
		return c.hello(m)
	case heartbeat:
		return c.heartbeat(m)
	case override:
		return c.override(m)
	case status:
		return c.status(m)
	case subscribe:
		return c.subscribe(m, hold)
	case unsubscribe:
		return c.unsubscribe(m)
	case query:
		return c.query(m, hold)
	case authenticate:
		return c.renew(m.token)
	default:
		return c.goodbye()
	}
}

func (c *conn) heartbeat(m *message) error {
	if c.at == nil {
		return wire.Errorf(wire.BadRequest,
			"this connection's hello had no device_id, so there is nothing to keep alive")
	}
	c.watch.sign(m.at)
	return c.srv.cfg.Node.Beat(c.srv.waitingFrom(m.at), c.at, m.activity)
}

// subscribe holds the queue while it commits: a change that comes now is written after the
// snapshot.
func (c *conn) subscribe(m *message, hold *admit.Hold) error {
	if err := c.admitWith(m, hold); err != nil {
		return err
	}
	list := c.tenant().Participants(m.ids)
	if err := c.meet(list); err != nil {
		return err
	}
	ctx, cancel := c.asking()
	defer cancel()
	pending, err := c.out.viewer.Watch(ctx, list, m.with)
	if err != nil {
		return err
	}
	c.out.mu.Lock()
	snapshot := pending.Commit()
	c.out.add(func(b []byte) []byte { return appendSnapshot(b, "presence", &snapshot, m.req) })
	c.out.mu.Unlock()
	c.srv.counters.frames.Add(1)
	c.poke()
	return nil
}

func (c *conn) query(m *message, hold *admit.Hold) error {
	if err := c.admitWith(m, hold); err != nil {
		return err
	}
	list := c.tenant().Participants(distinct(m.ids))
	if err := c.meet(list); err != nil {
		return err
	}
	answer := hub.Snapshot{List: list, States: make([]shard.State, list.Len())}
	ctx, cancel := c.asking()
	defer cancel()
	if m.with == 0 {
		c.srv.cfg.States(ctx, c.viewer(), list, answer.States)
	} else {
		c.seen(ctx, &answer, m.with)
	}
	c.reply(func(b []byte) []byte { return appendSnapshot(b, "result", &answer, m.req) })
	return nil
}

// tenant is the connection's: it names participants of no other.
func (c *conn) tenant() tenant.Name { return c.tenure.participant.Tenant() }

// viewer is whose eyes a question is asked with: a backend is nobody's viewer.
func (c *conn) viewer() tenant.Participant {
	if c.service {
		return ""
	}
	return c.tenure.participant
}

// statesOfPeople is Config.States where no backend is asked.
func (s *Server) statesOfPeople(
	ctx context.Context, viewer tenant.Participant, list tenant.List, states []shard.State,
) {
	s.cfg.People.States(ctx, viewer, list, states)
}

// meet counts those whom a message asks about to whom the viewer is a stranger.
func (c *conn) meet(list tenant.List) error {
	if meet := c.srv.cfg.Meet; meet != nil && !c.service {
		return meet(c.srv.ctx, c.tenure.participant, list)
	}
	return nil
}

func (c *conn) asking() (context.Context, context.CancelFunc) {
	return context.WithTimeout(c.srv.ctx, c.srv.cfg.ReadWait)
}

func (c *conn) unsubscribe(m *message) error {
	if err := c.admitIDs(m); err != nil {
		return err
	}
	c.out.viewer.Unsubscribe(c.tenant().Participants(m.ids))
	return nil
}

// goodbye signs the device out. Evictions pass the connection over meanwhile: the one that a
// sign-out brings must not close it before its `ok`.
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
