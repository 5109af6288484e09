package e2e

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/go-json-experiment/json"
)

// service is the token that has all scopes with --auth=insecure.
const service = "service"

var people atomic.Int64

// who makes a participant that no other test knows.
func who(role string) string { return fmt.Sprintf("%s-%d", role, people.Add(1)) }

// caller speaks to one server with one token.
type caller struct {
	s     *server
	token string
}

// obj is a JSON object to send.
type obj = map[string]any

// as gives the server's clients: with --auth=insecure, token is who they are.
func (s *server) as(token string) caller { return caller{s, token} }

// reply is a whole HTTP response.
type reply struct {
	what   string
	status int
	header http.Header
	body   string
}

// request builds what do sends; a string body goes as it is, anything else as JSON.
func (c caller) request(t testing.TB, method, path string, body any) *http.Request {
	t.Helper()
	var r io.Reader
	switch b := body.(type) {
	case nil:
	case string:
		r = strings.NewReader(b)
	default:
		raw, err := json.Marshal(b)
		if err != nil {
			t.Fatal(err)
		}
		r = bytes.NewReader(raw)
	}
	req, err := http.NewRequest(method, c.s.url+path, r)
	if err != nil {
		t.Fatal(err)
	}
	if c.token != "" {
		req.Header.Set("Authorization", "Bearer "+c.token)
	}
	if body != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	return req
}

func (c caller) send(t testing.TB, req *http.Request) reply {
	t.Helper()
	what := req.Method + " " + req.URL.RequestURI()
	what = what[:min(len(what), 200)]
	res, err := c.s.http.Do(req)
	if err != nil {
		t.Fatalf("%s: %v", what, err)
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatalf("%s: %v", what, err)
	}
	r := reply{what, res.StatusCode, res.Header, string(body)}
	c.described(t, req, r)
	return r
}

// once sends a request and takes the first answer, for a test that wants a refusal which do sends
// again.
func (c caller) once(t testing.TB, method, path string, body any) reply {
	t.Helper()
	return c.send(t, c.request(t, method, path, body))
}

// do sends a request, and again what a busy machine had no time for, as the contract says.
func (c caller) do(t testing.TB, method, path string, body any) reply {
	t.Helper()
	for begun := time.Now(); ; time.Sleep(20 * time.Millisecond) {
		r := c.once(t, method, path, body)
		if !r.passes() || time.Since(begun) > patience {
			return r
		}
	}
}

// passes reports whether a node that has more time would have answered otherwise.
func (r reply) passes() bool {
	refused := r.status == http.StatusServiceUnavailable && !strings.Contains(r.body, "data directory") // that stays
	return refused || r.header.Get("Presence-Unknown") != "" ||
		strings.Contains(r.body, `"state":"unknown"`)
}

func (c caller) get(t testing.TB, path string) reply {
	t.Helper()
	return c.do(t, "GET", path, nil)
}

// want checks the status and, for a body, that it is JSON.
func (r reply) want(t testing.TB, status int) reply {
	t.Helper()
	if r.status != status {
		t.Fatalf("%s: %d, want %d: %.300s", r.what, r.status, status, r.body)
	}
	if r.status == http.StatusNoContent && r.body != "" {
		t.Fatalf("%s: a 204 has a body: %q", r.what, r.body)
	}
	return r
}

// into decodes the whole body, and refuses fields that out doesn't have: the
// contract's shapes are fixed.
func (r reply) into(t testing.TB, out any) {
	t.Helper()
	if ct := r.header.Get("Content-Type"); !strings.HasPrefix(ct, "application/json") {
		t.Fatalf("%s: Content-Type %q", r.what, ct)
	}
	if err := json.Unmarshal([]byte(r.body), out, json.RejectUnknownMembers(true)); err != nil {
		t.Fatalf("%s: %v: %.300s", r.what, err, r.body)
	}
}

// problem checks that r is the contract's error: RFC 9457 with its stable code.
func (r reply) problem(t testing.TB, status int, code string) {
	t.Helper()
	if r.status != status {
		t.Errorf("%s: %d, want %d %s: %.300s", r.what, r.status, status, code, r.body)
		return
	}
	if ct := r.header.Get("Content-Type"); !strings.HasPrefix(ct, "application/problem+json") {
		t.Errorf("%s: Content-Type %q", r.what, ct)
	}
	var p struct {
		Status       int
		Code, Detail string
	}
	if err := json.Unmarshal([]byte(r.body), &p, json.MatchCaseInsensitiveNames(true)); err != nil {
		t.Errorf("%s: %v: %.300s", r.what, err, r.body)
		return
	}
	if p.Code != code || p.Detail == "" || (p.Status != 0 && p.Status != status) {
		t.Errorf("%s: want code %s, a detail and status %d: %.300s", r.what, code, status, r.body)
	}
}

// participantPath is the path of one participant, with the id escaped whole.
func participantPath(id string) string { return "/v1/presence/" + url.PathEscape(id) }

func devicePath(id, device string) string {
	return participantPath(id) + "/devices/" + url.PathEscape(device)
}

func idsQuery(ids ...string) string {
	escaped := make([]string, len(ids))
	for i, id := range ids {
		escaped[i] = url.QueryEscape(id)
	}
	return "ids=" + strings.Join(escaped, ",")
}

// beat is a heartbeat of the caller's own device.
func (c caller) beat(t testing.TB, device, activity string) {
	t.Helper()
	c.do(t, "PUT", devicePath("me", device), obj{"activity": activity}).want(t, 204)
}

func (c caller) signOut(t testing.TB, device string) {
	t.Helper()
	c.do(t, "DELETE", devicePath("me", device), nil).want(t, 204)
}

// override sets the caller's override; auto clears it.
func (c caller) override(t testing.TB, value string) {
	t.Helper()
	if value == "auto" {
		c.do(t, "DELETE", "/v1/presence/me/override", nil).want(t, 204)
		return
	}
	c.do(t, "PUT", "/v1/presence/me/override", obj{"override": value}).want(t, 204)
}

// message opens the direct-message window of two participants, as the backend.
func (s *server) message(t testing.TB, a, b string) {
	t.Helper()
	r := s.as(service).do(t, "POST", "/v1/direct-messages",
		obj{"direct_messages": []any{obj{"participants": []string{a, b}}}}).want(t, 200)
	if got := r.batch(t); got.Accepted != 1 {
		t.Fatalf("direct message %s, %s: %s", a, b, r.body)
	}
}

// register tells the server what kind of participant id is, as the backend.
func (s *server) register(t testing.TB, id, kind string) {
	t.Helper()
	s.as(service).do(t, "PUT", "/v1/participants/"+url.PathEscape(id), obj{"kind": kind}).want(t, 204)
}
