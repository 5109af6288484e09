package gateway

import (
	"errors"
	"net/http/httptest"
	"strings"
	"testing"
)

// Health checks send whatever Host they are made with. On loopback, where a browser's must name
// loopback, one without a name is served as ever, and one with a name is told yes or no.
func TestProbesOfOthers(t *testing.T) {
	probes := []struct {
		who, proto, host string
		silent, metrics  bool
	}{
		{"HAProxy, option httpchk", "HTTP/1.0", "", false, true},
		{"an empty Host", "HTTP/1.1", "", false, true},
		{"curl on the machine", "HTTP/1.1", "127.0.0.1:8081", false, true},
		{"presence health", "HTTP/1.1", "localhost:8081", false, true},
		{"Envoy: the cluster's name", "HTTP/1.1", "presence_nodes", true, false},
		{"nginx: the upstream's name", "HTTP/1.0", "presence", true, false},
		{"ELB, through a tunnel", "HTTP/1.1", "10.0.0.7:8081", true, false},
		{"a page whose name was pointed here", "HTTP/1.1", "evil.example:8081", true, false},
	}
	var notYet error
	near := newGate(t, func(c *Config) { c.AdminLoopback, c.Ready = true, func() error { return notYet } })
	far := newGate(t, func(c *Config) { c.Ready = func() error { return notYet } })
	for _, ready := range []bool{true, false} {
		if notYet = errors.New("no link to n3"); ready {
			notYet = nil
		}
		for _, p := range probes {
			want := map[bool]int{true: 200, false: 503}[ready]
			status, text := near.probe(p.proto, p.host, "/readyz")
			if status != want || (text == "") != p.silent {
				t.Errorf("%s: %d %q", p.who, status, text)
			}
			if status, text = far.probe(p.proto, p.host, "/readyz"); status != want || text == "" {
				t.Errorf("%s, beyond loopback: %d %q", p.who, status, text)
			}
			if status, _ = near.probe(p.proto, p.host, "/metrics"); (status == 200) != p.metrics {
				t.Errorf("%s: /metrics %d", p.who, status)
			}
		}
	}
}

func (g *gate) probe(proto, host, path string) (status int, text string) {
	r := httptest.NewRequest("GET", path, nil)
	r.Proto, r.Host = proto, host
	w := httptest.NewRecorder()
	g.s.AdminHandler().ServeHTTP(w, r)
	return w.Code, strings.TrimSpace(w.Body.String())
}

// A node that will leave isn't ready, and takes newcomers until it drains.
func TestWithdraw(t *testing.T) {
	g := newGate(t)
	g.s.Withdraw()
	if code, text := g.admin("/readyz"); code != 503 || !strings.Contains(text, "draining") {
		t.Errorf("readyz: %d %s", code, text)
	}
	if err := g.s.mayConnect(1); err != nil {
		t.Errorf("a newcomer after Withdraw: %v", err)
	}
	g.s.Drain(t.Context())
	if g.s.mayConnect(1) == nil {
		t.Error("a newcomer after Drain is taken")
	}
}
