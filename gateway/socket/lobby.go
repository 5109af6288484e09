package socket

import (
	"net/http"
	"net/netip"
	"time"

	"github.com/scaiwave/presence/gateway/wire"
)

// lobbyTime is how long a newcomer has for its hello before it is worth less than the next
// newcomer, where the lobby is full.
const lobbyTime = time.Second

func (l *lobby) enter(c *conn) {
	c.spot = l.line.PushBack(c)
}

// leave takes c's place, once.
func (l *lobby) leave(c *conn) {
	if c.spot != nil {
		l.line.Remove(c.spot)
		c.spot = nil
		l.taken--
	}
}

// oldest takes the place of the socket that has been silent for longest, for over lobbyTime; nil:
// there is none.
func (l *lobby) oldest(now time.Duration) *conn {
	front := l.line.Front()
	if front == nil {
		return nil
	}
	c := front.Value.(*conn)
	if now-c.begun < lobbyTime {
		return nil
	}
	l.leave(c)
	return c
}

// reserve takes a place in the lobby, and one for the reader; 0: no limit. The victim, if there is
// one, has lost its place and is to be cut. Either enter or release must follow if it is true.
func (r *registry) reserve(limit int, now time.Duration) (victim *conn, ok bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.closed {
		return nil, false
	}
	if limit > 0 && r.lobby.taken >= limit {
		if victim = r.lobby.oldest(now); victim == nil {
			return nil, false
		}
	}
	r.lobby.taken++
	r.running.Add(1)
	return victim, true
}

// release gives a place back whose handshake failed.
func (r *registry) release() {
	r.mu.Lock()
	r.lobby.taken--
	r.mu.Unlock()
	r.running.Done()
}

// seat moves c from the lobby to those that have shown a good token, unless limit are there
// already; 0: no limit.
func (r *registry) seat(c *conn, limit int) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if c.tenure.seated {
		return true
	}
	if limit > 0 && r.seated >= limit {
		return false
	}
	r.lobby.leave(c)
	c.tenure.seated = true
	r.seated++
	return true
}

// Seated is how many sockets have shown a good token.
func (s *Server) Seated() int {
	s.registry.mu.Lock()
	defer s.registry.mu.Unlock()
	return s.registry.seated
}

// full reports whether MaxConnections are there, what is connected otherwise included.
func (s *Server) full() bool {
	limit := s.cfg.MaxConnections
	return limit > 0 && s.Seated()+s.others() >= limit
}

func (s *Server) others() int {
	if s.cfg.Others == nil {
		return 0
	}
	return s.cfg.Others()
}

// takeSeat counts c among the sockets that have shown a good token.
func (c *conn) takeSeat() error {
	limit := c.srv.cfg.MaxConnections
	if limit > 0 {
		limit = max(limit-c.srv.others(), 1)
	}
	if c.srv.registry.seat(c, limit) {
		c.leaveLobby()
		return nil
	}
	c.srv.counters.refused.Add(1)
	return c.srv.errFull()
}

func (s *Server) errFull() *wire.Error {
	return wire.Errorf(wire.Unavailable, "this node takes no more than %d connections; try another one, or later",
		s.cfg.MaxConnections)
}

// admit reserves a place before the handshake, so that a rush cannot pass the limit.
func (s *Server) admit(from netip.Addr) *wire.Error {
	if s.draining.Load() {
		return wire.Errorf(wire.Unavailable, "this node is leaving; connect to another one")
	}
	if s.full() {
		s.counters.refused.Add(1)
		return s.errFull()
	}
	if g := s.cfg.Greetings; g != nil && !g.Take(from) {
		s.counters.lobbyAddress.Add(1)
		return wire.Errorf(wire.RateLimited,
			"your address has %d sockets that have not said hello; say it, or close them",
			g.Limit())
	}
	victim, ok := s.registry.reserve(s.cfg.MaxGreetings, s.now())
	if victim != nil {
		s.counters.lobbyFreed.Add(1)
		victim.cut(closeNoHello)
	}
	if ok {
		return nil
	}
	s.giveGreeting(from)
	s.counters.lobbyFull.Add(1)
	return wire.Errorf(wire.Unavailable, "this node has %d sockets that have not said hello; try another one, or later",
		s.cfg.MaxGreetings)
}

func (s *Server) giveGreeting(from netip.Addr) {
	if s.cfg.Greetings != nil {
		s.cfg.Greetings.Give(from)
	}
}

// client is the address that asks for a socket.
func (s *Server) client(r *http.Request) netip.Addr {
	if s.cfg.Client == nil {
		return netip.Addr{}
	}
	return s.cfg.Client(r)
}

// leaveLobby gives the address its place back. It belongs to the reader.
func (c *conn) leaveLobby() {
	if !c.left {
		c.left = true
		c.srv.giveGreeting(c.from)
	}
}

// depart is leaveLobby at the end; a client that was never let in is told of.
func (c *conn) depart(code closeCode) {
	c.leaveLobby()
	mine := code == closeGoingAway || code == closeAborted
	if !c.welcomed && !mine && c.srv.cfg.Unwelcome != nil {
		c.srv.cfg.Unwelcome(c.from)
	}
}
