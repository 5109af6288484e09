package gateway

import (
	"net"
	"net/http"
	"net/netip"
	"slices"
	"strings"

	"github.com/scaiwave/presence/gateway/wire"
)

// checkHost keeps other machines' names out while tokens prove nothing; see Config.Insecure. No
// name at all, as old health checks send (HTTP/1.0), is no browser's.
func (s *Server) checkHost(r *http.Request) error {
	if !s.config.Insecure || r.Host == "" || loopbackHost(r.Host, s.config.BeyondLoopback) {
		return nil
	}
	return wire.Errorf(wire.Forbidden, "with --auth=insecure the Host header must name loopback, such as localhost "+
		"or 127.0.0.1")
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

// forwardedHosts are the names that the client asked a trusted proxy for. While tokens prove
// nothing they are bound to loopback like Host: a page whose name was pointed at a proxy on this
// machine is forwarded with it.
func (s *Server) forwardedHosts(r *http.Request) []string {
	conn := connOf(r)
	if conn == nil {
		return nil
	}
	hosts := s.config.Limits.TrustedProxies.Hosts(conn.Peer(), r.Header)
	if !s.config.Insecure {
		return hosts
	}
	return slices.DeleteFunc(hosts, func(host string) bool { return !loopbackHost(host, s.config.BeyondLoopback) })
}

// tightLipped sends the status of an answer, and nothing of its text but that.
type tightLipped struct{ http.ResponseWriter }

func (t tightLipped) Write(text []byte) (int, error) { return len(text), nil }
