package socket

import (
	"time"

	"github.com/scaiwave/presence/gateway/wire"
)

func (w *watch) sign(now time.Duration) { w.lastSign.Store(int64(now)) }

func (w *watch) hear(now time.Duration) { w.heard.Store(int64(max(now, 1))) }

func (w *watch) begin(now time.Duration) { w.begun.Store(int64(max(now, 1))) }

func (w *watch) finish() { w.begun.Store(0) }

func (w *watch) expectHello(by time.Duration) { w.helloBy.Store(int64(by)) }

// idleBy is when the client will have been unattended for so long; far if it can't be.
func (w *watch) idleBy(unattended time.Duration) time.Duration {
	heard := time.Duration(w.heard.Load())
	if heard == 0 || unattended == 0 {
		return far
	}
	return heard + unattended
}

// action is what an alarm leads to.
type action uint8

const (
	doNothing action = iota
	doPing
	doGiveUpHello
	doExpire
	doGiveUpMessage
	doGiveUpSilent
)

// due says what is to be done at now and how long after that to look again. Half a deadline without
// a sign of life brings a ping, and again each quarter: a client that beats every interval is never
// asked, one whose timers are throttled is asked twice before it is given up. The end of unattended
// brings one too; see rest. A message that takes longer than a deadline, as one of endless empty
// fragments, is noticed when the alarm rings next.
func (w *watch) due(now, deadline, unattended time.Duration) (action, time.Duration) {
	helloBy, expires := time.Duration(w.helloBy.Load()), time.Duration(w.expires.Load())
	begun := time.Duration(w.begun.Load())
	silentBy := time.Duration(w.lastSign.Load()) + deadline
	askBy := silentBy - deadline/2
	switch {
	case helloBy > 0 && now >= helloBy:
		return doGiveUpHello, far
	case expires > 0 && now >= expires:
		return doExpire, far
	case now >= silentBy:
		return doGiveUpSilent, far
	case begun > 0 && now-begun >= deadline:
		return doGiveUpMessage, far
	}
	idleBy := w.idleBy(unattended)
	act, next := doNothing, askBy
	if now >= min(askBy, idleBy) {
		act, next = doPing, min(silentBy, now+deadline/4)
	}
	for _, t := range []time.Duration{helloBy, expires, idleBy} {
		if t > now {
			next = min(next, t)
		}
	}
	return act, next - now
}

// ring is the alarm: one a connection, set to the next thing that could be due. Signs of life don't
// move it; it looks when it rings, as the wheel does, so a heartbeat costs a store.
func (c *conn) ring() {
	if !c.out.open() {
		return
	}
	now := c.srv.now()
	act, next := c.watch.due(now, c.srv.cfg.Deadline, c.srv.cfg.UnattendedAfter)
	c.carryOut(act)
	if next != far {
		c.srv.alarms.set(c, now+next)
	}
}

func (c *conn) carryOut(act action) {
	switch act {
	case doPing:
		c.watch.pinging.Store(true)
		c.srv.counters.pings.Add(1)
		c.ask()
	case doGiveUpHello:
		c.shut(closeNoHello)
	case doExpire:
		e := wire.Errorf(wire.Unauthorized,
			"the token has expired; connect again with a new one, or send `auth` in time")
		c.fail(e, "")
		c.shut(closeExpired)
	case doGiveUpMessage:
		c.shut(closeBadMessage)
	case doGiveUpSilent:
		go c.cut(closeSilent) // under TLS it may wait to say so
	case doNothing:
	}
}

// rearm sets the alarm after something has become due earlier.
func (c *conn) rearm() {
	now := c.srv.now()
	_, next := c.watch.due(now, c.srv.cfg.Deadline, c.srv.cfg.UnattendedAfter)
	if next == far {
		next = 0
	}
	c.srv.alarms.set(c, now+next)
}
