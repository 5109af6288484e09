package gateway

import (
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strings"

	"github.com/rs/cors"

	"github.com/scaiwave/presence/gateway/wire"
)

// origins decides which pages may talk to this gateway: its own, and those allowed by name.
type origins struct {
	allowed []string
}

// checkOrigins refuses what could never equal a browser's Origin header.
func checkOrigins(allowed []string) error {
	for _, o := range allowed {
		if o == "*" {
			continue
		}
		u, err := url.Parse(strings.Replace(o, "*", "x", 1))
		if err != nil || u.Scheme == "" || u.Host == "" || u.Path != "" || u.RawQuery != "" || strings.Contains(u.Host, "*") {
			return fmt.Errorf("gateway: allowed origin %q; it must be like https://app.example.com, https://*.example.com or *", o)
		}
	}
	return nil
}

// allow judges the Origin header of r. Without one it is no browser's cross-origin request.
func (o origins) allow(r *http.Request) bool {
	origin := r.Header.Get("Origin")
	return origin == "" || o.allowName(r, origin)
}

func (o origins) allowName(r *http.Request, origin string) bool {
	if ownOrigin(r, origin) {
		return true
	}
	for _, a := range o.allowed {
		if matchOrigin(a, origin) {
			return true
		}
	}
	return false
}

// ownOrigin says whether origin is this server's. The Host header has no scheme: over TLS it is https; without it a proxy in
// front may have taken the TLS off, so https is as good as http.
func ownOrigin(r *http.Request, origin string) bool {
	scheme, host, ok := strings.Cut(origin, "://")
	if !ok || !strings.EqualFold(host, r.Host) {
		return false
	}
	return strings.EqualFold(scheme, "https") || r.TLS == nil && strings.EqualFold(scheme, "http")
}

// matchOrigin compares without regard to case; a star stands for one or more characters of a host name.
func matchOrigin(allowed, origin string) bool {
	allowed, origin = strings.ToLower(allowed), strings.ToLower(origin)
	before, after, star := strings.Cut(allowed, "*")
	if !star || allowed == "*" {
		return allowed == "*" || allowed == origin
	}
	if len(origin) <= len(before)+len(after) || !strings.HasPrefix(origin, before) || !strings.HasSuffix(origin, after) {
		return false
	}
	return !strings.ContainsAny(origin[len(before):len(origin)-len(after)], ":/@")
}

// crossOrigin answers preflights and adds the headers that let an allowed page read an answer. No cookies are involved:
// whoever may ask has a token.
func (o origins) crossOrigin(next http.Handler) http.Handler {
	return cors.New(cors.Options{
		AllowOriginVaryRequestFunc: func(r *http.Request, origin string) (bool, []string) {
			return o.allowName(r, origin), nil
		},
		AllowedMethods: []string{http.MethodGet, http.MethodHead, http.MethodPost, http.MethodPut, http.MethodDelete},
		AllowedHeaders: []string{"Authorization", "Content-Type", "Last-Event-ID", "Cache-Control"},
		ExposedHeaders: []string{"Presence-Unknown", "Retry-After", traceHeader},
		MaxAge:         600,
	}).Handler(next)
}

// checkHost keeps other machines' names out while tokens prove nothing; see Config.Insecure.
func (s *Server) checkHost(r *http.Request) error {
	if !s.config.Insecure || loopbackHost(r.Host, s.config.BeyondLoopback) {
		return nil
	}
	return wire.Errorf(wire.Forbidden, "with --auth=insecure the Host header must name loopback, such as localhost or 127.0.0.1")
}

func loopbackHost(hostPort string, anyAddress bool) bool {
	host := hostPort
	if h, _, err := net.SplitHostPort(hostPort); err == nil {
		host = h
	} else if strings.HasPrefix(host, "[") && strings.HasSuffix(host, "]") {
		host = host[1 : len(host)-1]
	}
	host = strings.ToLower(strings.TrimSuffix(host, "."))
	if host == "localhost" || strings.HasSuffix(host, ".localhost") {
		return true
	}
	ip, err := netip.ParseAddr(host)
	return err == nil && (anyAddress || ip.Unmap().IsLoopback())
}
