package gateway

import (
	"errors"
	"net/http"
	"runtime/debug"
	"strings"
	"time"

	"github.com/scaiwave/presence/cluster"
	"github.com/scaiwave/presence/gateway/hub"
	"github.com/scaiwave/presence/gateway/people"
	"github.com/scaiwave/presence/gateway/socket"
	"github.com/scaiwave/presence/gateway/wire"
	"github.com/scaiwave/presence/shard"
)

// New makes a Server; give it to the node with SetSink before the node starts.
func New(c Config) (*Server, error) {
	if err := c.check(); err != nil {
		return nil, err
	}
	s := &Server{
		config:   c,
		node:     c.Cluster,
		people:   people.Of(c.Cluster),
		tenants:  newTenantMeters(c.MetricsTenants),
		routes:   prepare(routes(&c)),
		rates:    newRates(c.Limits.ParticipantRate, c.Limits.ParticipantBurst),
		idRates:  newRates(c.Limits.ParticipantIDsRate, c.Limits.ParticipantIDsBurst),
		shares:   c.Limits.shares(),
		hub:      hub.New(c.Cluster, socket.EncodeChange, c.Limits.MaxWatched),
		draining: make(chan struct{}),

		strangers: newStrangers(c.Limits.StrangerLimit, mostStrangers),
	}
	s.config.Cluster = nil
	if c.Authorize != nil {
		s.hub.SetJudge(c.Authorize)
	}
	s.contractTag = tagOf(c.OpenAPI)
	s.entrance = newEntrance(&s.config.Limits)
	s.sockets = socket.New(s.socketConfig(c.Cluster))
	s.metrics = newMetrics(s)
	s.origins = origins{
		allowed: c.AllowedOrigins, forwarded: s.forwardedHosts,
		strays: newStrays(c.Logger, s.metrics.limits.origins),
	}
	s.public = s.ratePreflights(s.origins.crossOrigin(http.HandlerFunc(s.serve)))
	return s, nil
}

// Handler is what the public listener serves.
func (s *Server) Handler() http.Handler { return s.public }

// Deliver takes what has changed from the node; see cluster.Sink.
func (s *Server) Deliver(updates []cluster.Update) { s.hub.Deliver(updates) }

// Watched names what the node should watch; see cluster.Sink.
func (s *Server) Watched(yield func(id string) bool) { s.hub.Watched(yield) }

// Viewers is part of cluster.Sink.
func (s *Server) Viewers(id string) []shard.Viewer { return s.hub.Viewers(id) }

// Review is part of cluster.Sink.
func (s *Server) Review(ids []string) { s.hub.Review(ids) }

// Picked is what a watched participant has picked; see cluster.Sink.
func (s *Server) Picked(id string) cluster.Picked { return s.hub.Picked(id) }

// Displaced tells clients to go elsewhere; see cluster.Sink. A client with nowhere else to go may
// stay, or come back.
func (s *Server) Displaced() {
	s.sockets.SendAway()
	s.streams.sendAway()
}

// Evict takes from the node which sockets have lost their device; see cluster.Sink.
func (s *Server) Evict(e cluster.Eviction) { s.sockets.Evict(e) }

// serve answers one request, and counts it.
func (s *Server) serve(w http.ResponseWriter, r *http.Request) {
	c := &call{s: s, w: w, r: r, start: time.Now(), scratch: scratches.Get().(*scratch)}
	var refused *wire.Error
	defer func() {
		c.leave()
		c.hold.Release()
		c.scratch.keep(c.status < 200 || c.status > 299)
		c.count()
		c.logAnswer(refused)
		c.logPanic(recover())
	}()
	err := c.rateAnonymous(s.dispatch(c))
	if err == nil {
		return
	}
	var method *methodError
	if errors.As(err, &method) {
		w.Header().Set("Allow", strings.Join(method.allow, ", "))
	}
	refused = wire.FromError(err)
	c.refuse(refused)
}

// logPanic logs one, where net/http would hide it among the noise of broken connections, and drops
// the connection.
func (c *call) logPanic(panicked any) {
	if panicked == nil {
		return
	}
	if panicked != http.ErrAbortHandler {
		c.s.config.Logger.Error("panic while answering", "method", c.method(), "route", c.path(), "panic", panicked,
			"stack", string(debug.Stack()), "trace", c.traceID())
	}
	panic(http.ErrAbortHandler)
}

// dispatch goes through what all calls have in common, the cheap and the general first.
func (s *Server) dispatch(c *call) error {
	if err := c.enter(); err != nil {
		return err
	}
	if err := s.checkLine(c.r); err != nil {
		return err
	}
	if err := s.checkHost(c.r); err != nil {
		return err
	}
	var err error
	if c.route, c.params, err = s.find(c.r.Method, c.r.URL.EscapedPath()); err != nil {
		return err
	}
	for _, step := range [...]func(*call) error{
		(*call).checkHeader, (*call).authenticate, (*call).checkRate, (*call).enterTenant,
		(*call).checkParams, (*call).checkAccess, (*call).checkFeature, (*call).checkBare, c.route.do,
	} {
		if err := step(c); err != nil {
			return err
		}
	}
	return nil
}

// checkLine measures the request line as it was sent, its end included.
func (s *Server) checkLine(r *http.Request) error {
	limit := s.config.Limits.MaxRequestLineBytes
	if len(r.Method)+len(" ")+len(r.RequestURI)+len(" HTTP/1.1\r\n") <= limit {
		return nil
	}
	return wire.Errorf(wire.TooLarge, "the request line is longer than %d bytes; send the ids in the body of POST "+
		"/v1/presence/query", limit)
}

// checkRate counts the request. A backend speaks for many and is not counted; a socket counts its
// messages.
func (c *call) checkRate() error {
	if c.who.Participant == "" || c.who.Service {
		return nil
	}
	now := time.Now()
	if c.wait = c.s.rates.take(string(c.who.Participant), 1, now); c.wait == 0 {
		return nil
	}
	c.noteFlood(now)
	return wire.Errorf(wire.RateLimited, "more than %v requests a second; wait as long as Retry-After says",
		c.s.config.Limits.ParticipantRate)
}

// noteFlood counts a request over a rate. A connection that doesn't stop sending them is closed.
func (c *call) noteFlood(now time.Time) {
	f, ok := c.r.Context().Value(floodKey{}).(*flood)
	if ok && f.refused(now) >= c.s.config.Limits.FloodTime {
		c.w.Header().Set("Connection", "close")
		c.s.metrics.limits.floods.Inc()
	}
}
