package gateway

import (
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/scaiwave/presence/cluster"
	"github.com/scaiwave/presence/gateway/wire"
	"github.com/scaiwave/presence/shard"
)

// routes are tried in order: a participant may be called "query", which GET asks about and POST
// doesn't.
func routes(c *Config) []*route {
	all := []*route{
		{
			method: "GET", path: "/v1/presence", who: anyone, query: []string{"ids", "viewer", "with"}, do: getStates,
			load: c.Limits.listLoad(),
		},
		{method: "POST", path: "/v1/presence/query", who: anyone, do: queryStates, load: c.Limits.queryLoad()},
		{method: "GET", path: "/v1/presence/{participant}", who: anyone, query: []string{"viewer"}, do: getRecord},
		{method: "PUT", path: "/v1/presence/{participant}/devices/{device}", who: self, do: putDevice},
		{method: "DELETE", path: "/v1/presence/{participant}/devices/{device}", who: self, do: deleteDevice},
		{method: "PUT", path: "/v1/presence/{participant}/override", who: self, do: putOverride},
		{method: "DELETE", path: "/v1/presence/{participant}/override", who: self, do: deleteOverride},
		{method: "POST", path: "/v1/heartbeats", who: service, do: postHeartbeats, load: c.Limits.beatsLoad()},
		{
			method: "POST", path: "/v1/direct-messages", who: service, do: postDirectMessages,
			load: c.Limits.messagesLoad(),
		},
		{method: "POST", path: "/v1/visibility/forget", who: service, do: postForget, load: c.Limits.queryLoad()},
		{method: "PUT", path: "/v1/participants/{participant}", who: service, do: putParticipant},
		{method: "DELETE", path: "/v1/participants/{participant}", who: service, do: deleteParticipant},
		{method: "GET", path: "/v1/participants/{participant}/export", who: self, do: getExport},
		{
			method: "GET", path: "/v1/events", who: anyone, query: []string{"ids", "viewer", "with"}, do: getEvents,
			load: c.Limits.listLoad(),
		},
		{method: "GET", path: socketPath, who: hello, do: getSocket},
		{method: "GET", path: "/v1/features", who: anyone, do: getFeatures},
		{method: "GET", path: "/v1/cluster", who: operator, do: getCluster},
	}
	all = append(all, visibilityRoutes(&c.Limits)...)
	all = append(all, statusRoutes()...)
	if c.OpenAPI != nil {
		all = append(all, &route{method: "GET", path: "/v1/openapi.yaml", who: open, do: getContract})
	}
	if c.Demo != nil {
		all = append(all, &route{method: "GET", path: "/", who: open, do: getDemo})
	}
	return all
}

// visibilityRoutes are about who may see whom.
func visibilityRoutes(l *Limits) []*route {
	return []*route{
		{method: "POST", path: "/v1/visibility", who: service, do: postVisibility, load: l.edgesLoad()},
		{method: "PUT", path: "/v1/participants/{participant}/visibility", who: self, do: putVisibility},
		{method: "GET", path: "/v1/participants/{participant}/visibility", who: self, do: getVisibility},
		{method: "PUT", path: "/v1/participants/{participant}/blocks/{viewer}", who: self, bare: true, do: putBlock},
		{method: "DELETE", path: "/v1/participants/{participant}/blocks/{viewer}", who: self, do: deleteBlock},
		{method: "GET", path: "/v1/participants/{participant}/blocks", who: self, do: getBlocks},
		{
			method: "GET", path: "/v1/participants/{participant}/why", who: admin, query: []string{"viewer"},
			do: getWhy,
		},
	}
}

// statusRoutes are what participants say of themselves, and what makes them busy.
func statusRoutes() []*route {
	const (
		status = "/v1/presence/{participant}/status"
		claim  = "/v1/presence/{participant}/busy/{source}"
		known  = cluster.FeatureStatus
	)
	return []*route{
		{method: "PUT", path: status, who: self, feature: known, do: putStatus},
		{method: "DELETE", path: status, who: self, feature: known, query: []string{"public"}, do: deleteStatus},
		{method: "PUT", path: claim, who: service, feature: known, do: putClaim},
		{method: "DELETE", path: claim, who: self, feature: known, do: deleteClaim},
	}
}

const socketPath = "/v1/ws"

func prepare(all []*route) []*route {
	for _, r := range all {
		r.pattern = strings.Split(r.path[1:], "/")
		r.bare = r.bare || r.method == http.MethodGet || r.method == http.MethodDelete
	}
	return all
}

// find gives the route for a method and an escaped path, and the path's parameters. The path is
// taken apart before it is unescaped and never cleaned: "..", "a//b" and "a/b" are ids like others.
func (s *Server) find(method, escaped string) (*route, [maxParams]string, error) {
	below, ok := s.belowPrefix(escaped)
	if !ok {
		return nil, [maxParams]string{}, s.errOutside(escaped)
	}
	parts := strings.Split(strings.TrimPrefix(below, "/"), "/")
	var allow []string
	for _, r := range s.routes {
		if !r.matches(parts) {
			continue
		}
		if r.serves(method) {
			params, err := r.params(parts)
			return r, params, err
		}
		allow = append(allow, r.methods()...)
	}
	if allow == nil {
		return nil, [maxParams]string{}, s.errNotFound(escaped)
	}
	return nil, [maxParams]string{}, &methodError{method: method, allow: allow}
}

func (r *route) matches(parts []string) bool {
	if len(parts) != len(r.pattern) {
		return false
	}
	for i, p := range r.pattern {
		if p != parts[i] && !strings.HasPrefix(p, "{") {
			return false
		}
	}
	return true
}

func (r *route) serves(method string) bool { return slices.Contains(r.methods(), method) }

func (r *route) methods() []string {
	if r.method == http.MethodGet && r.path != socketPath {
		return []string{http.MethodGet, http.MethodHead}
	}
	return []string{r.method}
}

func (r *route) params(parts []string) (params [maxParams]string, err error) {
	n := 0
	for i, p := range r.pattern {
		if !strings.HasPrefix(p, "{") {
			continue
		}
		params[n], err = url.PathUnescape(parts[i])
		if err != nil {
			return params, wire.Errorf(wire.BadRequest, "path: %v; a percent sign is written %%25", err)
		}
		n++
	}
	return params, nil
}

// checkParams puts the caller's id in the place of `me`, and refuses ids that are none and a query
// where none is known.
func (c *call) checkParams() error {
	n := strings.Count(c.route.path, "{")
	if n > 0 && c.params[0] == "me" {
		c.of = c.who.Participant
	} else if n > 0 {
		if err := shard.ValidateParticipant(c.params[0]); err != nil {
			return err
		}
		c.of = c.tenant().Participant(c.params[0])
	}
	if n > 1 {
		if err := c.checkSecond(); err != nil {
			return err
		}
	}
	if c.route.query != nil || c.route.who == open {
		return nil
	}
	_, err := parseQuery(c.r.URL.RawQuery, nil, 0, nil)
	return err
}

// checkSecond is about what the path ends with: a device, a claim's source, or a viewer.
func (c *call) checkSecond() error {
	switch {
	case strings.HasSuffix(c.route.path, "/{device}"):
		return shard.ValidateDevice(c.params[1])
	case strings.HasSuffix(c.route.path, "/{source}"):
		return wire.CheckSource(c.params[1])
	}
	c.viewer = c.tenant().Participant(c.params[1])
	return named("viewer", shard.ValidateParticipant(c.params[1]))
}

// checkAccess refuses callers whom the route isn't for. What the path names is not looked up.
func (c *call) checkAccess() error {
	switch {
	case c.route.who == self && !c.who.Service && c.who.Participant != c.of:
		return wire.Errorf(wire.Forbidden, "the token is for another participant; acting for others needs the scope "+
			"presence:service")
	case c.route.who == service && !c.who.Service:
		return wire.Errorf(wire.Forbidden, "this call needs the scope presence:service")
	case (c.route.who == admin || c.route.who == operator) && !c.who.Admin:
		return wire.Errorf(wire.Forbidden, "this call needs the scope presence:admin")
	case c.route.who == operator && c.tenant() != "":
		return wire.Errorf(wire.Forbidden, "this call is about all tenants; it needs a token of none")
	}
	return nil
}

func (s *Server) errNotFound(path string) error {
	return wire.Errorf(wire.NotFound, "there is nothing at %.80q; the contract is at %s/v1/openapi.yaml", path,
		s.config.PathPrefix)
}

// methodError is a method_not_allowed that knows what is allowed.
type methodError struct {
	method string
	allow  []string
}

func (e *methodError) Error() string {
	return "method not allowed: " + e.method
}

func (e *methodError) As(target any) bool {
	t, ok := target.(**wire.Error)
	if ok {
		*t = wire.Errorf(wire.MethodNotAllowed, "%.20s is not for this path; use %s", e.method,
			strings.Join(e.allow, ", "))
	}
	return ok
}
