package gateway

import (
	"bytes"
	"fmt"
	"log/slog"
	"net/http"
	"net/netip"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/scaiwave/presence/gateway/admit"
)

func behindProxies(c *Config) {
	c.Limits.TrustedProxies = admit.Trusted{netip.MustParsePrefix("10.0.0.0/24")}
	c.AllowedOrigins = []string{"https://app.example", "null", "file://"}
}

// passes reports whether a page of origin may open a socket, and whether it may send a request with
// the headers of tracers: the two are decided alike.
func (v visitor) passes(t *testing.T, origin string, header ...string) bool {
	t.Helper()
	header = append(header, "Origin", origin)
	socket := v.do("GET", "/v1/ws", "v", header...).status != http.StatusForbidden
	const asked = "authorization,baggage,sentry-trace,traceparent,tracestate,x-requested-with"
	preflight := v.do("OPTIONS", "/v1/presence/me/override", "", append(header, "Access-Control-Request-Method", "PUT",
		"Access-Control-Request-Headers", asked)...)
	h := preflight.header
	ok := h.Get("Access-Control-Allow-Origin") == origin
	if ok != socket || ok && (h.Get("Access-Control-Allow-Headers") != asked ||
		h.Get("Access-Control-Allow-Methods") != "PUT") {
		t.Errorf("%s %v: socket %t, preflight %d %v", origin, header, socket, preflight.status, h)
	}
	return socket
}

func TestOriginsThroughProxies(t *testing.T) {
	const page = "https://chat.example:8443"
	tests := []struct {
		from, origin string
		header       []string
		want         bool
	}{
		{"10.0.0.1", page, nil, false},
		{"10.0.0.1", page, []string{"Host", "chat.example:8443"}, true},
		{"10.0.0.1", page, []string{"Host", "chat.example"}, false},
		{"10.0.0.1", page, []string{"X-Forwarded-Host", "chat.example:8443"}, true},
		{"10.0.0.1", page, []string{"X-Forwarded-Host", "CHAT.example:8443, inner.local"}, true},
		{"10.0.0.1", page, []string{"X-Forwarded-Host", "chat.example"}, false},
		{"10.0.0.1", page, []string{"X-Forwarded-Host", ""}, false},
		{
			"10.0.0.1", page,
			[]string{"Forwarded", `for=192.0.2.1;Host="chat.example:8443";proto=https, for=10.0.0.9`},
			true,
		},
		{"10.0.0.1", page, []string{"Forwarded", `for=192.0.2.1;host=chat.example`}, false},
		{"10.0.1.1", page, []string{"X-Forwarded-Host", "chat.example:8443"}, false},
		{"203.0.113.7", page, []string{"Forwarded", `host="chat.example:8443"`}, false},
		{"10.0.0.1", "https://", []string{"X-Forwarded-Host", ","}, false},
		{"203.0.113.7", "null", nil, true},
		{"203.0.113.7", "file://", nil, true},
		{"203.0.113.7", "file:///home", nil, false},
		{"203.0.113.7", "https://app.example", nil, true},
	}
	synctest.Test(t, func(t *testing.T) {
		s := serve(t, behindProxies)
		for _, tt := range tests {
			if got := s.from(tt.from).passes(t, tt.origin, tt.header...); got != tt.want {
				t.Errorf("%s with %v from %s: %t", tt.origin, tt.header, tt.from, got)
			}
		}
	})
}

// Where tokens prove nothing, a page whose name was pointed at a proxy on this machine must stay
// out.
func TestForwardedHostsWhileInsecure(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := serve(t, behindProxies, func(c *Config) { c.Insecure = true })
		v := s.from("10.0.0.1")
		if v.passes(t, "http://evil.example", "X-Forwarded-Host", "evil.example") {
			t.Error("a name that isn't loopback's was believed")
		}
		if !v.passes(t, "http://localhost:9090", "X-Forwarded-Host", "localhost:9090") {
			t.Error("loopback was not believed")
		}
	})
}

// strayHints are refused pages, and what their lines must say.
var strayHints = []struct {
	origin string
	header []string
	says   string
}{
	{"https://chat.example", nil, "proxy_set_header Host $http_host"},
	{"https://chat.example:8443", []string{"Host", "chat.example"}, "the port differs"},
	{"https://near.example", []string{"X-Forwarded-Host", "near.example"}, "--trusted-proxies"},
	{"https://" + strings.Repeat("x", 500), nil, "--allowed-origins=https://xxx"},
	{"null", nil, "--allowed-origins=null"},
	{"http://a.example\" --allowed-origins=*", nil, "no browser sends such an origin"},
}

// The operator is told of a refused page once a minute, with what to set; and of no more than
// maxStrays.
func TestRefusedOriginsAreTold(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var out bytes.Buffer
		s := serve(t, func(c *Config) { c.Logger = slog.New(slog.NewTextHandler(&out, nil)) })
		v := s.from("203.0.113.7")
		told := func() int { return strings.Count(out.String(), `msg="origin refused"`) }
		for i, h := range strayHints {
			before := out.Len()
			for range 3 {
				v.passes(t, h.origin, h.header...)
			}
			if line := out.String()[before:]; told() != i+1 || !strings.Contains(line, h.says) || len(line) > 1000 {
				t.Errorf("%s: %d lines, the last %q", h.origin, told(), line)
			}
		}
		for i := range 2 * maxStrays {
			v.passes(t, fmt.Sprintf("https://flood-%d.example", i))
		}
		if told() != maxStrays {
			t.Errorf("%d lines, want %d", told(), maxStrays)
		}
		time.Sleep(time.Minute)
		v.passes(t, strayHints[0].origin)
		if told() != maxStrays+1 {
			t.Errorf("%d lines a minute later", told())
		}
		if want := fmt.Sprint(2 * (3*len(strayHints) + 2*maxStrays + 1)); s.metric(
			"presence_origins_refused_total") != want {
			t.Errorf("%s refused, want %s", s.metric("presence_origins_refused_total"), want)
		}
	})
}

// A request that isn't asked about before, such as a page's own behind a proxy that changes Host,
// is answered: no line.
func TestAnsweredRequestsAreNotTold(t *testing.T) {
	var out bytes.Buffer
	g := newGate(t, func(c *Config) { c.Logger = slog.New(slog.NewTextHandler(&out, nil)) })
	g.do("PUT", "/v1/presence/me/override", "ada", `{"override":"busy"}`, "Origin", "https://chat.example").want(204,
		"")
	if out.Len() > 0 || g.metric("presence_origins_refused_total") != "0" {
		t.Errorf("told %q", out.String())
	}
}
