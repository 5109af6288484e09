package gateway

import (
	"errors"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/scaiwave/presence/gateway/wire"
)

func (g *gate) admin(path string) (int, string) {
	w := httptest.NewRecorder()
	g.s.AdminHandler().ServeHTTP(w, httptest.NewRequest("GET", path, nil))
	return w.Code, w.Body.String()
}

// metric gives the value of a series as /metrics writes it; "" where there is none.
func (g *gate) metric(series string) string {
	_, all := g.admin("/metrics")
	for line := range strings.Lines(all) {
		if value, ok := strings.CutPrefix(line, series+" "); ok {
			return strings.TrimSpace(value)
		}
	}
	return ""
}

func TestHealth(t *testing.T) {
	var notYet error
	remark := ""
	g := newGate(t, func(c *Config) {
		c.Ready, c.Remark = func() error { return notYet },
			func() string { return remark }
	})
	check := func(path string, status int, text string) {
		t.Helper()
		if code, body := g.admin(path); code != status || !strings.Contains(body, text) {
			t.Errorf("%s: %d %.100s", path, code, body)
		}
	}
	check("/healthz", 200, "ok")
	check("/readyz", 200, "ready")
	notYet = errors.New("still joining")
	check("/readyz", 503, "still joining")
	notYet, remark = nil, "serving alone"
	check("/readyz", 200, "ready; serving alone\n")
	remark = ""
	check("/readyz", 200, "ready\n")
	check("/debug/pprof/", 404, "")
	check("/v1/presence", 404, "")
	g.s.Drain(t.Context())
	check("/readyz", 503, "draining")
	check("/healthz", 200, "ok")
	if code, _ := newGate(t, func(c *Config) { c.Pprof = true }).admin("/debug/pprof/"); code != 200 {
		t.Errorf("pprof, enabled: %d", code)
	}
}

func TestMetrics(t *testing.T) {
	g := newGate(t)
	zero := []string{
		`presence_http_requests_total{method="GET",route="/v1/presence",status="200"}`,
		`presence_http_requests_total{method="GET",route="/v1/ws",status="101"}`,
		`presence_http_requests_total{method="other",route="other",status="404"}`,
		`presence_http_request_seconds_count{method="POST",route="/v1/heartbeats"}`,
		`presence_rejections_total{code="unavailable"}`,
		`presence_event_streams_slow_total`, `presence_connections_refused_total`, `presence_http_floods_total`,
		`presence_sockets`, `presence_sockets_closed_total{code="4005"}`, `presence_watched_ids`, `presence_devices`,
		`presence_deliveries_total`,
	}
	for _, series := range zero {
		if got := g.metric(series); got != "0" {
			t.Errorf("%s is %q at the start", series, got)
		}
	}
	for code := range wire.Codes {
		if got := g.metric(`presence_rejections_total{code="` + string(code) + `"}`); got != "0" {
			t.Errorf("%s is %q at the start", code, got)
		}
	}
	g.online("secret-id", "b")
	g.do("GET", "/v1/presence?ids=a", "secret-id", "")
	g.do("GET", "/v1/presence?ids=,", "secret-id", "")
	g.do("GET", "/v1/nothing/secret-id", "", "")
	g.do("FROB", "/v1/presence", "", "")
	g.do("POST", "/v1/heartbeats", "x|s", `{"heartbeats":[{"participant_id":"secret-id"},{}]}`)
	for series, want := range map[string]string{
		`presence_http_requests_total{method="GET",route="/v1/presence",status="200"}`:    "1",
		`presence_http_requests_total{method="GET",route="/v1/presence",status="400"}`:    "1",
		`presence_http_requests_total{method="other",route="other",status="404"}`:         "1",
		`presence_http_requests_total{method="other",route="other",status="405"}`:         "1",
		`presence_http_requests_total{method="POST",route="/v1/heartbeats",status="200"}`: "2",
		`presence_http_request_seconds_count{method="GET",route="/v1/presence"}`:          "2",
		`presence_rejections_total{code="invalid_id"}`:                                    "3",
		`presence_rejections_total{code="not_found"}`:                                     "1",
		`presence_http_heartbeats_total`:                                                  "2",
		`presence_devices`:                                                                "2",
	} {
		if got := g.metric(series); got != want {
			t.Errorf("%s is %q, want %s", series, got, want)
		}
	}
	if _, all := g.admin("/metrics"); strings.Contains(all, "secret-id") {
		t.Error("an id is in the metrics")
	}
}

func TestAdminHost(t *testing.T) {
	for _, tt := range []struct {
		loopback bool
		host     string
		status   int
	}{
		{true, "localhost:8081", 200},
		{true, "127.0.0.1", 200},
		{true, "rebound.example:8081", 403},
		{false, "admin.example:8081", 200},
	} {
		g := newGate(t, func(c *Config) { c.AdminLoopback = tt.loopback })
		r := httptest.NewRequest("GET", "/metrics", nil)
		r.Host = tt.host
		w := httptest.NewRecorder()
		g.s.AdminHandler().ServeHTTP(w, r)
		if w.Code != tt.status {
			t.Errorf("%+v: %d", tt, w.Code)
		}
	}
}
