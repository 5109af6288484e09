package gateway

import (
	"fmt"
	"regexp"
	"strings"

	"github.com/scaiwave/presence/gateway/wire"
)

// plainPrefix has only characters that nobody escapes, in a path or in YAML.
var plainPrefix = regexp.MustCompile(`^(/[A-Za-z0-9_~-][A-Za-z0-9._~-]*)*$`)

// CheckPathPrefix refuses what no request could begin with.
func CheckPathPrefix(prefix string) error {
	if plainPrefix.MatchString(prefix) {
		return nil
	}
	return fmt.Errorf("gateway: path prefix %q; it must be like /presence or /api/presence: "+
		"a slash in front, none at the end, and letters, digits or any of . _ ~ - between", prefix)
}

// belowPrefix returns the part of an escaped path below Config.PathPrefix; false: it is elsewhere.
func (s *Server) belowPrefix(escaped string) (string, bool) {
	below, ok := strings.CutPrefix(escaped, s.config.PathPrefix)
	return below, ok && (below == "" || below[0] == '/')
}

func (s *Server) errOutside(path string) error {
	return wire.Errorf(wire.NotFound,
		"there is nothing at %.80q; this node serves below %s (--path-prefix)", path, s.config.PathPrefix)
}

var servers = regexp.MustCompile(`(?m)^servers:\n(?:[ #].*\n)+`)

// servedBelow returns the contract with prefix as its only server, which is relative to where it
// was fetched.
func servedBelow(contract []byte, prefix string) []byte {
	if prefix == "" {
		return contract
	}
	return servers.ReplaceAllLiteral(contract, []byte("servers:\n  - url: "+prefix+"\n    description: This node\n"))
}
