package presence

import (
	"net/http"
	"net/http/httptest"
	"testing"
)

// A request and a connection name the tenant in their header, and none if there is none.
func TestTenantHeader(t *testing.T) {
	var got []string
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		got = r.Header["Presence-Tenant"]
		w.WriteHeader(http.StatusForbidden)
	}))
	defer s.Close()
	for _, tenant := range []string{"", "acme", "zoë"} {
		a := API{Server: s.URL, Tenant: tenant, HTTP: s.Client()}
		_, _ = a.Call(t.Context(), "GET", "/v1/presence?ids=a", nil)
		overHTTP := got
		c := Config{Server: s.URL, Tenant: tenant, HTTP: s.Client()}
		_, _, _ = dial(t.Context(), &c, c.hello("token", ""))
		for _, lines := range [][]string{overHTTP, got} {
			if tenant == "" && lines != nil || tenant != "" && (len(lines) != 1 || lines[0] != tenant) {
				t.Errorf("tenant %q: the header says %q", tenant, lines)
			}
		}
	}
}
