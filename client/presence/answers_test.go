package presence

import (
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

// TestAnswersOfOthers: what is no presence server gives an error that says so.
func TestAnswersOfOthers(t *testing.T) {
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodGet {
			http.NotFound(w, r)
			return
		}
		fmt.Fprint(w, "<html>")
	}))
	defer s.Close()
	a := API{Server: s.URL, HTTP: s.Client()}
	if _, err := a.Record(t.Context(), "ann"); fmt.Sprint(err) != "the server answered 404 Not Found" {
		t.Error(err)
	}
	if states, err := a.States(t.Context(), "ann"); err == nil || states["ann"] != Unknown {
		t.Errorf("%v, %v", states, err)
	}
	if rejected := a.Beat(t.Context(), make([]Heartbeat, 2)); len(rejected) != 2 || rejected[1].Index != 1 {
		t.Error(rejected)
	}
	s.Close()
	if err := a.Forget(t.Context(), "ann"); err == nil || !strings.HasPrefix(err.Error(), "cannot reach "+s.URL) {
		t.Error(err)
	}
	a.Server = "nowhere"
	if err := a.SignOut(t.Context(), "ann", "d"); !strings.Contains(fmt.Sprint(err), "http://127.0.0.1:8080") {
		t.Error(err)
	}
}

// TestAnswersThatDontFit: each id has a state and each item at most one rejection, with an index
// that a caller can use, whatever the server says.
func TestAnswersThatDontFit(t *testing.T) {
	for _, body := range []string{
		`{"rejected":[{"index":-1}]}`,
		`{"rejected":[{"index":2}]}`,
		`{"rejected":[{"index":0},{"index":"1"}]}`,
		`{"ann":"online","bob":7}`,
		`{"ann":"online","eve":"busy"}`,
		`null`,
	} {
		s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, body) }))
		a := API{Server: s.URL, HTTP: s.Client()}
		rejected := a.Beat(t.Context(), make([]Heartbeat, 2))
		right := len(rejected) == 2 && rejected[0].Index == 0 && rejected[1].Index == 1
		if strings.Contains(body, "index") && !right {
			t.Errorf("%s: rejected %v", body, rejected)
		}
		states, _ := a.States(t.Context(), "ann", "bob")
		if len(states) != 2 || states["bob"] != Unknown {
			t.Errorf("%s: %v", body, states)
		}
		s.Close()
	}
}

// TestAnswersOfProxies: theirs is of the moment where the status says so, and what is longer than
// any answer is not cut.
func TestAnswersOfProxies(t *testing.T) {
	status := http.StatusOK
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Retry-After", "3")
		w.WriteHeader(status)
		_, _ = w.Write(make([]byte, maxAnswerBytes+1-status/http.StatusBadRequest))
	}))
	defer s.Close()
	a := API{Server: s.URL, HTTP: s.Client()}
	if _, err := a.Record(t.Context(), "ann"); !strings.Contains(fmt.Sprint(err), "longer than") {
		t.Error(err)
	}
	for _, status = range []int{404, 413, 429, 500, 502, 503, 504} {
		_, err := a.Record(t.Context(), "ann")
		refused, ok := errors.AsType[*Error](err)
		if !ok || refused.Repeatable() != (status == 429 || status >= 500) || refused.RetryAfter != 3*time.Second {
			t.Errorf("%d: %v", status, err)
		}
	}
}

// TestPathsOfCall: without a slash it would lead to another host, with the token.
func TestPathsOfCall(t *testing.T) {
	a := API{Server: "http://127.0.0.1:1", Token: "service"}
	for _, path := range []string{"", "v1/features", "@127.0.0.1:2/v1/features"} {
		if _, err := a.Call(t.Context(), http.MethodGet, path, nil); !strings.Contains(fmt.Sprint(err), "slash") {
			t.Errorf("%q: %v", path, err)
		}
	}
}
