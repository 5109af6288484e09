package gateway

import (
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"

	"github.com/scaiwave/presence/docs"
	"github.com/scaiwave/presence/gateway/wire"
)

func below(prefix string) func(*Config) {
	return func(c *Config) {
		c.PathPrefix = prefix
		c.Demo = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			_,
				_ = io.WriteString(w, "demo "+r.URL.Path)
		})
	}
}

func TestPathPrefix(t *testing.T) {
	for _, prefix := range []string{"/presence", "/api/v1/presence", "/v1"} {
		g := newGate(t, below(prefix))
		g.do("PUT", prefix+"/v1/presence/me/devices/d", "a%2Fb", `{"activity":"idle"}`).want(204, "")
		g.do("GET", prefix+"/v1/presence?ids=x", "v", "").want(200, `{"x":"offline"}`)
		g.do("GET", prefix+"/v1/presence/a%2Fb", "v", "").want(200, "")
		g.do("GET", prefix+"/v1/presence/v1", "v", "").want(200, "")
		g.do("GET", prefix+"/v1/events", "v", "").problem(wire.BadRequest, "ids")
		g.do("GET", prefix+"/v1/ws", "v", "").problem(wire.BadRequest, "WebSocket")
		g.do("DELETE", prefix+"/v1/ws", "v", "").problem(wire.MethodNotAllowed, "GET")
		g.do("GET", prefix+"/v1/nothing", "v", "").problem(wire.NotFound, prefix+"/v1/openapi.yaml")
		g.do("GET", prefix+"/", "", "").want(200, "demo /")
		if to := g.do("GET", prefix, "", "").want(308, "").header.Get("Location"); to != prefix+"/" {
			t.Errorf("%s leads to %s", prefix, to)
		}
		for _, outside := range []string{
			"/v1/presence?ids=x", "/", prefix + "x/v1/presence?ids=x",
			"/x" + prefix + "/v1/presence?ids=x",
		} {
			if prefix != "/v1" || outside != "/v1/presence?ids=x" {
				g.do("GET", outside, "v", "").problem(wire.NotFound, "below "+prefix+" (--path-prefix)")
			}
		}
		if code, _ := g.admin("/readyz"); code != 200 {
			t.Errorf("the admin listener has the prefix: %d", code)
		}
	}
}

// The contract that is served names this node: relative to where it was fetched, so any name and
// port will do.
func TestContractBelowAPrefix(t *testing.T) {
	a := newGate(t, below("/presence")).do("GET", "/presence/v1/openapi.yaml", "", "").want(200, "")
	spec, err := openapi3.NewLoader().LoadFromData([]byte(a.body))
	if err != nil {
		t.Fatal(err)
	}
	if len(spec.Servers) != 1 || spec.Servers[0].URL != "/presence" {
		t.Errorf("servers %v", spec.Servers)
	}
	whole, err := openapi3.NewLoader().LoadFromData(docs.OpenAPI)
	if err != nil {
		t.Fatal(err)
	}
	if spec.Paths.Len() != whole.Paths.Len() {
		t.Errorf("%d paths of %d are left", spec.Paths.Len(), whole.Paths.Len())
	}
}

func TestPrefixesThatAreNone(t *testing.T) {
	for prefix, ok := range map[string]bool{
		"": true, "/presence": true, "/a/b-c_d.e~f": true,
		"/": false, "presence": false, "/presence/": false, "/a//b": false, "/a/../b": false, "/.": false,
		"/a b": false, "/a%2Fb": false, "/ä": false, "/a?b": false, "/a\n": false,
	} {
		err := CheckPathPrefix(prefix)
		if (err == nil) != ok || err != nil && !strings.Contains(err.Error(), "like /presence") {
			t.Errorf("%q: %v", prefix, err)
		}
	}
}
