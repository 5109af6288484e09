package gateway

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/scaiwave/presence/gateway/wire"
)

// ofRoute is a path of the route, of participants that may be there.
func ofRoute(r *route) string {
	path := strings.NewReplacer(
		"{participant}", "ada", "{device}", "d", "{viewer}", "ben", "{source}", "call",
	).Replace(r.path)
	if len(r.query) > 0 && r.query[0] == "ids" {
		path += "?ids=a"
	}
	return path
}

// TestNoCallIgnoresABody: what is in a body is known, or refused, whatever the call.
func TestNoCallIgnoresABody(t *testing.T) {
	g := newGate(t)
	for _, r := range g.s.routes {
		do := func(body string, header ...string) answer {
			return g.do(r.method, ofRoute(r), "ada|sa", body, header...)
		}
		switch {
		case r.who == open:
			do(`{"x":1}`).want(200, "") // nothing of the request counts
			continue
		case r.who == hello:
			do(`{}`).problem(wire.BadRequest, "takes no body")
			continue
		}
		detail := map[bool]string{true: "takes no body", false: ""}[r.bare]
		for _, body := range []string{`{"x":1}`, `7`, `"null"`, `x`, `{}{}`, strings.Repeat(" ", 5<<20) + "{}"} {
			if len(body) > 4<<20 && !r.bare {
				continue // too_large
			}
			do(body).problem(wire.BadRequest, detail)
		}
		if r.bare && r.path != "/v1/events" {
			do(` {} `).wantDone()
			do("null").wantDone()
			do("").wantDone()
		}
	}
}

// wantDone expects that the call did what it says.
func (a answer) wantDone() {
	a.t.Helper()
	if a.status != http.StatusOK && a.status != http.StatusNoContent {
		a.t.Errorf("%s: %d %s", a.what, a.status, a.body)
	}
}

// A body whose length isn't said may turn out to be none.
func TestBodyOfNoLength(t *testing.T) {
	g := newGate(t)
	for body, want := range map[string]int{"": 204, "{}": 204, `{"x":1}`: 400} {
		r := httptest.NewRequest("DELETE", "/v1/presence/me/override", io.MultiReader(strings.NewReader(body)))
		r.Header.Set("Authorization", "Bearer ada")
		r.ContentLength = -1
		w := httptest.NewRecorder()
		if g.s.Handler().ServeHTTP(w, r); w.Code != want {
			t.Errorf("%q: %d; want %d", body, w.Code, want)
		}
	}
}
