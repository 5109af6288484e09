package gateway

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/scaiwave/presence/cluster"
	"github.com/scaiwave/presence/gateway/wire"
	"github.com/scaiwave/presence/shard"
)

func TestEdges(t *testing.T) {
	g := newGate(t)
	before := time.Now()
	g.do("POST", "/v1/visibility", "backend|s", `{"edges":[
		{"participant_id":"ada","viewer":"ben","allow":true},
		{"participant_id":"ada","viewer":"ben","allow":false,"expires_in":60},
		{"participant_id":"ada","viewer":"ben","allow":false,"expires_at":null,"expires_in":null},
		{"participant_id":"ada","viewer":"ben","allow":null,"expires_at":null}]}`).
		want(200, `{"accepted":4,"rejected":[]}`)
	edges := g.node.visible.edges
	if left := edges[1].Until.Sub(before); left < time.Minute || left > 2*time.Minute {
		t.Errorf("an edge ends in %v", left)
	}
	edges[1].Until = time.Time{}
	want := []cluster.Edge{
		{Participant: "ada", Viewer: "ben", Allow: shard.Allow},
		{Participant: "ada", Viewer: "ben", Allow: shard.Deny},
		{Participant: "ada", Viewer: "ben", Allow: shard.Deny},
		{Participant: "ada", Viewer: "ben", Allow: shard.Forget},
	}
	if diff := cmp.Diff(want, edges); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	g.do("POST", "/v1/visibility", "acme backend|s", `{"edges":[{"participant_id":"ada","viewer":"ben","allow":true}]}`).
		want(200, `{"accepted":1,"rejected":[]}`)
	inner := cluster.Edge{Participant: "\x1facme\x1fada", Viewer: "\x1facme\x1fben", Allow: shard.Allow}
	if diff := cmp.Diff(inner, g.node.visible.edges[4]); diff != "" {
		t.Errorf("of a tenant (-want +got):\n%s", diff)
	}
}

// TestBadEdges: each bad item is rejected by itself.
func TestBadEdges(t *testing.T) {
	g := newGate(t)
	in := func(d time.Duration) string { return time.Now().Add(d).UTC().Format(time.RFC3339) }
	const day = 24 * time.Hour
	for _, tt := range []struct {
		item, code, detail string
	}{
		{`"participant_id":"","viewer":"b","allow":true`, "invalid_id", "participant_id: "},
		{`"participant_id":"a","viewer":"b c","allow":true`, "invalid_id", "viewer: "},
		{`"participant_id":"a","viewer":"me","allow":true`, "invalid_id", "viewer: "},
		{`"viewer":"b","allow":true`, "invalid_id", "participant_id: "},
		{`"participant_id":"a","viewer":"a","allow":true`, "bad_request", "two"},
		{`"participant_id":"a","viewer":"b"`, "bad_request", "allow is missing"},
		{`"participant_id":"a","viewer":"b","allow":null,"expires_in":5`, "bad_request", "no end"},
		{`"participant_id":"a","viewer":"b","allow":true,"expires_in":0`, "bad_request", "1 to 31622400"},
		{`"participant_id":"a","viewer":"b","allow":true,"expires_in":-1`, "bad_request", "1 to 31622400"},
		{`"participant_id":"a","viewer":"b","allow":true,"expires_in":31622401`, "bad_request", "366 days"},
		{`"participant_id":"a","viewer":"b","allow":true,"expires_in":9223372036854775807`, "bad_request", "366 days"},
		{`"participant_id":"a","viewer":"b","allow":true,"expires_at":"` + in(-time.Second) + `"`, "bad_request", "past"},
		{`"participant_id":"a","viewer":"b","allow":true,"expires_at":"` + in(367*day) + `"`, "bad_request", "366 days"},
		{`"participant_id":"a","viewer":"b","allow":true,"expires_at":"tomorrow"`, "bad_request", "RFC 3339"},
		{`"participant_id":"a","viewer":"b","allow":true,"expires_at":""`, "bad_request", "RFC 3339"},
		{
			`"participant_id":"a","viewer":"b","allow":true,"expires_in":5,"expires_at":"` + in(day) + `"`, "bad_request",
			"one of them",
		},
	} {
		a := g.do("POST", "/v1/visibility", "backend|s",
			`{"edges":[{`+tt.item+`},{"participant_id":"a","viewer":"b","allow":true,"expires_in":31622400}]}`).want(200, "")
		if !strings.HasPrefix(a.body, `{"accepted":1,"rejected":[{"index":0,"code":"`+tt.code+`"`) ||
			!strings.Contains(a.body, tt.detail) {
			t.Errorf("%s: %s; want %s with %q", tt.item, a.body, tt.code, tt.detail)
		}
	}
	g.node.visible.edges, g.node.visible.most = nil, 1
	a := g.do("POST", "/v1/visibility", "backend|s", edgesOf(3)).want(200, "")
	if strings.Count(a.body, `"code":"too_many_edges"`) != 2 || !strings.Contains(a.body, "forget an edge") {
		t.Errorf("more than may be: %s", a.body)
	}
}

func TestVisibilityRefused(t *testing.T) {
	g := newGate(t, func(c *Config) { c.Limits.MaxItems = 100 })
	const visibility = "/v1/participants/ada/visibility"
	for _, tt := range []struct {
		method, path, token, body string
		code                      wire.Code
		detail                    string
	}{
		{"POST", "/v1/visibility", "ada", edgesOf(1), wire.Forbidden, "presence:service"},
		{"POST", "/v1/visibility", "ada|a", edgesOf(1), wire.Forbidden, "presence:service"},
		{"POST", "/v1/visibility", "backend|s", `{}`, wire.BadRequest, "edges is missing"},
		{"POST", "/v1/visibility", "backend|s", `{"edges":null}`, wire.BadRequest, "edges is missing"},
		{"POST", "/v1/visibility", "backend|s", `{"edges":[{"expires":5}]}`, wire.BadRequest, "unknown field"},
		{"POST", "/v1/visibility", "backend|s", edgesOf(101), wire.TooManyItems, "100"},
		{"PUT", visibility, "ben", `{"default":"allowed"}`, wire.Forbidden, "another participant"},
		{"GET", visibility, "ben|a", "", wire.Forbidden, "another participant"},
		{"PUT", visibility, "ada", `{}`, wire.BadRequest, "nothing is set"},
		{"PUT", visibility, "ada", `{"default":"nobody"}`, wire.BadRequest, `"everyone" "allowed"`},
		{"PUT", visibility, "ada", `{"default":""}`, wire.BadRequest, "null"},
		{"PUT", visibility, "ada", `{"last_seen":"never"}`, wire.BadRequest, `"exact" "coarse" "hidden"`},
		{"PUT", visibility, "ada", `{"last_seen":5}`, wire.BadRequest, "a string"},
		{"PUT", visibility, "ada", `{"blocks":[]}`, wire.BadRequest, "unknown field"},
		{"PUT", "/v1/participants/ada/blocks/ben", "ben", "", wire.Forbidden, "another participant"},
		{"PUT", "/v1/participants/me/blocks/ada", "ada", "", wire.BadRequest, "themselves"},
		{"DELETE", "/v1/participants/me/blocks/ada", "ada", "", wire.BadRequest, "themselves"},
		{"PUT", "/v1/participants/me/blocks/me", "ada", "", wire.InvalidID, "viewer: "},
		{"PUT", "/v1/participants/me/blocks/" + strings.Repeat("x", 129), "ada", "", wire.InvalidID, "viewer: "},
		{"GET", "/v1/participants/ada/blocks", "ben", "", wire.Forbidden, "another participant"},
		{"GET", "/v1/participants/ada/blocks?x=1", "ada", "", wire.BadRequest, "takes none"},
		{"GET", "/v1/participants/ada/blocks/ben", "ada", "", wire.MethodNotAllowed, "PUT"},
	} {
		g.do(tt.method, tt.path, tt.token, tt.body).problem(tt.code, tt.detail)
	}
	g.node.failWith(cluster.ErrUnavailable)
	g.do("PUT", visibility, "ada", `{"default":"allowed"}`).problem(wire.Unavailable, "send it again")
	g.do("GET", visibility, "ada", "").problem(wire.Unavailable, "send it again")
	g.do("PUT", "/v1/participants/me/blocks/ben", "ada", "").problem(wire.Unavailable, "send it again")
	g.do("GET", "/v1/participants/me/blocks", "ada", "").problem(wire.Unavailable, "send it again")
}

func TestVisibility(t *testing.T) {
	g := newGate(t)
	for _, step := range []struct{ body, want string }{
		{"", `{"default":"everyone","last_seen":"exact"}`},
		{`{"default":"allowed"}`, `{"default":"allowed","last_seen":"exact"}`},
		{`{"last_seen":"coarse"}`, `{"default":"allowed","last_seen":"coarse"}`},
		{`{"default":null,"last_seen":"hidden"}`, `{"default":"everyone","last_seen":"hidden"}`},
		{`{"last_seen":null}`, `{"default":"everyone","last_seen":"exact"}`},
	} {
		if step.body != "" {
			g.do("PUT", "/v1/participants/me/visibility", "ada", step.body).want(204, "")
		}
		g.do("GET", "/v1/participants/me/visibility", "ada", "").want(200, step.want)
		g.do("GET", "/v1/participants/ada/visibility", "backend|s", "").want(200, step.want)
	}
}

func TestBlocks(t *testing.T) {
	g := newGate(t, func(c *Config) { c.Limits.ParticipantIDsRate, c.Limits.ParticipantIDsBurst = 1, 16_384 })
	const blocks = "/v1/participants/me/blocks"
	g.do("GET", blocks, "ada", "").want(200, `{"blocks":[]}`)
	for _, viewer := range []string{"ben", "Ben", "a%2Fb", "ben"} {
		g.do("PUT", blocks+"/"+viewer, "ada", "").want(204, "")
	}
	g.do("PUT", "/v1/participants/ada/blocks/cleo", "backend|s", "").want(204, "")
	g.do("GET", blocks, "ada", "").want(200, `{"blocks":["Ben","a/b","ben","cleo"]}`)
	for range 2 {
		g.do("DELETE", blocks+"/Ben", "ada", "").want(204, "")
	}
	g.do("GET", "/v1/participants/ada/blocks", "backend|s", "").want(200, `{"blocks":["a/b","ben","cleo"]}`)
	g.do("PUT", blocks+"/ben", "acme ada", "").want(204, "")
	g.do("GET", blocks, "acme ada", "").want(200, `{"blocks":["ben"]}`)

	g.node.visible.most = 3
	g.do("PUT", blocks+"/dora", "ada", "").problem(wire.TooManyEdges, "end a block")
	g.node.visible.most = 0
	for i := range 9000 { // blocks are paid for as ids are
		_ = g.node.Node.SetBlock(t.Context(), "ada", fmt.Sprint("p", i), true)
	}
	g.do("GET", blocks, "ada", "").want(200, "")
	g.do("GET", blocks, "ada", "").problem(wire.RateLimited, "ids a second")
}

// TestLongListsArePaidFor: also those that are longer than what can be paid at once.
func TestLongListsArePaidFor(t *testing.T) {
	g := newGate(t)
	const burst = 100 // less than may be set
	g.s.config.Limits.ParticipantIDsBurst, g.s.idRates = burst, newRates(1, burst)
	for i := range burst + 1 {
		for _, id := range []string{"ada", "ben"} {
			_ = g.node.Node.SetBlock(t.Context(), id, fmt.Sprint("p", i), true)
		}
	}
	for id, path := range map[string]string{"ada": "blocks", "ben": "export"} {
		g.do("GET", "/v1/participants/me/"+path, id, "").want(200, "")
		g.do("GET", "/v1/participants/me/"+path, id, "").problem(wire.RateLimited, "ids a second")
	}
}

// TestWhoSeesWhom: what is said over HTTP decides what is answered.
func TestWhoSeesWhom(t *testing.T) {
	g := newGate(t)
	g.online("ada")
	g.do("PUT", "/v1/participants/me/blocks/ben", "ada", "").want(204, "")
	g.do("POST", "/v1/visibility", "backend|s", `{"edges":[{"participant_id":"ada","viewer":"cleo","allow":false},
		{"participant_id":"ada","viewer":"dora","allow":true}]}`).want(200, `{"accepted":2,"rejected":[]}`)
	seen := func(want ...string) {
		t.Helper()
		for i, viewer := range []string{"ada", "ben", "cleo", "dora", "zoe", "backend|s"} {
			g.do("GET", "/v1/presence?ids=ada", viewer, "").want(200, `{"ada":"`+want[i]+`"}`)
		}
	}
	seen("online", "offline", "offline", "online", "online", "online")
	g.do("PUT", "/v1/participants/me/visibility", "ada", `{"default":"allowed"}`).want(204, "")
	seen("online", "offline", "offline", "online", "offline", "offline")
	g.do("DELETE", "/v1/participants/me/blocks/ben", "ada", "").want(204, "")
	g.do("PUT", "/v1/participants/me/visibility", "ada", `{"default":null}`).want(204, "")
	seen("online", "online", "offline", "online", "online", "online")
}
