package gateway

import (
	"strings"
	"testing"

	"github.com/scaiwave/presence/gateway/auth"
	"github.com/scaiwave/presence/gateway/wire"
	"github.com/scaiwave/presence/shard"
)

// One id in two tenants is two participants, on every path that names one.
func TestTenantsAreApart(t *testing.T) {
	g := newGate(t)
	const ours, others = "acme boss|s", "boss|s"
	g.do("PUT", "/v1/presence/ada/devices/d", ours, `{"activity":"online"}`).want(204, "")
	g.do("POST", "/v1/heartbeats", ours, `{"heartbeats":[{"participant_id":"ben","device_id":"d","activity":"idle"}]}`).
		want(200, `{"accepted":1,"rejected":[]}`)
	g.do("PUT", "/v1/presence/me/override", "acme ada", `{"override":"busy"}`).want(204, "")
	g.do("PUT", "/v1/participants/bot", ours, `{"kind":"model"}`).want(204, "")

	states := `{"ada":"busy","ben":"idle","bot":"online","model:x":"online"}`
	nobody := `{"ada":"offline","ben":"offline","bot":"offline","model:x":"online"}`
	for _, token := range []string{ours, "acme ben", "acme stranger"} {
		g.do("GET", "/v1/presence?ids=ada,ben,bot,model:x", token, "").want(200, states)
		g.do("POST", "/v1/presence/query", token, `{"ids":["ada","ben","bot","model:x"]}`).want(200, states)
	}
	for _, token := range []string{others, "ada", "other boss|s", "other ada"} {
		g.do("GET", "/v1/presence?ids=ada,ben,bot,model:x", token, "").want(200, nobody)
		g.do("POST", "/v1/presence/query", token, `{"ids":["ada","ben","bot","model:x"]}`).want(200, nobody)
		g.do("GET", "/v1/presence/ben", token, "").
			want(200, `{"participant_id":"ben","state":"offline","last_seen":null,"status":null}`)
	}
	g.do("DELETE", "/v1/presence/ada/devices/d", others, "").want(204, "")
	g.do("DELETE", "/v1/participants/ada", others, "").want(204, "")
	g.do("GET", "/v1/presence?ids=ada", ours, "").want(200, `{"ada":"busy"}`)
	if a := g.do("GET", "/v1/presence/me", "acme ada", ""); !strings.Contains(a.body, `"participant_id":"ada"`) {
		t.Errorf("the record names %s", a.body)
	}
}

// A direct message opens a window in its own tenant, and the export names its peer as clients do.
func TestWindowsAreTheTenants(t *testing.T) {
	g := newGate(t)
	for _, in := range []string{"", "acme "} {
		g.do("PUT", "/v1/presence/me/devices/d", in+"ada", `{"activity":"online"}`).want(204, "")
		g.do("PUT", "/v1/presence/me/override", in+"ada", `{"override":"appear_offline"}`).want(204, "")
	}
	g.do("POST", "/v1/direct-messages", "acme boss|s", `{"direct_messages":[{"participants":["ada","ben"]}]}`).
		want(200, `{"accepted":1,"rejected":[]}`)
	g.do("GET", "/v1/presence?ids=ada", "acme ben", "").want(200, `{"ada":"online"}`)
	g.do("GET", "/v1/presence?ids=ada&viewer=ben", "acme boss|s", "").want(200, `{"ada":"online"}`)
	g.do("GET", "/v1/presence?ids=ada", "ben", "").want(200, `{"ada":"offline"}`)
	g.do("GET", "/v1/presence?ids=ada&viewer=ben", "boss|s", "").want(200, `{"ada":"offline"}`)
	a := g.do("GET", "/v1/participants/ada/export", "acme ada", "").want(200, "")
	if !strings.Contains(a.body, `{"participant_id":"ada"`) || !strings.Contains(a.body, `[{"participant_id":"ben"`) {
		t.Errorf("the export says %s", a.body)
	}
	if a := g.do("GET", "/v1/participants/ada/export", "ada", ""); !strings.Contains(a.body, `"windows":[]`) {
		t.Errorf("the other's export says %s", a.body)
	}
}

// A block, an edge, a default and what is told of them are of their tenant, on both sides.
func TestWhoSeesWhomIsTheTenants(t *testing.T) {
	g := newGate(t)
	for _, in := range []string{"", "acme ", "other "} {
		g.do("PUT", "/v1/presence/me/devices/d", in+"ada", `{"activity":"online"}`).want(204, "")
	}
	seen := func(in string, ben, cleo, stranger string) {
		t.Helper()
		for viewer, state := range map[string]string{"ben": ben, "cleo": cleo, "zoe": stranger} {
			want := `{"ada":"` + state + `"}`
			g.do("GET", "/v1/presence?ids=ada", in+viewer, "").want(200, want)
			g.do("GET", "/v1/presence?ids=ada&viewer="+viewer, in+"boss|s", "").want(200, want)
		}
	}
	g.do("PUT", "/v1/participants/me/blocks/ben", "acme ada", "").want(204, "")
	g.do("POST", "/v1/visibility", "other boss|s", `{"edges":[{"participant_id":"ada","viewer":"cleo","allow":true}]}`).
		want(200, `{"accepted":1,"rejected":[]}`)
	g.do("PUT", "/v1/participants/ada/visibility", "other boss|s", `{"default":"allowed"}`).want(204, "")
	seen("", "online", "online", "online")
	seen("acme ", "offline", "online", "online")
	seen("other ", "offline", "online", "offline")
	g.do("GET", "/v1/participants/me/blocks", "ada", "").want(200, `{"blocks":[]}`)
	g.do("GET", "/v1/participants/me/blocks", "acme ada", "").want(200, `{"blocks":["ben"]}`)
	g.do("GET", "/v1/participants/me/visibility", "ada", "").want(200, `{"default":"everyone","last_seen":"exact"}`)
	for in, rule := range map[string]string{"": `"rule":3`, "acme ": `"rule":2`, "other ": `"rule":4`} {
		a := g.do("GET", "/v1/participants/ada/why?viewer=ben", in+"root|a", "").want(200, "")
		if !strings.Contains(a.body, rule) || strings.Contains(a.body, "u001f") {
			t.Errorf("why, in %q: %s; want %s", in, a.body, rule)
		}
	}
	g.do("DELETE", "/v1/participants/ada/blocks/ben", "other boss|s", "").want(204, "")
	g.do("POST", "/v1/visibility", "boss|s", `{"edges":[{"participant_id":"ada","viewer":"ben","allow":true}]}`).
		want(200, `{"accepted":1,"rejected":[]}`)
	seen("acme ", "offline", "online", "online")
}

func TestTenantHeader(t *testing.T) {
	g := newGate(t)
	g.do("PUT", "/v1/presence/me/devices/d", "acme ada", `{"activity":"online"}`).want(204, "")
	const target, h = "/v1/presence?ids=ada", auth.TenantHeader
	for _, c := range []struct{ token, tenant, want string }{
		{"boss|st", "acme", `{"ada":"online"}`},
		{"other boss|st", "acme", `{"ada":"online"}`},
		{"boss|t", "acme", `{"ada":"online"}`},
		{"acme boss|t", "", `{"ada":"offline"}`},
		{"acme boss|t", "acme", `{"ada":"online"}`},
	} {
		g.do("GET", target, c.token, "", h, c.tenant).want(200, c.want)
	}
	for _, name := range []string{"acme", "", "a b", strings.Repeat("a", 65)} {
		g.do("GET", target, "acme boss|sa", "", h, name).problem(wire.Forbidden, "presence:tenants")
		g.do("GET", "/v1/ws", "acme boss|sa", "", h, name).problem(wire.Forbidden, "presence:tenants")
	}
	g.do("GET", target, "boss|t", "", h, "a b").problem(wire.BadRequest, "U+0020")
	g.do("GET", target, "boss|t", "", h, strings.Repeat("a", 65)).problem(wire.BadRequest, "65 bytes")
	g.do("GET", target, "bad", "", h, "acme").problem(wire.Unauthorized, "")
}

// An inner id is none that a client can say.
func TestInnerIDIsNoID(t *testing.T) {
	g := newGate(t)
	inner := shard.InnerID("acme", "ada")
	escaped := strings.ReplaceAll(inner, "\x1f", "%1f")
	text := strings.ReplaceAll(inner, "\x1f", `\u001f`)
	g.do("GET", "/v1/presence?ids="+escaped, "ada", "").problem(wire.InvalidID, "U+001F")
	g.do("GET", "/v1/presence/"+escaped, "ada", "").problem(wire.InvalidID, "U+001F")
	g.do("GET", "/v1/presence?ids=a&viewer="+escaped, "boss|s", "").problem(wire.InvalidID, "U+001F")
	g.do("GET", "/v1/events?ids="+escaped, "ada", "").problem(wire.InvalidID, "U+001F")
	g.do("POST", "/v1/presence/query", "ada", `{"ids":["`+text+`"]}`).problem(wire.InvalidID, "U+001F")
	g.do("POST", "/v1/presence/query", "boss|s", `{"ids":["a"],"viewer":"`+text+`"}`).problem(wire.InvalidID, "U+001F")
	g.do("POST", "/v1/visibility/forget", "boss|s", `{"viewers":["`+text+`"]}`).problem(wire.InvalidID, "U+001F")
	for _, r := range g.s.routes {
		for _, place := range []string{"{participant}", "{viewer}", "{device}"} {
			if strings.Contains(r.path, place) {
				path := strings.NewReplacer(place, escaped, "{participant}", "ada", "{viewer}", "ben", "{device}", "d").
					Replace(r.path)
				g.do(r.method, path, "boss|sa", "").problem(wire.InvalidID, "U+001F")
			}
		}
	}
	g.do("GET", "/v1/participants/ada/why?viewer="+escaped, "boss|a", "").problem(wire.InvalidID, "U+001F")
	for _, body := range []string{
		`{"heartbeats":[{"participant_id":"` + text + `","device_id":"d","activity":"idle"}]}`,
		`{"direct_messages":[{"participants":["ben","` + text + `"]}]}`,
		`{"edges":[{"participant_id":"` + text + `","viewer":"ben","allow":true}]}`,
		`{"edges":[{"participant_id":"ben","viewer":"` + text + `","allow":false}]}`,
	} {
		path := "/v1/heartbeats"
		switch {
		case strings.Contains(body, "direct"):
			path = "/v1/direct-messages"
		case strings.Contains(body, "edges"):
			path = "/v1/visibility"
		}
		if a := g.do("POST", path, "boss|s", body).want(200, ""); !strings.Contains(a.body, `"code":"invalid_id"`) {
			t.Errorf("%s: %s", body, a.body)
		}
	}
}

func TestClusterIsOfNoTenant(t *testing.T) {
	g := newGate(t)
	const h = auth.TenantHeader
	g.do("GET", "/v1/cluster", "root|a", "").want(200, "")
	g.do("GET", "/v1/cluster", "acme root|at", "", h, "").want(200, "")
	g.do("GET", "/v1/cluster", "acme root|a", "").problem(wire.Forbidden, "tenant")
	g.do("GET", "/v1/cluster", "root|at", "", h, "acme").problem(wire.Forbidden, "tenant")
	g.do("GET", "/v1/presence/ada", "acme root|a", "").want(200, "")
}

// What a participant may do is counted for itself, not for its namesake.
func TestTenantsHaveRatesOfTheirOwn(t *testing.T) {
	g := newGate(t, func(c *Config) { c.Limits.ParticipantRate, c.Limits.ParticipantBurst = 0.1, 1 })
	for _, token := range []string{"ada", "acme ada", "other ada"} {
		g.do("GET", "/v1/presence?ids=b", token, "").want(200, "")
		g.do("GET", "/v1/presence?ids=b", token, "").problem(wire.RateLimited, "")
	}
	// a header that is refused is counted, too, and gives nobody another rate
	g.do("GET", "/v1/presence?ids=b", "ben", "", auth.TenantHeader, "acme").problem(wire.Forbidden, "")
	g.do("GET", "/v1/presence?ids=b", "ben", "").problem(wire.RateLimited, "")
	g.do("GET", "/v1/presence?ids=b", "eve|t", "", auth.TenantHeader, "acme").want(200, "")
	g.do("GET", "/v1/presence?ids=b", "eve|t", "", auth.TenantHeader, "other").problem(wire.RateLimited, "")
}

// Whatever the call, a header that may not be there, or is none, is refused as the contract says.
func TestTenantHeaderOfEachCall(t *testing.T) {
	g := newGate(t)
	const h = auth.TenantHeader
	for _, r := range g.s.routes {
		path := strings.NewReplacer("{participant}", "ada", "{device}", "d").Replace(r.path)
		if r.who == open {
			g.do(r.method, path, "ada", "", h, "a b").want(200, "")
			continue
		}
		g.do(r.method, path, "ada|sa", "", h, "acme").problem(wire.Forbidden, "presence:tenants")
		g.do(r.method, path, "ada|sat", "", h, "a b").problem(wire.BadRequest, h)
	}
}
