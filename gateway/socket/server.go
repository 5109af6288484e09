package socket

import (
	"context"
	"net/http"
	"time"

	"github.com/scaiwave/presence/cluster"
	"github.com/scaiwave/presence/gateway/auth"
	"github.com/scaiwave/presence/gateway/wire"
)

// New returns a server; it runs nothing until a connection comes.
func New(cfg Config) *Server {
	s := &Server{cfg: cfg, start: time.Now()}
	if cfg.States == nil {
		s.cfg.States, s.cfg.Seen = s.statesOfPeople, s.seenByPeople
	}
	s.ctx, s.stop = context.WithCancel(context.Background())
	s.registry.init(cfg.Tenants)
	s.sourceOf, s.alarms.start = s.poller.source, s.start
	s.flushers.init()
	return s
}

// Serve makes a WebSocket of the request and returns; the connection lives on by itself.
// identity is what the Authorization header said, nil if there was none. If the result isn't nil,
// nothing has been written and the caller answers with it: bad_request (not a WebSocket handshake),
// forbidden (origin), unavailable (draining, MaxConnections, or MaxGreetings), rate_limited
// (Greetings).
func (s *Server) Serve(w http.ResponseWriter, r *http.Request, identity *auth.Identity) *wire.Error {
	from := s.client(r)
	if e := s.admit(from); e != nil {
		return e
	}
	c := newConn(s, identity)
	c.from, c.errand = from, auth.ErrandOf(r.Header)
	c.sent = c.errand.Given()
	if e := c.upgrade(w, r); e != nil {
		s.giveGreeting(from)
		s.registry.release()
		return e
	}
	s.counters.opened.Add(1)
	s.registry.running.Add(1) // for what is written; the reader has a place since reserve
	c.begin()
	s.enter(c)
	s.crew.read(c)
	return nil
}

// enter makes the connection one that Drain and Close find, or sends it away if they have looked
// already:
//
//	handshake:  admitted ─────────────── enter ─ draining? away with it
//	Drain:               draining ─ all ─────────────────────────────────▶
func (s *Server) enter(c *conn) {
	s.registry.enter(c)
	switch {
	case s.ctx.Err() != nil:
		c.cut(closeAborted)
	case s.draining.Load():
		c.sendAway(0)
		c.shut(closeGoingAway)
	}
}

// Count is how many sockets are open, those that have not said hello included.
func (s *Server) Count() int { return s.registry.count() }

// Evict closes the sockets that have lost their device: one half of cluster.Sink.
func (s *Server) Evict(e cluster.Eviction) {
	for _, c := range s.registry.evict(e) {
		c.shut(evictionCode(e.Reason))
	}
}

func evictionCode(r cluster.EvictReason) closeCode {
	if r == cluster.EvictReplaced {
		return closeReplaced
	}
	return closeNormal
}

// Close ends all connections at once, without a close frame, and waits for their goroutines.
func (s *Server) Close() {
	s.draining.Store(true)
	s.stop()
	for _, c := range s.registry.close() {
		c.cut(closeAborted)
	}
	s.awaitConns()
	s.alarms.close()
	s.poller.close()
	s.crew.close()
}

// awaitConns waits for all goroutines of connections that have been let in.
func (s *Server) awaitConns() {
	s.registry.running.Wait()
	s.flushers.close()
}

// waiting returns a context that ends WriteWait from now, or up to a fifth later.
func (s *Server) waiting() context.Context { return s.waitingFrom(s.now()) }

func (s *Server) waitingFrom(now time.Duration) context.Context {
	p := s.patience.Load()
	if p != nil && now < p.until {
		return p.ctx
	}
	step := s.cfg.WriteWait / 5
	next := &patience{until: now + step}
	next.ctx, next.stop = context.WithTimeout(s.ctx, s.cfg.WriteWait+step)
	if s.patience.CompareAndSwap(p, next) {
		return next.ctx
	}
	next.stop()
	return s.patience.Load().ctx
}
