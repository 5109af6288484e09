package gateway

import (
	"slices"
	"testing"

	"github.com/scaiwave/presence/gateway/wire"
)

// knowing is a node whose cluster knows features.
type knowing struct {
	Cluster
	features []string
}

func (k *knowing) Features() []string { return k.features }

func (k *knowing) Knows(feature string) bool { return slices.Contains(k.features, feature) }

// newKnowing is a gate before such a node.
func newKnowing(t *testing.T) (*gate, *knowing) {
	t.Helper()
	k := &knowing{}
	return newGate(t, func(c *Config) {
		k.Cluster = c.Cluster
		c.Cluster = k
	}), k
}

func TestFeatures(t *testing.T) {
	g, k := newKnowing(t)
	g.do("GET", "/v1/features", "", "").problem(wire.Unauthorized, "")
	for want, features := range map[string][]string{
		`{"features":[]}`:                          nil,
		`{"features":["status","with \"marks\""]}`: {"status", `with "marks"`},
	} {
		k.features = features // between nodes of two versions they come and go
		for _, token := range []string{"ada", "backend|s"} {
			g.do("GET", "/v1/features", token, "").want(200, want)
		}
	}
}
