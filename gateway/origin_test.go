package gateway

import (
	"net/http"
	"testing"

	"github.com/scaiwave/presence/gateway/wire"
)

func TestLoopbackHost(t *testing.T) {
	tests := []struct {
		host         string
		strict, wide bool // without and with BeyondLoopback
	}{
		{"localhost", true, true},
		{"LocalHost:8080", true, true},
		{"localhost.", true, true},
		{"app.localhost:1", true, true},
		{"127.0.0.1", true, true},
		{"127.1.2.3:8080", true, true},
		{"[::1]", true, true},
		{"[::1]:8080", true, true},
		{"[::ffff:127.0.0.1]:80", true, true},
		{"10.0.0.1:8080", false, true},
		{"[2001:db8::1]:8080", false, true},
		{"0.0.0.0:8080", false, true},
		{"", false, false},
		{":8080", false, false},
		{"evil.example", false, false},
		{"localhost.evil.example", false, false},
		{"127.0.0.1.evil.example:8080", false, false},
		{"evil-localhost", false, false},
		{"127.1", false, false},
		{"[::1", false, false},
	}
	for _, tt := range tests {
		if got := loopbackHost(tt.host, false); got != tt.strict {
			t.Errorf("%q: %t", tt.host, got)
		}
		if got := loopbackHost(tt.host, true); got != tt.wide {
			t.Errorf("%q beyond loopback: %t", tt.host, got)
		}
	}
}

func TestHostCheck(t *testing.T) {
	insecure := newGate(t, func(c *Config) { c.Insecure = true })
	for _, path := range []string{"/v1/presence?ids=a", "/v1/ws", "/v1/openapi.yaml"} {
		insecure.do("GET", path, "v", "", "Host", "evil.example").problem(wire.Forbidden, "loopback")
	}
	insecure.do("GET", "/v1/presence?ids=a", "v", "", "Host", "localhost:99").want(200, "")
	insecure.do("GET", "/v1/presence?ids=a", "v", "", "Host", "").want(200, "") // HTTP/1.0: no browser's
	newGate(t).do("GET", "/v1/presence?ids=a", "v", "", "Host", "presence.example.com").want(200, "")
}

func TestMatchOrigin(t *testing.T) {
	tests := []struct {
		allowed, origin string
		want            bool
	}{
		{"*", "https://x.example", true},
		{"*", "null", true},
		{"https://a.example", "https://a.example", true},
		{"https://a.example", "HTTPS://A.example", true},
		{"https://a.example", "http://a.example", false},
		{"https://a.example", "https://a.example:8443", false},
		{"https://a.example", "https://a.example.evil", false},
		{"https://*.a.example", "https://x.a.example", true},
		{"https://*.a.example", "https://x.y.a.example", true},
		{"https://*.a.example", "https://a.example", false},
		{"https://*.a.example", "https://.a.example", false},
		{"https://*.a.example", "https://evil/.a.example", false},
		{"https://*.a.example", "https://evil:1.a.example", false},
		{"https://*.a.example", "null", false},
	}
	for _, tt := range tests {
		if got := matchOrigin(tt.allowed, tt.origin); got != tt.want {
			t.Errorf("%s allows %s: %t", tt.allowed, tt.origin, got)
		}
	}
}

func TestCrossOrigin(t *testing.T) {
	g := newGate(t, func(c *Config) { c.AllowedOrigins = []string{"https://app.example"} })
	tests := []struct {
		origin string
		ok     bool
	}{
		{"https://app.example", true},
		{"http://127.0.0.1:8080", true},
		{"http://127.0.0.1:9090", false},
		{"https://127.0.0.1:8080", true},
		{"ftp://127.0.0.1:8080", false},
		{"http://me@127.0.0.1:8080", false},
		{"http://127.0.0.1:8080/page", false},
		{"https://evil.example", false},
		{"null", false},
	}
	for _, tt := range tests {
		want := map[bool]string{true: tt.origin}[tt.ok]
		a := g.do("GET", "/v1/presence?ids=a", "v", "", "Origin", tt.origin).want(200, "")
		if got := a.header.Get("Access-Control-Allow-Origin"); got != want {
			t.Errorf("%s: allowed %q", tt.origin, got)
		}
		a = g.do("OPTIONS", "/v1/presence/me/override", "", "", "Origin", tt.origin, "Access-Control-Request-Method",
			"PUT",
			"Access-Control-Request-Headers", "authorization,content-type").want(204, "")
		if got := a.header.Get("Access-Control-Allow-Methods"); (got == "PUT") != tt.ok {
			t.Errorf("%s: methods %q", tt.origin, got)
		}
		ws := g.do("GET", "/v1/ws", "v", "", "Origin", tt.origin)
		if (ws.status == http.StatusForbidden) == tt.ok {
			t.Errorf("%s: WebSocket %d %s", tt.origin, ws.status, ws.body)
		}
	}
}
