package gateway

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/scaiwave/presence/cluster"
	"github.com/scaiwave/presence/gateway/wire"
)

func TestWrites(t *testing.T) {
	g := newGate(t)
	state := func(want string) {
		t.Helper()
		g.do("GET", "/v1/presence?ids=ann", "viewer", "").want(200, fmt.Sprintf(`{"ann":%q}`, want))
	}
	g.do("PUT", "/v1/presence/me/devices/d", "ann", `{"activity":"idle"}`).want(204, "")
	state("idle")
	g.do("PUT", "/v1/presence/ann/devices/e", "backend|s", `{"activity":"online"}`).want(204, "")
	state("online")
	g.do("PUT", "/v1/presence/ann/override", "ann", `{"override":"busy"}`).want(204, "")
	state("busy")
	g.do("DELETE", "/v1/presence/me/override", "ann", "").want(204, "")
	state("online")
	g.do("PUT", "/v1/presence/me/override", "ann", `{"override":"appear_offline"}`).want(204, "")
	state("offline")
	g.do("PUT", "/v1/presence/me/override", "ann", `{"override":"auto"}`).want(204, "")
	state("online")
	g.do("DELETE", "/v1/presence/me/devices/e", "ann", "").want(204, "")
	state("idle")
	g.do("DELETE", "/v1/presence/me/devices/e", "ann", "").want(204, "")
	g.do("DELETE", "/v1/presence/ann/devices/d", "backend|s", "").want(204, "")
	state("offline")
	g.do("PUT", "/v1/participants/ann", "backend|s", `{"kind":"helper"}`).want(204, "")
	state("online")
	g.do("PUT", "/v1/participants/ann", "backend|s", `{"kind":"human"}`).want(204, "")
	state("offline")
}

func TestWritesRefused(t *testing.T) {
	g := newGate(t)
	tests := []struct {
		method, path, token, body string
		code                      wire.Code
		detail                    string
	}{
		{"PUT", "/v1/presence/ann/devices/d", "bob", `{"activity":"idle"}`, wire.Forbidden, "another participant"},
		{"PUT", "/v1/presence/nobody/devices/d", "bob", `{"activity":"idle"}`, wire.Forbidden, "another participant"},
		{"PUT", "/v1/presence/ann/devices/d", "bob|a", `{"activity":"idle"}`, wire.Forbidden, "another participant"},
		{"DELETE", "/v1/presence/ann/devices/d", "bob", "", wire.Forbidden, "another participant"},
		{"PUT", "/v1/presence/ann/override", "bob", `{"override":"busy"}`, wire.Forbidden, "another participant"},
		{"DELETE", "/v1/presence/ann/override", "bob", "", wire.Forbidden, "another participant"},
		{"POST", "/v1/heartbeats", "bob", `{"heartbeats":[]}`, wire.Forbidden, "presence:service"},
		{"POST", "/v1/heartbeats", "bob|a", `garbage`, wire.Forbidden, "presence:service"},
		{"POST", "/v1/direct-messages", "bob", `{"direct_messages":[]}`, wire.Forbidden, "presence:service"},
		{"PUT", "/v1/participants/bob", "bob", `{"kind":"model"}`, wire.Forbidden, "presence:service"},
		{"GET", "/v1/cluster", "bob", "", wire.Forbidden, "presence:admin"},
		{"GET", "/v1/cluster", "bob|s", "", wire.Forbidden, "presence:admin"},
		{"PUT", "/v1/presence/a%00b/devices/d", "bob", `{"activity":"idle"}`, wire.InvalidID, "U+0000"},
		{"PUT", "/v1/presence/me/devices/a%20b", "bob", `{"activity":"idle"}`, wire.InvalidID, "device id"},
		{
			"PUT", "/v1/presence/me/devices/" + strings.Repeat("d", 65), "bob", `{"activity":"idle"}`, wire.InvalidID,
			"65 bytes",
		},
		{"PUT", "/v1/presence/me/devices/d", "bob", `{"activity":"away"}`, wire.BadRequest, "activity must be one of"},
		{"PUT", "/v1/presence/me/devices/d", "bob", `{}`, wire.BadRequest, "activity must be one of"},
		{"PUT", "/v1/presence/me/devices/d", "bob", `{"activity":"idle","x":1}`, wire.BadRequest, `unknown field "x"`},
		{"PUT", "/v1/presence/me/devices/d?x=1", "bob", `{"activity":"idle"}`, wire.BadRequest, "takes none"},
		{"PUT", "/v1/presence/me/override", "bob", `{"override":"online"}`, wire.BadRequest, "override must be one of"},
		{"PUT", "/v1/participants/x", "backend|s", `{"kind":""}`, wire.BadRequest, "kind must be one of"},
		{"PUT", "/v1/participants/x", "backend|s", `{"kind":"robot"}`, wire.BadRequest, "kind must be one of"},
		{"POST", "/v1/heartbeats", "backend|s", `{}`, wire.BadRequest, "heartbeats is missing"},
		{"POST", "/v1/heartbeats", "backend|s", `{"heartbeats":{}}`, wire.BadRequest, `"/heartbeats" must be an array`},
		{
			"POST", "/v1/heartbeats", "backend|s", `{"heartbeats":[{"participant":"a"}]}`, wire.BadRequest,
			`unknown field "participant" in "/heartbeats/0"`,
		},
		{"POST", "/v1/direct-messages", "backend|s", `{}`, wire.BadRequest, "direct_messages is missing"},
		{
			"POST", "/v1/direct-messages", "backend|s", `{"direct_messages":[{"participants":["a","b"],"text":""}]}`,
			wire.BadRequest, `unknown field "text"`,
		},
	}
	for _, tt := range tests {
		g.do(tt.method, tt.path, tt.token, tt.body).problem(tt.code, tt.detail)
	}
}

func TestTooManyDevices(t *testing.T) {
	g := newGate(t)
	for i := range 64 {
		g.do("PUT", fmt.Sprintf("/v1/presence/me/devices/d%d", i), "ann", `{"activity":"idle"}`).want(204, "")
	}
	g.do("PUT", "/v1/presence/me/devices/more", "ann", `{"activity":"idle"}`).problem(wire.TooManyDevices,
		"sign one out")
	g.do("PUT", "/v1/presence/me/devices/d7", "ann", `{"activity":"online"}`).want(204, "")
}

func TestHeartbeatBatch(t *testing.T) {
	g := newGate(t, func(c *Config) { c.Limits.MaxItems = 6 })
	item := func(p, d, a string) string {
		return fmt.Sprintf(`{"participant_id":%q,"device_id":%q,"activity":%q}`, p, d, a)
	}
	send := func(items ...string) answer {
		return g.do("POST", "/v1/heartbeats", "backend|s", `{"heartbeats":[`+strings.Join(items, ",")+`]}`)
	}
	send(item("a", "d", "online"), item("", "d", "idle"), item("b", "", "idle"), item("c", "d", "away"),
		item("e", "d", "idle"), `{}`).want(200,
		`{"accepted":2,"rejected":[`+
			`{"index":1,"code":"invalid_id","message":"participant_id: participant id is empty; it must be 1-128 bytes"},`+
			`{"index":2,"code":"invalid_id","message":"device_id: device id is empty; it must be 1-64 bytes"},`+
			`{"index":3,"code":"bad_request","message":"activity must be one of [\"idle\" \"online\"], not \"away\""},`+
			`{"index":5,"code":"invalid_id","message":"participant_id: participant id is empty; it must be 1-128 bytes"}]}`)
	g.do("GET", "/v1/presence?ids=a,b,c,e", "v", "").want(200, `{"a":"online","b":"offline","c":"offline","e":"idle"}`)
	send().want(200, `{"accepted":0,"rejected":[]}`)
	seven := strings.Split(strings.Repeat(item("z", "d", "idle")+"|", 7)[:7*(len(item("z", "d", "idle"))+1)-1], "|")
	send(seven...).problem(wire.TooManyItems, "more than 6 items in one request, which is the limit")
	g.do("GET", "/v1/presence?ids=z", "v", "").want(200, `{"z":"offline"}`)
	send(seven[:6]...).want(200, `{"accepted":6,"rejected":[]}`)

	g.node.failWith(cluster.ErrUnavailable)
	send(item("a", "d", "online"), item("", "d", "online"), item("b", "d", "online"), item("a", "", "online")).want(200,
		`{"accepted":1,"rejected":[`+
			`{"index":1,"code":"invalid_id","message":"participant_id: participant id is empty; it must be 1-128 bytes"},`+
			`{"index":2,"code":"unavailable","message":"the node that holds this participant did not answer in time; send it again"},`+
			`{"index":3,"code":"invalid_id","message":"device_id: device id is empty; it must be 1-64 bytes"}]}`)
}

// A shorter list after a longer one must not find what the pool has kept.
func TestBatchesAreIndependent(t *testing.T) {
	g := newGate(t)
	g.online("a", "b", "c")
	for range 20 {
		g.do("POST", "/v1/heartbeats", "backend|s", `{"heartbeats":[{"participant_id":"x"},{}]}`).want(200, "")
		a := g.do("POST", "/v1/heartbeats", "backend|s", `{"heartbeats":[{"device_id":"d","activity":"idle"}]}`)
		a.want(200,
			`{"accepted":0,"rejected":[{"index":0,"code":"invalid_id","message":"participant_id: participant id is empty; it must be 1-128 bytes"}]}`)
		g.do("POST", "/v1/heartbeats", "backend|s", `{}`).problem(wire.BadRequest, "missing")
		g.do("POST", "/v1/presence/query", "v", `{"ids":["a","b","c"]}`).want(200,
			`{"a":"online","b":"online","c":"online"}`)
		g.do("POST", "/v1/presence/query", "v", `{}`).problem(wire.BadRequest, "missing")
	}
}

func TestDirectMessages(t *testing.T) {
	g := newGate(t)
	g.online("hidden")
	g.do("PUT", "/v1/presence/hidden/override", "hidden", `{"override":"appear_offline"}`).want(204, "")
	at := func(d time.Duration) string { return time.Now().Add(d).Format(time.RFC3339Nano) }
	tests := []struct{ participants, at, code string }{
		{`["hidden","a"]`, "", ""},
		{`["b","hidden"]`, at(-time.Hour), ""},
		{`["hidden","c"]`, at(4 * time.Second), ""},
		{`["hidden","d"]`, at(8 * time.Second), "bad_request"},
		{`["hidden","e"]`, at(-25 * time.Hour), ""},
		{`["hidden","f"]`, "0001-01-01T00:00:00Z", ""},
		{`["hidden","g"]`, "yesterday", "bad_request"},
		{`["hidden","h"]`, "2026-11-23 10:00:00Z", "bad_request"},
		{`["hidden","i"]`, "9999-12-31T23:59:59Z", "bad_request"},
		{`["hidden","hidden"]`, "", "bad_request"},
		{`["hidden"]`, "", "bad_request"},
		{`[]`, "", "bad_request"},
		{`["hidden","j","k"]`, "", "bad_request"},
		{`["hidden",""]`, "", "invalid_id"},
		{`["hidden","me"]`, "", "invalid_id"},
	}
	for _, tt := range tests {
		item := `{"participants":` + tt.participants
		if tt.at != "" {
			item += fmt.Sprintf(`,"at":%q`, tt.at)
		}
		a := g.do("POST", "/v1/direct-messages", "backend|s", `{"direct_messages":[`+item+`}]}`).want(200, "")
		want := `{"accepted":1,"rejected":[]}`
		if tt.code != "" {
			want = `{"accepted":0,"rejected":[{"index":0,"code":"` + tt.code
		}
		if !strings.HasPrefix(a.body, want) {
			t.Errorf("%s: %s, want %s", item, a.body, want)
		}
	}
	for _, viewer := range []string{"a", "b", "c"} {
		g.do("GET", "/v1/presence?ids=hidden", viewer, "").want(200, `{"hidden":"online"}`)
	}
	for _, viewer := range []string{"d", "e", "f", "g", "j"} {
		g.do("GET", "/v1/presence?ids=hidden", viewer, "").want(200, `{"hidden":"offline"}`)
	}
}
