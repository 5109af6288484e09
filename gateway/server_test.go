package gateway

import (
	"bytes"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/scaiwave/presence/docs"
	"github.com/scaiwave/presence/gateway/wire"
)

func TestWhoIsAsking(t *testing.T) {
	g := newGate(t)
	for path, item := range g.spec.Paths.Map() {
		path = strings.NewReplacer("{participant}", "me", "{device}", "d").Replace(path)
		for _, method := range slices.Sorted(maps.Keys(item.Operations())) {
			a := g.do(method, path, "", "")
			if path == "/v1/openapi.yaml" || path == "/v1/ws" {
				if a.status == 401 {
					t.Errorf("%s needs a token", path)
				}
				continue
			}
			a.problem(wire.Unauthorized, "no token")
			if got := a.header.Get("WWW-Authenticate"); got != "Bearer" {
				t.Errorf("%s: WWW-Authenticate %q", path, got)
			}
		}
	}
	for _, path := range []string{"/v1/presence?ids=a", "/v1/ws", "/v1/events?ids=a"} {
		a := g.do("GET", path, "bad", "").problem(wire.Unauthorized, "bad")
		if got := a.header.Get("WWW-Authenticate"); got != `Bearer error="invalid_token"` {
			t.Errorf("%s: WWW-Authenticate %q", path, got)
		}
		g.do("GET", path, "", "", "Authorization", "Basic YTpi").problem(wire.Unauthorized, "Bearer")
	}
}

func TestPathsAndMethods(t *testing.T) {
	g := newGate(t)
	for _, path := range []string{
		"/", "/v1", "/v1/", "/v2/presence", "/v1/presences", "/v1/presence/a/b", "/v1/presence/query/", "/V1/presence",
		"//v1/presence", "/v1/presence/a/devices", "/v1/presence/a/devices/b/c", "/v1/participants", "/v1/openapi.yml",
		"/v1/%70resence",
	} {
		for _, method := range []string{"GET", "POST", "OPTIONS", "FROB"} {
			g.do(method, path, "", "").problem(wire.NotFound, "/v1/openapi.yaml")
		}
	}
	methods := []struct{ path, method, allow string }{
		{"/v1/presence?ids=a", "POST", "GET, HEAD"},
		{"/v1/presence/query", "PUT", "POST, GET, HEAD"},
		{"/v1/presence/a", "DELETE", "GET, HEAD"},
		{"/v1/presence/a", "OPTIONS", "GET, HEAD"},
		{"/v1/presence/a/devices/b", "GET", "PUT, DELETE"},
		{"/v1/presence/a/override", "POST", "PUT, DELETE"},
		{"/v1/heartbeats", "GET", "POST"},
		{"/v1/direct-messages", "PUT", "POST"},
		{"/v1/participants/a", "GET", "PUT, DELETE"},
		{"/v1/participants/a/export", "DELETE", "GET, HEAD"},
		{"/v1/events", "POST", "GET, HEAD"},
		{"/v1/ws", "HEAD", "GET"},
		{"/v1/ws", "POST", "GET"},
		{"/v1/cluster", "FROB", "GET, HEAD"},
	}
	for _, tt := range methods {
		a := g.do(tt.method, tt.path, "", "").problem(wire.MethodNotAllowed, "use "+tt.allow)
		if got := a.header.Get("Allow"); got != tt.allow {
			t.Errorf("%s: Allow %q", tt.path, got)
		}
	}
}

func TestMediaTypes(t *testing.T) {
	g := newGate(t)
	for header, ok := range map[string]bool{
		"application/json": true, "Application/JSON": true, "application/json; charset=utf-8": true,
		"application/json;charset=\"UTF-8\"": true, "application/json; v=1": true,
		"text/plain": false, "application/x-www-form-urlencoded": false, "application/json; charset=latin1": false,
		"application/jsonp": false, "application/problem+json": false, "json": false, ";": false,
	} {
		a := g.do("POST", "/v1/presence/query", "v", `{"ids":["a"]}`, "Content-Type", header)
		if ok {
			a.want(200, "")
		} else {
			a.problem(wire.UnsupportedMediaType, "")
		}
	}
	g.do("POST", "/v1/presence/query", "v", `{"ids":["a"]}`, "Content-Type", "").want(200, "")
	g.do("POST", "/v1/presence/query", "v", `{"ids":["a"]}`, "Content-Encoding",
		"gzip").problem(wire.UnsupportedMediaType, "gzip")
	g.do("POST", "/v1/presence/query", "v", `{"ids":["a"]}`, "Content-Encoding", "identity").want(200, "")
	g.do("POST", "/v1/heartbeats", "v", `{}`, "Content-Type", "text/plain").problem(wire.Forbidden, "")
}

func TestSizes(t *testing.T) {
	g := newGate(t, func(c *Config) { c.Limits.MaxBodyBytes, c.Limits.MaxRequestLineBytes = 100_000, 2000 })
	body := func(n int) string {
		s := `{"ids":["a"]}`
		return s + strings.Repeat(" ", n-len(s))
	}
	for _, n := range []int{50, 65_536, 99_999, 100_000} {
		g.do("POST", "/v1/presence/query", "v", body(n)).want(200, `{"a":"offline"}`)
	}
	for _, n := range []int{100_001, 1_000_000} {
		g.do("POST", "/v1/presence/query", "v", body(n)).problem(wire.TooLarge, "100000 bytes")
	}
	line := func(n int) string {
		s := "/v1/presence?ids=a"
		return s + strings.Repeat("&", n-len(s)-len("GET  HTTP/1.1\r\n"))
	}
	g.do("GET", line(2000), "v", "").want(200, `{"a":"offline"}`)
	g.do("GET", line(2001), "v", "").problem(wire.TooLarge, "POST /v1/presence/query")
}

func TestSystem(t *testing.T) {
	g := newGate(t)
	a := g.do("GET", "/v1/openapi.yaml", "", "").want(200, "")
	if a.body != string(docs.OpenAPI) {
		t.Error("another contract")
	}
	a = g.do("GET", "/v1/cluster", "root|a", "").want(200, "")
	if !strings.Contains(a.body,
		`"members":[{"id":"node-1","role":"all","state":"serving","partitions":16,"self":true,`+
			`"out":false,"answered":true,"version":"v1.2.3","figures":{"participants":0,"devices":0,"sockets":0,"heartbeats":0,"changes":0}}],"pairs":[],"owners":[0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0]`) {
		t.Error(a.body)
	}
	for _, h := range []string{"Cache-Control", "X-Content-Type-Options"} {
		if a.header.Get(h) == "" {
			t.Errorf("%s is missing", h)
		}
	}
	none := newGate(t, func(c *Config) { c.OpenAPI = nil })
	none.do("GET", "/v1/openapi.yaml", "", "").problem(wire.NotFound, "")
}

func TestDemoIsOutsideTheAPI(t *testing.T) {
	g := newGate(t, func(c *Config) {
		c.Insecure = true
		c.Demo = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			_,
				_ = io.WriteString(w, "demo "+r.URL.Path)
		})
	})
	g.do("GET", "/", "", "").want(200, "demo /")
	g.do("GET", "/?try=me", "", "").want(200, "demo /")
	g.do("POST", "/", "", "").problem(wire.MethodNotAllowed, "GET, HEAD")
	g.do("GET", "/v2/presence", "", "").problem(wire.NotFound, "")
	g.do("GET", "/v1/nothing", "", "").problem(wire.NotFound, "")
	g.do("GET", "/v1", "", "").problem(wire.NotFound, "")
	g.do("GET", "/", "", "", "Host", "evil.example").problem(wire.Forbidden, "loopback")
}

func TestPanicIsLogged(t *testing.T) {
	var log bytes.Buffer
	g := newGate(t, func(c *Config) {
		c.Logger = slog.New(slog.NewTextHandler(&log, nil))
		c.Demo = http.HandlerFunc(func(http.ResponseWriter, *http.Request) { panic("oh no") })
	})
	defer func() {
		if p := recover(); p != http.ErrAbortHandler {
			t.Errorf("ended with %v", p)
		}
		if !strings.Contains(log.String(), "oh no") || !strings.Contains(log.String(), "getDemo") {
			t.Errorf("logged: %s", &log)
		}
	}()
	g.do("GET", "/", "", "")
}

func TestConfigBounds(t *testing.T) {
	g := newGate(t)
	good := g.s.config
	good.Cluster = g.node
	bad := map[string]func(*Config){
		"Cluster":                  func(c *Config) { c.Cluster = nil },
		"Auth":                     func(c *Config) { c.Auth = nil },
		"max-connections":          func(c *Config) { c.Limits.MaxConnections = 0 },
		"max ids":                  func(c *Config) { c.Limits.MaxIDs = -1 },
		"max body bytes":           func(c *Config) { c.Limits.MaxBodyBytes = 1 << 31 },
		"participant-rate":         func(c *Config) { c.Limits.ParticipantRate = 0 },
		"connection-rate":          func(c *Config) { c.Limits.MessageRate = 1e9 },
		"write wait":               func(c *Config) { c.Limits.WriteWait = 0 },
		"allowed origin \"x.com\"": func(c *Config) { c.AllowedOrigins = []string{"x.com"} },
		"https://x.com/path":       func(c *Config) { c.AllowedOrigins = []string{"https://x.com/path"} },
		"metrics of tenant":        func(c *Config) { c.MetricsTenants = []string{"a b"} },
		"257 tenants":              func(c *Config) { c.MetricsTenants = make([]string, 257) },
		"https://*.*.com":          func(c *Config) { c.AllowedOrigins = []string{"https://*.*.com"} },
	}
	for want, edit := range bad {
		c := good
		c.Registry = nil
		edit(&c)
		if _, err := New(c); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", want, err)
		}
	}
}

// What a stranger gets about somebody invisible is byte for byte what it gets about somebody who
// isn't there.
func TestInvisibleIsIndistinguishable(t *testing.T) {
	g := newGate(t)
	g.online("hides")
	g.do("PUT", "/v1/presence/hides/override", "hides", `{"override":"appear_offline"}`).want(204, "")
	g.do("PUT", "/v1/presence/hides/status", "hides", `{"text":"hidden"}`).want(204, "")
	g.do("PUT", "/v1/presence/hides/busy/call", "back|s", `{"expires_in":60}`).want(204, "")
	calls := []struct{ method, path, body string }{
		{"GET", "/v1/presence?ids=%s", ""},
		{"POST", "/v1/presence/query", `{"ids":["%s"]}`},
		{"PUT", "/v1/presence/%s/devices/phone", `{"activity":"idle"}`},
		{"PUT", "/v1/presence/%s/devices/another", `{"activity":"idle"}`},
		{"DELETE", "/v1/presence/%s/devices/phone", ""},
		{"PUT", "/v1/presence/%s/override", `{"override":"busy"}`},
		{"DELETE", "/v1/presence/%s/override", ""},
		{"GET", "/v1/presence?with=status&ids=%s", ""},
		{"POST", "/v1/presence/query", `{"ids":["%s"],"with":["status"]}`},
		{"PUT", "/v1/presence/%s/status", `{"text":"x"}`},
		{"DELETE", "/v1/presence/%s/status", ""},
		{"DELETE", "/v1/presence/%s/status?public=true", ""},
		{"PUT", "/v1/presence/%s/busy/call", `{"expires_in":60}`},
		{"DELETE", "/v1/presence/%s/busy/call", ""},
	}
	for _, c := range calls {
		fill := func(s, id string) string {
			if strings.Contains(s, "%s") {
				return fmt.Sprintf(s, id)
			}
			return s
		}
		one := g.do(c.method, fill(c.path, "hides"), "stranger", fill(c.body, "hides"))
		two := g.do(c.method, fill(c.path, "never"), "stranger", fill(c.body, "never"))
		if strings.ReplaceAll(one.body, "hides", "never") != two.body || one.status != two.status ||
			!maps.EqualFunc(one.header, two.header, slices.Equal) {
			t.Errorf("%s %s: %d %v %s\nis not %d %v %s", c.method, c.path, one.status, one.header, one.body, two.status,
				two.header, two.body)
		}
	}
}
