package gateway

import (
	"log/slog"
	"net"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/scaiwave/presence/gateway/admit"
)

// strays tells operators of pages whose origin was refused: a browser says nothing of it but that
// the connection failed. Mostly it is a proxy that has changed Host. Each origin is told once a
// minute, and maxStrays of them.
type strays struct {
	// static
	log     *slog.Logger
	refused prometheus.Counter

	mu     sync.Mutex
	minute time.Time           // when told was begun
	told   map[string]struct{} // at most maxStrays
}

// maxStrays is how many origins are told in a minute: anybody can make one up.
const maxStrays = 8

func newStrays(log *slog.Logger, refused prometheus.Counter) *strays {
	return &strays{log: log, refused: refused, told: make(map[string]struct{}, maxStrays)}
}

// noteStray counts a refused origin, and tells of it.
func (o origins) noteStray(r *http.Request) {
	s, origin := o.strays, clip(r.Header.Get("Origin"))
	s.refused.Inc()
	if s.isNew(origin, time.Now()) {
		s.log.Warn("origin refused", "origin", origin, "host", clip(r.Host), "hint",
			strayHint(r, origin, o.forwarded(r)))
	}
}

// isNew reports whether origin is to be told now.
func (s *strays) isNew(origin string, now time.Time) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if now.Sub(s.minute) >= time.Minute {
		s.minute = now
		clear(s.told)
	}
	if _, ok := s.told[origin]; ok || len(s.told) >= maxStrays {
		return false
	}
	s.told[origin] = struct{}{}
	return true
}

// clip bounds what a stranger puts into the log.
func clip(text string) string { return strings.ToValidUTF8(text[:min(len(text), 128)], "") }

// strayHint is what to set, so that a page of origin may use this server.
func strayHint(r *http.Request, origin string, believed []string) string {
	if origin == "null" {
		return "a local file or a sandboxed frame, of any site; --allowed-origins=null lets them all in"
	}
	_, asked, _ := strings.Cut(origin, "://")
	same := func(host string) bool { return strings.EqualFold(host, asked) }
	if CheckOrigins([]string{origin}) != nil || strings.Contains(origin, "*") {
		return "no browser sends such an origin"
	}
	allow := "if it is another server's page: --allowed-origins=" + origin
	switch {
	case len(believed) == 0 && slices.ContainsFunc(admit.NamedHosts(r.Header), same):
		return "a proxy names this host, but isn't believed: name it in --trusted-proxies"
	case strings.EqualFold(hostName(asked), hostName(r.Host)):
		return "the port differs, or the scheme: a proxy in front must pass Host on with its port " +
			"(nginx: proxy_set_header Host $http_host); " + allow
	default:
		return "if it is this server's page, a proxy in front has changed Host: let it pass it on " +
			"(nginx: proxy_set_header Host $http_host), or send X-Forwarded-Host and be named in --trusted-proxies; " +
			allow
	}
}

// hostName is a host without its port.
func hostName(host string) string {
	if name, _, err := net.SplitHostPort(host); err == nil {
		return name
	}
	return host
}
