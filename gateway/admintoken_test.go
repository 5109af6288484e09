package gateway

import (
	"net/http/httptest"
	"strings"
	"testing"
)

// TestOperatorsShowTheirToken: all but the probes asks for it, whatever there is at the path.
func TestOperatorsShowTheirToken(t *testing.T) {
	g := newGate(t, func(c *Config) {
		c.Pprof = true
		c.AdminToken = func(token string) bool { return token == "right" }
	})
	for _, tc := range []struct {
		path, header string
		status       int
	}{
		{"/healthz", "", 200},
		{"/readyz", "", 200},
		{"/readyz", "Bearer wrong", 200},
		{"/metrics", "", 401},
		{"/metrics", "Bearer wrong", 401},
		{"/metrics", "right", 401},
		{"/metrics", "Basic right", 401},
		{"/metrics", "Bearer right", 200},
		{"/metrics?token=right", "", 401},
		{"/debug/pprof/", "", 401},
		{"/debug/pprof/heap", "Bearer wrong", 401},
		{"/debug/pprof/", "bearer right", 200},
		{"/healthz/", "", 401},
		{"//healthz", "", 401},
		{"/nothing", "", 401},
		{"/nothing", "Bearer right", 404},
	} {
		r := httptest.NewRequest("GET", "http://localhost"+tc.path, nil)
		if tc.header != "" {
			r.Header.Set("Authorization", tc.header)
		}
		w := httptest.NewRecorder()
		g.s.AdminHandler().ServeHTTP(w, r)
		if w.Code != tc.status || (w.Code == 401) != (w.Header().Get("WWW-Authenticate") == "Bearer") {
			t.Errorf("%s with %q: %d %v, want %d", tc.path, tc.header, w.Code, w.Header(), tc.status)
		}
		if w.Code == 401 && !strings.Contains(w.Body.String(), "--admin-token-file") {
			t.Errorf("%s: %s", tc.path, w.Body)
		}
	}
}
