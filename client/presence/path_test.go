package presence

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"path"
	"strings"
	"testing"
)

// Each call that has ids in its path, with ids that mean a step through it.
var pathCalls = map[string]func(a API, t *testing.T, id string){
	"GET /v1/presence/ID":                func(a API, t *testing.T, id string) { _, _ = a.Record(t.Context(), id) },
	"PUT /v1/presence/ID/override":       func(a API, t *testing.T, id string) { _ = a.SetOverride(t.Context(), id, Busy) },
	"DELETE /v1/presence/ID/override":    func(a API, t *testing.T, id string) { _ = a.SetOverride(t.Context(), id, Auto) },
	"PUT /v1/presence/ID/status":         func(a API, t *testing.T, id string) { _ = a.SetStatus(t.Context(), id, Status{}) },
	"DELETE /v1/presence/ID/status":      func(a API, t *testing.T, id string) { _ = a.ClearStatus(t.Context(), id) },
	"PUT /v1/presence/ID/busy/ID":        func(a API, t *testing.T, id string) { _ = a.Claim(t.Context(), id, id, End{}) },
	"DELETE /v1/presence/ID/busy/ID":     func(a API, t *testing.T, id string) { _ = a.EndClaim(t.Context(), id, id) },
	"DELETE /v1/presence/ID/devices/ID":  func(a API, t *testing.T, id string) { _ = a.SignOut(t.Context(), id, id) },
	"PUT /v1/participants/ID":            func(a API, t *testing.T, id string) { _ = a.Register(t.Context(), id, "model") },
	"DELETE /v1/participants/ID":         func(a API, t *testing.T, id string) { _ = a.Forget(t.Context(), id) },
	"PUT /v1/participants/ID/blocks/ID":  func(a API, t *testing.T, id string) { _ = a.Block(t.Context(), id, id) },
	"GET /v1/participants/ID/blocks":     func(a API, t *testing.T, id string) { _, _ = a.Blocks(t.Context(), id) },
	"GET /v1/participants/ID/visibility": func(a API, t *testing.T, id string) { _, _ = a.Visibility(t.Context(), id) },
	"PUT /v1/participants/ID/visibility": func(a API, t *testing.T, id string) { _ = a.ResetVisibility(t.Context(), id) },
}

// TestDotsInAPath: an id of dots is no step through a path, for servers that clean what they are
// sent, and comes out as it went in.
func TestDotsInAPath(t *testing.T) {
	var got string
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if target := path.Clean(r.RequestURI); target != r.RequestURI {
			t.Errorf("%s would be cleaned to %s", r.RequestURI, target)
		}
		got = r.Method + " " + r.URL.EscapedPath()
	}))
	defer s.Close()
	for id, segment := range map[string]string{
		".": "%2E", "..": "%2E%2E", "...": "...", ".a": ".a", "a/../b": "a%2F..%2Fb", "a%2Eb": "a%252Eb", "ada": "ada",
	} {
		if back, err := url.PathUnescape(PathSegment(id)); back != id || err != nil {
			t.Errorf("%q comes back as %q, %v", id, back, err)
		}
		for call, do := range pathCalls {
			do(API{Server: s.URL, HTTP: s.Client()}, t, id)
			if want := strings.ReplaceAll(call, "ID", segment); got != want {
				t.Errorf("%q: %s; want %s", id, got, want)
			}
		}
	}
}
