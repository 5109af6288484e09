package gateway

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/rs/cors"
)

// origins decides which pages may talk to this gateway: its own, and those allowed by name.
type origins struct {
	allowed   []string
	forwarded func(*http.Request) []string // names besides Host that the client asked for
	strays    *strays
}

// wholeOrigins are origins that are no scheme and host: those of local files, in some apps, and of
// pages that have none.
var wholeOrigins = map[string]bool{"*": true, "null": true, "file://": true}

// CheckOrigins refuses what could never equal a browser's Origin header.
func CheckOrigins(allowed []string) error {
	for _, o := range allowed {
		if wholeOrigins[o] {
			continue
		}
		u, err := url.Parse(strings.Replace(o, "*", "x", 1))
		if err != nil || u.Scheme == "" || u.Host == "" || u.Path != "" || u.RawQuery != "" ||
			strings.Contains(u.Host, "*") {
			return fmt.Errorf("gateway: allowed origin %q; it must be like https://app.example.com, "+
				"https://*.example.com, "+
				"file://, null or *", o)
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
	own := func(host string) bool { return ownOrigin(r, origin, host) }
	if own(r.Host) || slices.ContainsFunc(o.forwarded(r), own) {
		return true
	}
	for _, a := range o.allowed {
		if matchOrigin(a, origin) {
			return true
		}
	}
	return false
}

// ownOrigin reports whether origin is this server's, as a client that asked for host knows it. That
// name has no scheme: over TLS it is https; without it a proxy in front may have taken the TLS off,
// so https is as good as http.
func ownOrigin(r *http.Request, origin, host string) bool {
	scheme, named, ok := strings.Cut(origin, "://")
	if !ok || named == "" || !strings.EqualFold(named, host) {
		return false
	}
	return strings.EqualFold(scheme, "https") || r.TLS == nil && strings.EqualFold(scheme, "http")
}

// matchOrigin compares without regard to case; a star stands for one or more characters of a host
// name.
func matchOrigin(allowed, origin string) bool {
	allowed, origin = strings.ToLower(allowed), strings.ToLower(origin)
	before, after, star := strings.Cut(allowed, "*")
	if !star || allowed == "*" {
		return allowed == "*" || allowed == origin
	}
	if len(origin) <= len(before)+len(after) || !strings.HasPrefix(origin, before) ||
		!strings.HasSuffix(origin, after) {
		return false
	}
	return !strings.ContainsAny(origin[len(before):len(origin)-len(after)], ":/@")
}

// crossOrigin answers preflights and adds the headers that let an allowed page read an answer. No
// cookies are involved: a page that may ask has a token.
func (o origins) crossOrigin(next http.Handler) http.Handler {
	return cors.New(cors.Options{
		AllowOriginVaryRequestFunc: func(r *http.Request, origin string) (bool, []string) {
			ok := o.allowName(r, origin)
			if !ok && r.Method == http.MethodOptions {
				o.noteStray(r) // other requests are answered: a page of another origin can't read it
			}
			return ok, nil
		},
		AllowedMethods: []string{http.MethodGet, http.MethodHead, http.MethodPost, http.MethodPut, http.MethodDelete},
		AllowedHeaders: []string{"*"}, // tracers add some of their own, and none of them is looked at
		ExposedHeaders: []string{"Presence-Unknown", "Retry-After", traceHeader},
		MaxAge:         600,
	}).Handler(next)
}
