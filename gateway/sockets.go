package gateway

import (
	"maps"
	"net/http"
	"net/netip"
	"slices"
	"time"

	"github.com/scaiwave/presence/gateway/auth"
	"github.com/scaiwave/presence/gateway/socket"
	"github.com/scaiwave/presence/gateway/wire"
)

func (s *Server) socketConfig(n socket.Node) socket.Config {
	settings, l := s.node.Settings(), &s.config.Limits
	return socket.Config{
		Limits:            l.Limits,
		Node:              n,
		People:            s.people,
		Hub:               s.hub,
		Authenticate:      s.config.Auth.Authenticate,
		NodeID:            s.node.ID(),
		HeartbeatInterval: settings.HeartbeatInterval,
		Deadline:          settings.Deadline(),
		UnattendedAfter:   settings.UnattendedAfter,
		AllOrigins:        true, // getSocket has checked it
		Client:            s.entrance.client,
		Unwelcome:         func(from netip.Addr) { s.entrance.pay(from, 1) },
		Greetings:         s.entrance.greetings,
		Others:            s.streams.count,
		MaxGreetings:      l.MaxGreetings,
		TakeIDs:           s.takeIDs,
		Memory:            s.shares,
		Tenants:           slices.Collect(maps.Keys(s.tenants)),
		States:            s.states,
		Seen:              s.seen,
		Meet:              s.meetOnSocket,
	}
}

// getSocket is GET /v1/ws.
func getSocket(c *call) error {
	if !c.s.origins.allow(c.r) {
		c.s.origins.noteStray(c.r)
		return wire.Errorf(wire.Forbidden, "pages of %.80q may not connect; --allowed-origins names those that may",
			c.r.Header.Get("Origin"))
	}
	if err := c.s.mayConnect(1); err != nil {
		return err
	}
	if c.who.Participant == "" && c.s.entrance.spent(c.client) {
		c.wait = time.Second
		return c.s.entrance.errTooFast()
	}
	var who *auth.Identity
	if c.who.Participant != "" {
		copied := c.who // a pointer into c would keep c, and the request, for as long as the socket
		who = &copied
	}
	c.prove()
	if e := c.s.sockets.Serve(c.w, c.r, who); e != nil {
		return e
	}
	c.status = http.StatusSwitchingProtocols
	return nil
}

// Sockets is how many are open. It is part of cluster.Gateway.
func (s *Server) Sockets() int { return s.sockets.Count() }

// mayConnect returns an error if there is no room for so many more sockets and event streams.
func (s *Server) mayConnect(more int) error {
	select {
	case <-s.draining:
		return wire.Errorf(wire.Unavailable, "this node is leaving; connect again, to another")
	default:
	}
	limit := s.config.Limits.MaxConnections
	if s.sockets.Seated()+s.streams.count()+more > limit {
		s.metrics.limits.connections.Inc()
		return wire.Errorf(wire.Unavailable, "this gateway has its %d connections; try another one, or later", limit)
	}
	return nil
}
