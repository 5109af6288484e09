package gateway

import (
	"testing"

	"github.com/scaiwave/presence/gateway/wire"
)

// knowing is a node whose cluster knows features.
type knowing struct {
	Cluster
	features []string
}

func (k *knowing) Features() []string { return k.features }

func TestFeatures(t *testing.T) {
	k := &knowing{}
	g := newGate(t, func(c *Config) {
		k.Cluster = c.Cluster
		c.Cluster = k
	})
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
