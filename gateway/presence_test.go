package gateway

import (
	"fmt"
	"net/url"
	"strings"
	"testing"

	"github.com/scaiwave/presence/cluster"
	"github.com/scaiwave/presence/gateway/wire"
)

func TestStates(t *testing.T) {
	g := newGate(t)
	g.online("a", "b", "a/b", "é", "100%")
	g.do("PUT", "/v1/presence/b/override", "b", `{"override":"busy"}`).want(204, "")
	tests := []struct{ query, want string }{
		{"ids=a", `{"a":"online"}`},
		{"ids=a,b,c", `{"a":"online","b":"busy","c":"offline"}`},
		{"ids=c,b,a", `{"c":"offline","b":"busy","a":"online"}`},
		{"ids=a&ids=b,c", `{"a":"online","b":"busy","c":"offline"}`},
		{"ids=a%2Cb", `{"a":"online","b":"busy"}`},
		{"&ids=a&&", `{"a":"online"}`},
		{"ids=a,a,b,a", `{"a":"online","b":"busy"}`},
		{"ids=a/b,a%2Fb,%C3%A9,é", `{"a/b":"online","é":"online"}`},
		{"ids=100%25", `{"100%":"online"}`},
		{"%69ds=a", `{"a":"online"}`},
		{"ids=model:m", `{"model:m":"online"}`},
		{`ids=a"b`, `{"a\"b":"offline"}`},
	}
	for _, tt := range tests {
		g.do("GET", "/v1/presence?"+tt.query, "viewer", "").want(200, tt.want)
	}
	g.do("POST", "/v1/presence/query", "viewer", `{"ids":["b","a","b"]}`).want(200, `{"b":"busy","a":"online"}`)
	head := g.do("HEAD", "/v1/presence?ids=a", "viewer", "").want(200, "")
	if head.header.Get("Content-Length") != "15" {
		t.Errorf("HEAD: %v", head.header)
	}
}

func TestStatesRefused(t *testing.T) {
	g := newGate(t, func(c *Config) { c.Limits.MaxIDs, c.Limits.MaxQueryIDs = 3, 4 })
	get := []struct {
		query, detail string
		code          wire.Code
	}{
		{"", "ids is missing", wire.BadRequest},
		{"ids=", "ids is missing", wire.BadRequest},
		{"ids", "ids is missing", wire.BadRequest},
		{"ids=a,,b", "item 1: participant id is empty", wire.InvalidID},
		{"ids=a,", "item 1", wire.InvalidID},
		{"ids=a&ids=", "item 1", wire.InvalidID},
		{"ids=&ids=a", "item 0", wire.InvalidID},
		{"ids=,", "item 0", wire.InvalidID},
		{"ids=me", "reserved", wire.InvalidID},
		{"ids=a+b", "U+0020", wire.InvalidID},
		{"ids=%FF", "UTF-8", wire.InvalidID},
		{"ids=%zz", "%25", wire.BadRequest},
		{"%zz=a", "%25", wire.BadRequest},
		{"ids=a&id=b", "id", wire.BadRequest},
		{"ids=a;b", "", ""},
		{"IDs=a", `unknown parameter "IDs"; this call takes ids and viewer`, wire.BadRequest},
		{"ids=a,b,c,d", "more than 3 ids", wire.TooManyIDs},
		{"ids=a,a,a,a", "duplicates count", wire.TooManyIDs},
		{"ids=a&ids=a&ids=a&ids=a", "more than 3", wire.TooManyIDs},
		{"ids=" + strings.Repeat(",", 9000), "more than 3", wire.TooManyIDs},
		{"ids=" + strings.Repeat("x", 129), "129 bytes", wire.InvalidID},
		{"ids=a&viewer=b", "presence:service", wire.Forbidden},
		{"ids=a&viewer=v", "presence:service", wire.Forbidden},
		{"ids=a&viewer=b&viewer=b", "twice", wire.BadRequest},
	}
	for _, tt := range get {
		a := g.do("GET", "/v1/presence?"+tt.query, "v", "")
		if tt.code == "" {
			a.want(200, `{"a;b":"offline"}`)
			continue
		}
		a.problem(tt.code, tt.detail)
	}
	post := []struct {
		body, detail string
		code         wire.Code
	}{
		{`{}`, "ids is missing", wire.BadRequest},
		{`{"ids":[]}`, "ids is missing", wire.BadRequest},
		{`{"ids":[""]}`, "item 0", wire.InvalidID},
		{`{"ids":["a b"]}`, "item 0", wire.InvalidID},
		{`{"ids":[1]}`, `"/ids/0" must be a string`, wire.BadRequest},
		{`{"ids":["a"],"view":"b"}`, `unknown field "view"`, wire.BadRequest},
		{`{"ids":["a"],"viewer":"b"}`, "presence:service", wire.Forbidden},
		{`{"ids":["a","a","a","a","a"]}`, "more than 4", wire.TooManyIDs},
		{`{"ids":["a"]}{}`, "not JSON", wire.BadRequest},
		{`{"ids":["a"`, "ends too early", wire.BadRequest},
	}
	for _, tt := range post {
		g.do("POST", "/v1/presence/query", "v", tt.body).problem(tt.code, tt.detail)
	}
	g.do("POST", "/v1/presence/query", "v", "").problem(wire.BadRequest, "ends too early")
	g.do("POST", "/v1/presence/query?ids=a", "v", `{"ids":["a"]}`).problem(wire.BadRequest, "takes none")
	g.do("GET", "/v1/presence?ids=a&viewer=a%20b", "x|s", "").problem(wire.InvalidID, "viewer: ")
	g.do("GET", "/v1/presence?ids=a&viewer=", "x|s", "").problem(wire.InvalidID, "viewer: ")
	g.do("POST", "/v1/presence/query", "x|s", `{"ids":["a"],"viewer":""}`).problem(wire.InvalidID, "viewer: ")
}

// Who sees what of somebody invisible who wrote to a friend.
func TestViewer(t *testing.T) {
	g := newGate(t)
	g.online("hidden", "svc")
	for _, id := range []string{"hidden", "svc"} {
		g.do("PUT", "/v1/presence/me/override", id, `{"override":"appear_offline"}`).want(204, "")
	}
	g.do("POST", "/v1/direct-messages", "backend|s",
		`{"direct_messages":[{"participants":["hidden","friend"]}]}`).want(200, `{"accepted":1,"rejected":[]}`)
	tests := []struct {
		token, viewer string
		id            string
		batch, record string
		inner         bool
	}{
		{"stranger", "", "hidden", "offline", "offline", false},
		{"friend", "", "hidden", "online", "online", false},
		{"hidden", "", "hidden", "appear_offline", "appear_offline", true},
		{"svc|s", "", "hidden", "offline", "offline", false},
		{"svc|s", "friend", "hidden", "online", "online", false},
		{"svc|s", "stranger", "hidden", "offline", "offline", false},
		{"svc|s", "hidden", "hidden", "appear_offline", "appear_offline", true},
		{"friend|s", "", "hidden", "offline", "offline", false},
		// a batch is a stranger's; one's own record is one's own
		{"svc|s", "", "svc", "offline", "appear_offline", true},
		{"friend|a", "", "hidden", "online", "appear_offline", true},
		{"root|a", "", "hidden", "offline", "appear_offline", true},
		{"root|as", "", "hidden", "offline", "appear_offline", true},
		{"root|as", "friend", "hidden", "online", "online", false},
		{"root|as", "stranger", "hidden", "offline", "offline", false},
	}
	for _, tt := range tests {
		t.Run(fmt.Sprintf("%s as %q of %s", tt.token, tt.viewer, tt.id), func(t *testing.T) {
			g.t = t
			q, body := "", fmt.Sprintf(`{"ids":[%q]}`, tt.id)
			if tt.viewer != "" {
				q, body = "&viewer="+tt.viewer, fmt.Sprintf(`{"ids":[%q],"viewer":%q}`, tt.id, tt.viewer)
			}
			want := fmt.Sprintf(`{%q:%q}`, tt.id, tt.batch)
			g.do("GET", "/v1/presence?ids="+tt.id+q, tt.token, "").want(200, want)
			g.do("POST", "/v1/presence/query", tt.token, body).want(200, want)
			r := g.do("GET", "/v1/presence/"+tt.id+"?"+q, tt.token, "").want(200, "")
			if !strings.Contains(r.body, fmt.Sprintf(`"state":%q`, tt.record)) {
				t.Errorf("record: %s", r.body)
			}
			if inner := strings.Contains(r.body, "override") && strings.Contains(r.body, "devices"); inner != tt.inner {
				t.Errorf("inside: %t, want %t: %s", inner, tt.inner, r.body)
			}
		})
	}
	for _, token := range []string{"stranger", "hidden", "root|a"} {
		g.do("GET", "/v1/presence/hidden?viewer=hidden", token, "").problem(wire.Forbidden, "presence:service")
	}
}

func TestRecord(t *testing.T) {
	g := newGate(t)
	g.do("GET", "/v1/presence/nobody", "v", "").want(200,
		`{"participant_id":"nobody","state":"offline","last_seen":null,"status":null}`)
	g.do("GET", "/v1/presence/me", "v", "").want(200,
		`{"participant_id":"v","state":"offline","last_seen":null,"status":null,"override":"auto","override_expires_at":null,"busy":[],"devices":[]}`)
	g.online("v")
	r := g.do("GET", "/v1/presence/me", "v", "").want(200, "")
	var year, month, day, hour, minute, sec, ms, n int
	at := r.body[strings.Index(r.body, `"last_seen":"`)+len(`"last_seen":"`):]
	if n, _ = fmt.Sscanf(at, "%4d-%2d-%2dT%2d:%2d:%2d.%3dZ\"", &year, &month, &day, &hour, &minute, &sec, &ms); n != 7 {
		t.Errorf("last_seen is no UTC time with milliseconds: %s", at)
	}
	if !strings.Contains(r.body,
		`"status":null,"override":"auto","override_expires_at":null,"busy":[],"devices":[{"device_id":"phone","activity":"online","last_seen":"`) {
		t.Errorf("own record: %s", r.body)
	}
	g.do("GET", "/v1/presence/v?ids=a", "v", "").problem(wire.BadRequest, "takes viewer")
	g.do("GET", "/v1/presence/query", "v", "").want(200,
		`{"participant_id":"query","state":"offline","last_seen":null,"status":null}`)
	g.do("GET", "/v1/presence/a%20b", "v", "").problem(wire.InvalidID, "U+0020")
	g.do("GET", "/v1/presence/", "v", "").problem(wire.InvalidID, "empty")
}

// Ids that a router might mistake for a path of its own.
func TestOddIDsInPaths(t *testing.T) {
	g := newGate(t)
	for _, id := range []string{
		"a/b", "a//b", "/", ".", "..", "../..", "a%2Fb", "100%", "a?b#c", "é", "ünï/çødé",
		"a+b", "a;b", "a:b", "override", "%zz", "{x}", `"`,
	} {
		path := "/v1/presence/" + escapeAll(id)
		g.do("PUT", path+"/devices/"+escapeAll(id), id, `{"activity":"idle"}`).want(204, "")
		r := g.do("GET", path, id, "").want(200, "")
		if !strings.HasPrefix(r.body, `{"participant_id":`+string(wire.AppendString(nil, id))+`,"state":"idle"`) {
			t.Errorf("%q: %s", id, r.body)
		}
		g.do("DELETE", path+"/devices/"+url.PathEscape(id), id, "").want(204, "")
		g.do("GET", "/v1/presence?ids="+url.QueryEscape(id), id, "").want(200,
			`{`+string(wire.AppendString(nil, id))+`:"offline"}`)
	}
	g.do("GET", "/v1/presence/...", "v", "").want(200, `{"participant_id":"...","state":"offline","last_seen":null,"status":null}`)
	g.do("GET", "/v1/presence/../devices", "v", "").problem(wire.NotFound, "")
	g.do("PUT", "/v1/presence//devices/d", "v", `{"activity":"idle"}`).problem(wire.InvalidID, "empty")
}

func escapeAll(s string) string {
	var b strings.Builder
	for _, c := range []byte(s) {
		fmt.Fprintf(&b, "%%%02X", c)
	}
	return b.String()
}

func TestUnknownIsTold(t *testing.T) {
	g := newGate(t)
	g.online("a")
	g.node.failWith(cluster.ErrUnavailable)
	a := g.do("GET", "/v1/presence?ids=a,b", "v", "").want(200, `{"a":"unknown","b":"unknown"}`)
	if got := a.header.Get("Presence-Unknown"); got != "2" {
		t.Errorf("Presence-Unknown: %q", got)
	}
	a = g.do("GET", "/v1/presence/a", "a", "").want(200, `{"participant_id":"a","state":"unknown","last_seen":null,"status":null}`)
	if got := a.header.Get("Presence-Unknown"); got != "1" {
		t.Errorf("Presence-Unknown: %q", got)
	}
	g.do("PUT", "/v1/presence/a/override", "a", `{"override":"busy"}`).problem(wire.Unavailable, "send it again")
	g.node.failWith(nil)
	if a = g.do("GET", "/v1/presence?ids=a", "v", ""); a.header.Get("Presence-Unknown") != "" {
		t.Errorf("Presence-Unknown with nothing unknown: %v", a.header)
	}
}
