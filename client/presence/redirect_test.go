package presence

import (
	"context"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

// TestNoRedirects: the token doesn't follow a server to another one, in a request or in a hello. It
// would: to net/http another port is the same place.
func TestNoRedirects(t *testing.T) {
	other := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		t.Errorf("followed to %s %s", r.Method, r.URL)
	}))
	defer other.Close()
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, other.URL+r.URL.Path, http.StatusTemporaryRedirect)
	}))
	defer s.Close()
	a := API{Server: s.URL, Token: "service", HTTP: s.Client()}
	rejected := a.Beat(t.Context(), make([]Heartbeat, 1))
	if len(rejected) != 1 || !strings.Contains(rejected[0].Err.Error(), "307 Temporary Redirect to "+other.URL) {
		t.Errorf("a request: %v", rejected)
	}
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	_ = New(Config{Server: s.URL, Token: "ann", HTTP: s.Client()}).Run(ctx, func(e Event) {
		if l, ok := e.(Lost); !ok || !strings.Contains(l.Err.Error(), other.URL) {
			t.Errorf("a hello: %v", e)
		}
		cancel()
	})
}
