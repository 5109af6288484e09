package gateway

import (
	"context"
	"net"
	"net/http"
	"net/netip"
	"slices"
	"sync/atomic"

	"github.com/scaiwave/presence/gateway/admit"
	"github.com/scaiwave/presence/gateway/wire"
)

// entrance is where requests are bounded by who sends them, not by who they say they are.
type entrance struct {
	// static
	limits *Admission
	open   *admit.Places // connections
	// requests and sockets that came through a trusted proxy, which is one connection for many
	// clients
	forwarded *admit.Places
	greetings *admit.Places // sockets that have not said hello
	headers   *admit.Shares
	anonymous *rates
	holding   chan struct{} // a slot for each refusal that is held back

	public, admin atomic.Pointer[admit.Listener]

	tooMany, noMemory, tooFast, held atomic.Int64
}

func newEntrance(l *Limits) *entrance {
	a := &l.Admission
	return &entrance{
		limits:    a,
		open:      admit.NewPlaces(a.MaxOpenByAddress, a.MaxOpen, a.TrustedProxies),
		forwarded: admit.NewPlaces(a.MaxOpenByAddress, a.MaxOpen, a.TrustedProxies),
		greetings: admit.NewPlaces(a.MaxGreetingsByAddress, a.MaxGreetings, a.TrustedProxies),
		headers:   admit.HeaderShares(a.HeaderMemory, l.largestHeader()),
		anonymous: newRates(a.AnonymousRate, a.AnonymousBurst),
		holding:   make(chan struct{}, min(max(a.MaxOpen/8, 1), maxHeld)),
	}
}

// Admit bounds the connections of the public listener. secure: TLS will be spoken on them.
func (s *Server) Admit(l net.Listener, secure bool) net.Listener {
	a := &s.config.Limits.Admission
	bounded := admit.Listen(l, admit.Config{
		Connections: a.MaxOpen, Crowd: a.crowd(), Addresses: s.entrance.open,
		Trusted: a.TrustedProxies, ProxyProtocol: a.ProxyProtocol, Secure: secure,
		Pace: a.pace(), FreeHeaderBytes: a.MaxHeaderBytes, Headers: s.entrance.headers, StrangerIdle: a.StrangerIdle,
	})
	s.entrance.public.Store(bounded)
	return bounded
}

// AdmitAdmin bounds those of the admin listener, which live on a reserve of open files.
func (s *Server) AdmitAdmin(l net.Listener) net.Listener {
	a := &s.config.Limits.Admission
	bounded := admit.Listen(l, admit.Config{Connections: a.MaxAdmin, Pace: a.pace(), FreeHeaderBytes: a.MaxHeaderBytes})
	s.entrance.admin.Store(bounded)
	return bounded
}

func (a *Admission) pace() admit.Pace {
	return admit.Pace{Grace: a.Grace, BytesPerSecond: a.MinTransferRate}
}

// crowd is how many connections are greeted at once. Beyond MaxGreetings sockets are refused, so
// some places are left for those that come faster than they say hello.
func (a *Admission) crowd() int { return a.MaxGreetings - a.MaxGreetings/4 }

type connKey struct{}

// withConn lets requests find their connection; it is http.Server's ConnContext.
func withConn(ctx context.Context, nc net.Conn) context.Context {
	return context.WithValue(withFlood(ctx, nc), connKey{}, admit.Of(nc))
}

func connOf(r *http.Request) *admit.Conn {
	conn, _ := r.Context().Value(connKey{}).(*admit.Conn)
	return conn
}

// client is the address that a request comes from, as far as trusted proxies tell; the zero one
// where there are no addresses.
func (e *entrance) client(r *http.Request) netip.Addr {
	conn := connOf(r)
	if conn == nil {
		return netip.Addr{}
	}
	return e.limits.TrustedProxies.Client(conn.Peer(), r.Header)
}

// enter notes where the request comes from, has its body keep the pace, and takes a place for a
// client behind a proxy.
func (c *call) enter() error {
	e := c.s.entrance
	if c.conn = connOf(c.r); c.conn == nil {
		return nil
	}
	c.client = e.client(c.r)
	e.limits.pace().Body(c.w, c.r, int64(c.s.config.Limits.MaxBodyBytes), c.s.config.Limits.AnswerTimeout)
	if c.client == c.conn.Peer() {
		return nil // its connection is counted
	}
	if !e.forwarded.Take(c.client) {
		e.tooMany.Add(1)
		return wire.Errorf(wire.RateLimited, "your address has %d requests and sockets under way; wait for one",
			e.forwarded.Limit())
	}
	c.placed = true
	return nil
}

// leave gives back what enter and checkHeader took. A socket keeps its place until it ends.
func (c *call) leave() {
	e := c.s.entrance
	if c.placed && c.status == http.StatusSwitchingProtocols {
		c.conn.Hold(e.forwarded, c.client)
	} else if c.placed {
		e.forwarded.Give(c.client)
	}
	c.memory.Release()
	admit.Unread(c.r)
	if c.status != http.StatusSwitchingProtocols { // a socket may have said hello meanwhile
		c.prove()
	}
}

// prove notes whether the request had a good token.
func (c *call) prove() {
	if c.conn != nil {
		c.conn.Proven(c.who.Participant != "")
	}
}

// checkHeader allows a large header only where ids are in the request line, and as long as there is
// memory for it. An event stream lasts for days, so it doesn't keep what it has drawn: net/http
// holds the line all the same, as part of what a stream costs.
func (c *call) checkHeader() error {
	e, size := c.s.entrance, c.headerBytes()
	limit, fields := e.limits.MaxHeaderBytes, size-len(c.r.RequestURI)
	ids := slices.Contains(c.route.query, "ids")
	switch {
	case fields > limit, !ids && size > limit:
		return wire.Errorf(wire.TooLarge,
			"the header is larger than %d bytes; only the ids of GET /v1/presence and GET "+
				"/v1/events may be", limit)
	case size <= limit:
		return nil
	}
	c.large = true
	c.memory = e.headers.Hold(e.open.Name(c.client))
	if c.memory.Take(c.r.Context(), int64(size), 0) != nil {
		e.noMemory.Add(1)
		return wire.Errorf(wire.Unavailable,
			"there is no memory left for headers above %d bytes; send ids in the body "+
				"of POST /v1/presence/query, or try later", limit)
	}
	return nil
}

// headerBytes is what the header took on the wire, or nearly so.
func (c *call) headerBytes() int {
	n := len(c.r.RequestURI)
	for name, values := range c.r.Header {
		for _, v := range values {
			n += len(name) + len(": \r\n") + len(v)
		}
	}
	return n
}

// maxHeld is how many refusals may be held back; others are answered at once, and their connection
// closed.
const maxHeld = 1024
