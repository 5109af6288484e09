package gateway

import (
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/go-json-experiment/json"
	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"

	"github.com/scaiwave/presence/shard"
)

// What is accepted means what net/url's own parser says it means.
func FuzzQuery(f *testing.F) {
	for _, s := range []string{
		"ids=a,b&viewer=c", "ids=%2C&ids=", "&&ids=+&", "ids=%zz", "viewer=a&viewer=b",
		"i%64s=a%26ids=b", "ids==a=b",
	} {
		f.Add(s)
	}
	known := []string{"ids", "viewer"}
	f.Fuzz(func(t *testing.T, raw string) {
		q, err := parseQuery(raw, nil, 100, known)
		want, wantErr := url.ParseQuery(raw)
		if err != nil || strings.Contains(raw, ";") || len(q.ids) > 100 {
			return
		}
		if wantErr != nil {
			t.Fatalf("%q accepted as %+v: %v", raw, q, wantErr)
		}
		var ids []string
		for _, v := range want["ids"] {
			ids = append(ids, strings.Split(v, ",")...)
		}
		if slices.Equal(ids, []string{""}) {
			ids = nil
		}
		if !slices.Equal(q.ids, ids) || (q.viewer != nil) != want.Has("viewer") || q.viewer != nil &&
			*q.viewer != want.Get("viewer") {
			t.Errorf("%q: %+v, want %v", raw, q, want)
		}
	})
}

func FuzzPath(f *testing.F) {
	f.Add("GET", "/v1/presence/a%2Fb")
	f.Add("PUT", "/v1/presence/%zz/devices/")
	f.Add("", "//")
	s := &Server{routes: prepare(routes(&Config{}))}
	f.Fuzz(func(t *testing.T, method, path string) {
		r, _, err := s.find(method, path)
		if (r == nil) && err == nil {
			t.Errorf("%s %q: neither route nor error", method, path)
		}
	})
}

// Whatever a backend sends, it gets JSON, and a batch accounts for each of its items.
func FuzzHeartbeats(f *testing.F) {
	g := newGate(f)
	f.Add(`{"heartbeats":[{"participant_id":"a","device_id":"d","activity":"online"},{"activity":"idle"}]}`)
	f.Add(`{"heartbeats":[{}],"heartbeats":[]}`)
	f.Add(`{"heartbeats":[null,"a"]}`)
	f.Fuzz(func(t *testing.T, body string) {
		g.t = t
		a := g.do("POST", "/v1/heartbeats", "x|s", body, "Content-Type", "application/json")
		if a.status == 400 {
			a.problem("bad_request", "")
			return
		}
		var in struct{ Heartbeats []any }
		var out struct {
			Accepted int
			Rejected []any
		}
		if json.Unmarshal([]byte(body), &in, json.MatchCaseInsensitiveNames(true)) != nil ||
			json.Unmarshal([]byte(a.body), &out, json.MatchCaseInsensitiveNames(true)) != nil ||
			out.Accepted+len(out.Rejected) != len(in.Heartbeats) {
			t.Errorf("%s: %d %s", body, a.status, a.body)
		}
	})
}

// Every id that is one is reached by its escaped path.
func TestEveryIDHasAPath(t *testing.T) {
	s := &Server{routes: prepare(routes(&Config{}))}
	rapid.Check(t, func(t *rapid.T) {
		id := rapid.String().Filter(func(s string) bool { return shard.ValidateParticipant(s) == nil }).Draw(t, "id")
		for _, escaped := range []string{url.PathEscape(id), escapeAll(id)} {
			r, params, err := s.find("PUT", "/v1/presence/"+escaped+"/override")
			if err != nil || params[0] != id || r.path != "/v1/presence/{participant}/override" {
				t.Fatalf("%q: %v %v %v", escaped, r, params, err)
			}
		}
	})
}

func TestDistinct(t *testing.T) {
	var set idSet
	rapid.Check(t, func(t *rapid.T) {
		ids := rapid.SliceOf(rapid.StringMatching(`[a-c]{0,3}`)).Draw(t, "ids")
		var want []string
		for _, id := range ids {
			if !slices.Contains(want, id) {
				want = append(want, id)
			}
		}
		if d := cmp.Diff(want, set.distinct(slices.Clone(ids)), cmpopts.EquateEmpty()); d != "" {
			t.Fatal(d)
		}
	})
}
