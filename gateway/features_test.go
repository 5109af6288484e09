package gateway

import (
	"slices"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/coder/websocket"

	"github.com/scaiwave/presence/cluster"
	"github.com/scaiwave/presence/gateway/wire"
)

// knowing is a node whose cluster knows features.
type knowing struct {
	Cluster
	features []string
	asked    func() // after an answer of Knows; nil: nothing
}

func (k *knowing) Features() []string { return k.features }

func (k *knowing) Knows(feature string) bool {
	known := slices.Contains(k.features, feature)
	if then := k.asked; then != nil {
		k.asked = nil
		then()
	}
	return known
}

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

// TestVisibilityUntilAllNodesKnowIt: while some node would not keep it, nobody says who may see
// whom. What was said before is read.
func TestVisibilityUntilAllNodesKnowIt(t *testing.T) {
	g, k := newKnowing(t)
	for _, known := range []bool{false, true} {
		if known {
			k.features = []string{cluster.FeatureVisibility}
		}
		for _, r := range []struct{ method, path, body, want string }{
			{"POST", "/v1/visibility", `{"edges":[{"participant_id":"ada","viewer":"ben","allow":true}]}`, ""},
			{"PUT", "/v1/participants/ada/visibility", `{"default":"allowed"}`, ""},
			{"PUT", "/v1/participants/ada/blocks/ben", "", ""},
			{"DELETE", "/v1/participants/ada/blocks/ben", "", ""},
		} {
			a := g.do(r.method, r.path, "ada|s", r.body)
			if known {
				a.want(map[bool]int{true: 200, false: 204}[r.method == "POST"], "")
			} else if a.problem(wire.Unavailable, "visibility"); a.header.Get("Retry-After") == "" {
				t.Errorf("%s %s: no Retry-After", r.method, r.path)
			}
		}
		for _, path := range []string{"visibility", "blocks", "why?viewer=ben"} {
			g.do("GET", "/v1/participants/ada/"+path, "ada|sa", "").want(200, "")
		}
	}
}

// TestTenantsAreSentAway: when a node comes that knows no tenants, their sockets and streams end,
// with a word that says when to come back. All others go on.
func TestTenantsAreSentAway(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		k := &knowing{features: []string{cluster.FeatureTenants}}
		s := serve(t, func(c *Config) {
			k.Cluster = c.Cluster
			c.Cluster = k
		})
		ours, other := s.dial(t, "acme ada"), s.dial(t, "ada")
		for _, ws := range []*websocket.Conn{ours, other} {
			say(t, ws, `{"type":"hello","device_id":"laptop"}`)
			await(t, ws, `"participant_id":"ada"`)
		}
		ourStream, otherStream := s.stream(t, "ids=ada", "acme ada"), s.stream(t, "ids=ada", "ada")
		for _, st := range []*reading{ourStream, otherStream} {
			st.want(event(`{"ada":"online"}`))
		}
		synctest.Wait() // both streams wait

		s.s.FeaturesChanged() // another one than tenants
		say(t, ours, `{"type":"heartbeat","activity":"online","req":"h"}`)
		await(t, ours, `{"type":"ok","req":"h"}`)
		k.features = nil
		s.s.FeaturesChanged()
		await(t, ours, `{"type":"reconnect"`)
		if code := closeCode(t, ours); code != websocket.StatusGoingAway {
			t.Errorf("closed with %d; want 1001", code)
		}
		if last := ourStream.next(); !strings.HasPrefix(last, "retry: ") || !strings.Contains(last, tenantsLater) {
			t.Errorf("the stream's last word is %q", last)
		}
		if after := ourStream.next(); after != "" {
			t.Errorf("and then %q", after)
		}
		say(t, other, `{"type":"heartbeat","activity":"idle","req":"h"}`)
		await(t, other, `{"type":"ok","req":"h"}`)
		otherStream.want(event(`{"ada":"idle"}`))
	})
}

// TestTenantsAreSentAwayFromTheirHello: such a node may come while a socket that has shown its token
// has no name yet, by which it would be found and sent away.
func TestTenantsAreSentAwayFromTheirHello(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		k := &knowing{}
		s := serve(t, func(c *Config) {
			k.Cluster = c.Cluster
			c.Cluster = k
		})
		older := func() {
			k.features = nil
			s.s.FeaturesChanged()
		}
		for _, hello := range []string{`"device_id":"laptop"`, `"req":"h"`} {
			k.features = []string{cluster.FeatureTenants}
			inHeader, inHello := s.dial(t, "acme ada"), s.dial(t, "")
			k.asked = older
			say(t, inHello, `{"type":"hello","token":"acme ada",`+hello+`}`)
			await(t, inHello, `"code":"unavailable"`)
			if k.features != nil {
				t.Fatal("the token was not asked about")
			}
			say(t, inHeader, `{"type":"hello",`+hello+`}`)
			await(t, inHeader, `"code":"unavailable"`)

			k.features = []string{cluster.FeatureTenants}
			say(t, inHeader, `{"type":"hello",`+hello+`}`) // once all nodes know them again
			await(t, inHeader, `"type":"welcome"`)
		}
	})
}
