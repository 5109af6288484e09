package admit

import (
	"net"
	"net/http"
	"time"
)

// State is what an http.Server has as ConnState. Between two requests a connection waits, and its
// place may go to a newcomer.
func State(nc net.Conn, s http.ConnState) {
	c := Of(nc)
	if c == nil {
		return
	}
	switch s {
	case http.StateActive:
		c.enterPhase(answering, nil, time.Time{})
	case http.StateIdle:
		c.endGreeting()
		c.enterPhase(awaiting, &c.l.resting, c.idleBy())
	case http.StateHijacked:
		c.enterPhase(takenOver, nil, time.Time{})
	}
}

// enterPhase begins a phase in which nothing may be read after own, unless that is zero.
func (c *Conn) enterPhase(phase uint32, in *line, own time.Time) {
	c.Rest()
	c.phase.Store(phase)
	c.begun.Store(false)
	c.mu.Lock()
	c.header.release()
	c.own = own
	_ = c.setDeadline()
	c.mu.Unlock()
	c.l.queue(c, in)
}

// idleBy is until when the next request must have begun; zero: net/http's time for idling counts. A
// proxy speaks for many.
func (c *Conn) idleBy() time.Time {
	if c.proven.Load() || c.l.config.StrangerIdle == 0 || !c.announced && c.l.config.Trusted.Contains(c.peer) {
		return time.Time{}
	}
	return time.Now().Add(c.l.config.StrangerIdle)
}
