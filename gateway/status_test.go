package gateway

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/scaiwave/presence/cluster"
	"github.com/scaiwave/presence/gateway/wire"
)

// in is a time so far from now, as in a request.
func in(d time.Duration) string { return time.Now().Add(d).UTC().Format(time.RFC3339Nano) }

// TestWhatIsSaid: what the cluster is told of what was said over HTTP.
func TestWhatIsSaid(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const status, override, busy = "/v1/presence/me/status", "/v1/presence/me/override", "/v1/presence/ada/busy/"
		for _, tt := range []struct{ token, call, body, want string }{
			{"ada", "PUT " + status, `{"text":"hi"}`, `ada says "hi" "" until -, public: false`},
			{"ada", "PUT " + status, `{"emoji":"🚆","expires_in":60}`, `ada says "" "🚆" until 60, public: false`},
			{
				"ada", "PUT " + status, `{"text":"hi","emoji":null,"expires_at":null,"expires_in":null}`,
				`ada says "hi" "" until -, public: false`,
			},
			{
				"ada", "PUT " + status, `{"text":null,"emoji":"x","expires_at":"` + in(time.Hour) + `"}`,
				`ada says "" "x" until 3600, public: false`,
			},
			{"ada", "PUT " + status, `{"text":"<b>\"&\\é"}`, `ada says "<b>\"&\\é" "" until -, public: false`},
			{"ada", "PUT " + status, `{"text":"` + strings.Repeat("x", 256) + `","emoji":"` + strings.Repeat("e", 32) + `"}`, ""},
			{"ada", "PUT " + status, `{"text":"x","expires_in":31622400}`, `ada says "x" "" until 31622400, public: false`},
			{"ada", "DELETE " + status, "", `ada says "" "" until -, public: false`},
			{"back|s", "PUT /v1/presence/ada/status", `{"text":"x","public":true}`, `ada says "x" "" until -, public: true`},
			{"back|s", "PUT /v1/presence/ada/status", `{"text":"x","public":false}`, `ada says "x" "" until -, public: false`},
			{"back|s", "DELETE /v1/presence/ada/status?public=true", "", `ada says "" "" until -, public: true`},
			{"back|s", "DELETE /v1/presence/ada/status?public=false", "", `ada says "" "" until -, public: false`},
			{"acme ada", "PUT " + status, `{"text":"x"}`, "\x1facme\x1fada says \"x\" \"\" until -, public: false"},
			{"ada", "PUT " + override, `{"override":"busy","expires_in":1}`, "ada picks busy until 1"},
			{
				"ada", "PUT " + override, `{"override":"appear_offline","expires_at":"` + in(time.Hour) + `"}`,
				"ada picks appear_offline until 3600",
			},
			{"ada", "PUT " + override, `{"override":"busy","expires_at":null,"expires_in":null}`, "ada picks busy until -"},
			{"ada", "PUT " + override, `{"override":"auto"}`, "ada picks auto until -"},
			{"ada", "DELETE " + override, "", "ada picks auto until -"},
			{"back|s", "PUT " + busy + "calendar", `{"expires_in":2592000}`, "ada is busy by calendar until 2592000"},
			{
				"back|s", "PUT " + busy + "a-b_c.9", `{"expires_at":"` + in(time.Hour) + `","expires_in":null}`,
				"ada is busy by a-b_c.9 until 3600",
			},
			{"back|s", "DELETE " + busy + "calendar", "", "ada is busy by calendar until -"},
			{"ada", "DELETE /v1/presence/me/busy/call", "", "ada is busy by call until -"},
			{"back|s", "PUT /v1/participants/bot", `{"kind":"helper"}`, "bot is a helper, 0"},
			{"back|s", "PUT /v1/participants/bot", `{"kind":"model","availability":"always"}`, "bot is a model, 1"},
			{"back|s", "PUT /v1/participants/bot", `{"kind":"helper","availability":"heartbeat"}`, "bot is a helper, 2"},
			{"back|s", "PUT /v1/participants/bot", `{"kind":"human"}`, "bot is a human, 0"},
		} {
			g := newGate(t)
			g.node.said.only = true
			method, path, _ := strings.Cut(tt.call, " ")
			g.do(method, path, tt.token, tt.body).want(204, "")
			if got := g.node.said.take(); len(got) != 1 || tt.want != "" && got[0] != tt.want {
				t.Errorf("%s %s: %q, want %q", tt.call, tt.body, got, tt.want)
			}
		}
	})
}

// TestSayingsRefused: what is wrong is named, and the cluster hears nothing of it.
func TestSayingsRefused(t *testing.T) {
	const status, override, busy = "/v1/presence/ada/status", "/v1/presence/ada/override", "/v1/presence/ada/busy/"
	const bot = "/v1/participants/bot"
	g := newGate(t)
	for _, tt := range []struct {
		token, call, body string
		code              wire.Code
		detail            string
	}{
		{"ada", "PUT " + status, `{}`, wire.BadRequest, "both empty"},
		{"ada", "PUT " + status, `{"text":"","emoji":""}`, wire.BadRequest, "both empty"},
		{"ada", "PUT " + status, `{"text":null,"expires_in":5}`, wire.BadRequest, "both empty"},
		{"ada", "PUT " + status, `{"text":"` + strings.Repeat("x", 257) + `"}`, wire.BadRequest, "256"},
		{"ada", "PUT " + status, `{"text":"` + strings.Repeat("é", 129) + `"}`, wire.BadRequest, "258 bytes"},
		{"ada", "PUT " + status, `{"emoji":"` + strings.Repeat("x", 33) + `"}`, wire.BadRequest, "32"},
		{"ada", "PUT " + status, `{"text":"a\u0000b"}`, wire.BadRequest, "U+0000"},
		{"ada", "PUT " + status, `{"text":"a\nb"}`, wire.BadRequest, "control characters"},
		{"ada", "PUT " + status, `{"emoji":"\u0085"}`, wire.BadRequest, "U+0085"},
		{
			"ada", "PUT " + status, `{"text":"x","expires_in":5,"expires_at":"` + in(time.Hour) + `"}`, wire.BadRequest,
			"one of them",
		},
		{"ada", "PUT " + status, `{"text":"x","expires_in":0}`, wire.BadRequest, "1 to 31622400"},
		{"ada", "PUT " + status, `{"text":"x","expires_in":31622401}`, wire.BadRequest, "366 days"},
		{"ada", "PUT " + status, `{"text":"x","expires_in":1.5}`, wire.BadRequest, "whole number"},
		{"ada", "PUT " + status, `{"text":"x","expires_at":"` + in(-time.Second) + `"}`, wire.BadRequest, "past"},
		{"ada", "PUT " + status, `{"text":"x","expires_at":"` + in(367*24*time.Hour) + `"}`, wire.BadRequest, "366 days"},
		{"ada", "PUT " + status, `{"text":"x","expires_at":"3 pm"}`, wire.BadRequest, "RFC 3339"},
		{"ada", "PUT " + status, `{"text":5}`, wire.BadRequest, "a string"},
		{"ada", "PUT " + status, `{"text":"x","until":5}`, wire.BadRequest, "unknown field"},
		{"ada", "PUT " + status, `{"text":"x","public":true}`, wire.Forbidden, "presence:service"},
		{"ada", "PUT " + status, `{"text":"x","public":false}`, wire.Forbidden, "presence:service"},
		{"ada|a", "PUT " + status, `{"text":"x","public":true}`, wire.Forbidden, "presence:service"},
		{"back|s", "PUT " + status, `{"text":"x","public":null}`, wire.BadRequest, "null"},
		{"ben", "PUT " + status, `{"text":"x"}`, wire.Forbidden, "another participant"},
		{"ben", "DELETE " + status, "", wire.Forbidden, "another participant"},
		{"ada", "DELETE " + status + "?public=true", "", wire.Forbidden, "presence:service"},
		{"back|s", "DELETE " + status + "?public=yes", "", wire.BadRequest, "true or false"},
		{"back|s", "DELETE " + status + "?x=1", "", wire.BadRequest, "unknown parameter"},
		{"ada", "PUT " + override, `{"override":"auto","expires_in":5}`, wire.BadRequest, "no end"},
		{"ada", "PUT " + override, `{"override":"busy","expires_in":-1}`, wire.BadRequest, "1 to 31622400"},
		{"ada", "PUT " + override, `{"override":null}`, wire.BadRequest, "null"},
		{"back|s", "PUT " + busy + "calendar", `{}`, wire.BadRequest, "missing"},
		{"back|s", "PUT " + busy + "calendar", `{"expires_in":null,"expires_at":null}`, wire.BadRequest, "missing"},
		{"back|s", "PUT " + busy + "calendar", `{"expires_in":2592001}`, wire.BadRequest, "30 days"},
		{"back|s", "PUT " + busy + "calendar", `{"expires_at":"` + in(31*24*time.Hour) + `"}`, wire.BadRequest, "30 days"},
		{"back|s", "PUT " + busy + "Calendar", `{"expires_in":5}`, wire.BadRequest, "source: "},
		{"back|s", "PUT " + busy + "a%2Fb", `{"expires_in":5}`, wire.BadRequest, "source: "},
		{"back|s", "PUT " + busy + strings.Repeat("x", 33), `{"expires_in":5}`, wire.BadRequest, "source: "},
		{"ada", "DELETE " + busy + "Calendar", "", wire.BadRequest, "source: "},
		{"ada", "PUT " + busy + "calendar", `{"expires_in":5}`, wire.Forbidden, "presence:service"},
		{"ben", "DELETE " + busy + "calendar", "", wire.Forbidden, "another participant"},
		{"back|s", "PUT " + bot, `{"kind":"human","availability":"always"}`, wire.BadRequest, "model and helper"},
		{"back|s", "PUT " + bot, `{"kind":"model","availability":"never"}`, wire.BadRequest, `"always" "heartbeat"`},
		{"back|s", "PUT " + bot, `{"kind":"model","availability":null}`, wire.BadRequest, "null"},
		{"back|s", "PUT " + bot, `{"availability":"always"}`, wire.BadRequest, "kind"},
		{"ada", "GET /v1/presence?ids=a&with=", "", wire.BadRequest, `"status" "last_seen"`},
		{"ada", "GET /v1/presence?ids=a&with=status,devices", "", wire.BadRequest, `"devices"`},
		{"ada", "GET /v1/presence?ids=a&with=status,status,status,status,status", "", wire.BadRequest, "each once"},
		{"ada", "POST /v1/presence/query", `{"ids":["a"],"with":[]}`, wire.BadRequest, "with is empty"},
		{
			"ada", "POST /v1/presence/query", `{"ids":["a"],"with":["status","status","status","status","status"]}`,
			wire.BadRequest, "each once",
		},
		{"ada", "POST /v1/presence/query", `{"ids":["a"],"with":["state"]}`, wire.BadRequest, `"state"`},
		{"ada", "POST /v1/presence/query", `{"ids":["a"],"with":null}`, wire.BadRequest, "null"},
		{"ada", "GET /v1/presence/ada?with=status", "", wire.BadRequest, "unknown parameter"},
		{"ada", "GET /v1/events?ids=a&with=last_seen", "", wire.BadRequest, `it takes ["status"]`},
	} {
		method, path, _ := strings.Cut(tt.call, " ")
		g.do(method, path, tt.token, tt.body).problem(tt.code, tt.detail)
		if got := g.node.said.take(); len(got) != 0 {
			t.Errorf("%s %s: %q", tt.call, tt.body, got)
		}
	}
	g.node.failWith(cluster.ErrTooManyClaims)
	g.do("PUT", busy+"ninth", "back|s", `{"expires_in":5}`).problem(wire.TooManyClaims, "end one first")
	g.node.failWith(cluster.ErrUnavailable)
	g.do("PUT", busy+"calendar", "back|s", `{"expires_in":5}`).problem(wire.Unavailable, "send it again")
	g.do("PUT", status, "ada", `{"text":"x"}`).problem(wire.Unavailable, "send it again")
	g.do("GET", "/v1/presence?ids=a,b&with=status,last_seen", "ada", "").
		want(200, `{"states":{"a":"unknown","b":"unknown"},"statuses":{},"last_seen":{"a":null,"b":null}}`)
}

// TestStatusUntilAllNodesKnowIt: while some node would not keep it, it is refused, and what was
// there before goes on.
func TestStatusUntilAllNodesKnowIt(t *testing.T) {
	g, k := newKnowing(t)
	for _, known := range []bool{false, true} {
		if known {
			k.features = []string{cluster.FeatureStatus}
		}
		for _, call := range []string{
			`PUT /v1/presence/ada/status {"text":"x"}`, "DELETE /v1/presence/ada/status ",
			`PUT /v1/presence/ada/override {"override":"busy","expires_in":60}`,
			`PUT /v1/presence/ada/busy/call {"expires_in":60}`, "DELETE /v1/presence/ada/busy/call ",
			`PUT /v1/participants/bot {"kind":"helper","availability":"heartbeat"}`,
			"GET /v1/presence?ids=ada&with=status ", `POST /v1/presence/query {"ids":["ada"],"with":["last_seen"]}`,
		} {
			part := strings.SplitN(call, " ", 3)
			a := g.do(part[0], part[1], "back|s", part[2])
			if refused := a.status == 503 && strings.Contains(a.body, "as soon as all nodes"); refused == known {
				t.Errorf("%s: %d %s; all know it: %t", call, a.status, a.body, known)
			}
		}
		g.do("PUT", "/v1/presence/ada/override", "back|s", `{"override":"busy"}`).want(204, "")
		g.do("PUT", "/v1/participants/bot", "back|s", `{"kind":"helper"}`).want(204, "")
		g.do("GET", "/v1/presence?ids=ada", "back|s", "").want(200, `{"ada":"offline"}`)
	}
}

// TestWith: the answer has what was asked for beside the states, whatever the way.
func TestWith(t *testing.T) {
	g := newGate(t)
	for query, words := range map[string]string{
		"with=status": "status", "with=last_seen": "last_seen", "with=status,last_seen": "status,last_seen",
		"with=last_seen&with=status": "status,last_seen", "with=status,status": "status",
	} {
		want := `{"states":{"a":"offline","b":"offline"}`
		list := strings.Split(words, ",")
		if slices.Contains(list, "status") {
			want += `,"statuses":{}`
		}
		if slices.Contains(list, "last_seen") {
			want += `,"last_seen":{"a":null,"b":null}`
		}
		g.do("GET", "/v1/presence?ids=a,b,a&"+query, "ada", "").want(200, want+"}")
		body := fmt.Sprintf(`{"ids":["a","b"],"with":["%s"]}`, strings.Join(list, `","`))
		g.do("POST", "/v1/presence/query", "ada", body).want(200, want+"}")
	}
}

// TestStatusesTakeRoom: those who ask for statuses draw on the memory for requests, and give it
// back.
func TestStatusesTakeRoom(t *testing.T) {
	g := newGate(t, func(c *Config) { c.Limits.RoomWait = time.Millisecond })
	memory := g.s.shares.Budget()
	const ask = "/v1/presence?ids=a,b,c,d,e"
	g.do("GET", ask+"&with=status", "ada", "").want(200, "")
	if used := memory.Used(); used != 0 {
		t.Errorf("%d bytes are left", used)
	}
	if all := g.s.config.Limits.RequestMemory; !memory.Take(all) {
		t.Fatal("the memory is taken")
	}
	g.do("GET", ask+"&with=status", "ada", "").problem(wire.Unavailable, "no memory")
	g.do("GET", "/v1/events?ids=a,b,c,d,e&with=status", "ada", "").problem(wire.Unavailable, "no memory")
	g.do("GET", ask, "ada", "").want(200, "")
}
