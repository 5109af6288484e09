package gateway

import (
	"fmt"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/scaiwave/presence/cluster"
	"github.com/scaiwave/presence/gateway/wire"
	"github.com/scaiwave/presence/shard"
)

func TestErase(t *testing.T) {
	g := newGate(t)
	g.online("ann", "bob")
	g.do("PUT", "/v1/presence/me/override", "ann", `{"override":"appear_offline"}`).want(204, "")
	g.do("PUT", "/v1/participants/ann", "backend|s", `{"kind":"human"}`).want(204, "")
	g.do("POST", "/v1/direct-messages", "backend|s", `{"direct_messages":[{"participants":["ann","bob"]}]}`).want(200,
		"")
	g.do("PUT", "/v1/presence/me/override", "bob", `{"override":"appear_offline"}`).want(204, "")
	g.do("GET", "/v1/presence?ids=bob", "ann", "").want(200, `{"bob":"online"}`)
	g.hides("ann")
	g.says("ann")
	g.do("PUT", "/v1/participants/me/blocks/ann", "bob", "").want(204, "")
	before := time.Now().Add(-time.Second).UTC().Format(time.RFC3339Nano)
	g.do("DELETE", "/v1/participants/ann", "backend|s", "").want(204, "")
	g.do("DELETE", "/v1/participants/ann", "backend|s", "").want(204, "")

	g.do("GET", "/v1/presence/ann", "viewer", "").want(200,
		`{"participant_id":"ann","state":"offline","last_seen":null,"status":null}`)
	g.do("GET", "/v1/presence/me", "ann", "").want(200,
		`{"participant_id":"ann","state":"offline","last_seen":null,"status":null,"override":"auto","override_expires_at":null,"busy":[],"devices":[]}`)
	g.do("GET", "/v1/presence?ids=bob", "ann", "").want(200, `{"bob":"offline"}`)
	g.do("GET", "/v1/participants/me/export", "ann", "").want(200, nothing("ann"))
	if a := g.do("GET", "/v1/participants/bob/export", "backend|s", "").want(200, ""); strings.Contains(a.body, "ann") {
		t.Errorf("bob's side has the name: %s", a.body)
	}
	g.do("POST", "/v1/direct-messages", "backend|s",
		`{"direct_messages":[{"participants":["ann","bob"],"at":"`+before+`"},{"participants":["ann","cleo"]}]}`).
		want(200,
			`{"accepted":1,"rejected":[{"index":0,"code":"bad_request","message":"the message is from before one of its participants was erased; only later ones count"}]}`)
	g.online("ann") // it comes again
	g.do("GET", "/v1/presence?ids=ann", "viewer", "").want(200, `{"ann":"online"}`)
}

// hides has a participant say all there is about who may see it.
func (g *gate) hides(id string) {
	g.t.Helper()
	g.do("PUT", "/v1/participants/me/visibility", id, `{"default":"allowed","last_seen":"coarse"}`).want(204, "")
	g.do("PUT", "/v1/participants/me/blocks/dan", id, "").want(204, "")
	g.do("POST", "/v1/visibility", "backend|s", `{"edges":[{"participant_id":"`+id+`","viewer":"eve","allow":true},
		{"participant_id":"`+id+`","viewer":"fay","allow":false,"expires_in":60}]}`).
		want(200, `{"accepted":2,"rejected":[]}`)
}

// says has a participant say something, and then, hiding, something else.
func (g *gate) says(id string) {
	g.t.Helper()
	status, override := "/v1/presence/"+id+"/status", "/v1/presence/"+id+"/override"
	g.do("DELETE", override, "backend|s", "").want(204, "")
	g.do("PUT", status, "backend|s", `{"text":"stood","expires_in":60}`).want(204, "")
	g.do("PUT", override, "backend|s", `{"override":"appear_offline","expires_in":60}`).want(204, "")
	g.do("PUT", status, "backend|s", `{"text":"hidden","emoji":"x"}`).want(204, "")
	g.do("PUT", "/v1/presence/"+id+"/busy/call", "backend|s", `{"expires_in":60}`).want(204, "")
}

// TestExportOfSayings: what is said, what is shown, and what makes busy.
func TestExportOfSayings(t *testing.T) {
	g := newGate(t)
	g.says("ann")
	at := `"20[0-9-]+T[0-9:.]+Z"`
	want := regexp.MustCompile(`"override":"appear_offline","override_at":` + at + `,"override_expires_at":` + at +
		`,"availability":null,"status":{"text":"hidden","emoji":"x","expires_at":null,"since":` + at + `,"public":false},` +
		`"shown_status":{"text":"stood","emoji":"","expires_at":` + at + `,"since":` + at + `,"public":false},` +
		`"busy":\[{"source":"call","expires_at":` + at + `}\],"last_seen"`)
	for _, token := range []string{"ann", "backend|s"} {
		if a := g.do("GET", "/v1/participants/ann/export", token, "").want(200, ""); !want.MatchString(a.body) {
			t.Errorf("as %s: %s", token, a.body)
		}
	}
	g.do("DELETE", "/v1/presence/me/override", "ann", "").want(204, "")
	g.do("GET", "/v1/presence/ann", "ben", "").holds(`"text":"hidden"`)
	g.do("GET", "/v1/participants/ann/export", "ann", "").holds(`"shown_status":{"text":"stood"`) // for a day
}

// nothing is the export of somebody of whom nothing is held.
func nothing(id string) string {
	return fmt.Sprintf(
		`{"participant_id":%q,"kind":null,"registered_at":null,"override":"auto","override_at":null,"override_expires_at":null,"availability":null,"status":null,"shown_status":null,"busy":[],"last_seen":null,"shown_last_seen":null,"devices":[],"windows":[],"visibility":{"default":null,"last_seen":null},"blocks":[],"edges":[]}`, id)
}

func TestExport(t *testing.T) {
	g := newGate(t)
	g.do("GET", "/v1/participants/me/export", "ann", "").want(200, nothing("ann"))
	g.online("ann")
	g.do("PUT", "/v1/presence/me/devices/tv", "ann", `{"activity":"idle"}`).want(204, "")
	g.do("DELETE", "/v1/presence/me/devices/tv", "ann", "").want(204, "")
	g.do("PUT", "/v1/presence/me/override", "ann", `{"override":"appear_offline"}`).want(204, "")
	g.do("PUT", "/v1/participants/ann", "backend|s", `{"kind":"helper"}`).want(204, "")
	g.do("POST", "/v1/direct-messages", "backend|s", `{"direct_messages":[{"participants":["ann","bob"]}]}`).want(200,
		"")
	g.hides("ann")
	at := `"20[0-9-]+T[0-9:.]+Z"`
	want := regexp.MustCompile(fmt.Sprintf(
		`^{"participant_id":"ann","kind":"helper","registered_at":%[1]s,"override":"appear_offline","override_at":%[1]s,`+
			`"override_expires_at":null,"availability":null,"status":null,"shown_status":null,"busy":\[\],`+
			`"last_seen":%[1]s,"shown_last_seen":%[1]s,"devices":\[{"device_id":"[a-z]+","status":"live","activity":"online","last_seen":%[1]s,"since":%[1]s},`+
			`{"device_id":"tv","status":"signed_out","activity":"idle","last_seen":%[1]s,"since":%[1]s}\],`+
			`"windows":\[{"participant_id":"bob","at":%[1]s,"until":%[1]s}\],`+
			`"visibility":{"default":"allowed","last_seen":"coarse"},"blocks":\[{"viewer":"dan","since":%[1]s}\],"edges":\[%[2]s\]}\s*$`,
		at, `({"allow":true,"since":`+at+`,"until":null},{"allow":false,"since":`+at+`,"until":`+at+`}|`+
			`{"allow":false,"since":`+at+`,"until":`+at+`},{"allow":true,"since":`+at+`,"until":null})`))
	for _, token := range []string{"ann", "backend|s"} {
		if a := g.do("GET", "/v1/participants/ann/export", token, "").want(200, ""); !want.MatchString(a.body) {
			t.Errorf("as %s: %s", token, a.body)
		}
	}
}

// TestExportTellsOfANewerVersion: of what this version doesn't know it says how much there is.
func TestExportTellsOfANewerVersion(t *testing.T) {
	g := newGate(t)
	g.node.visible.opaque = shard.Opaque{Facts: 2, Bytes: 90}
	want := strings.TrimSuffix(nothing("ann"), "}") + `,"opaque_facts":{"count":2,"bytes":90}}`
	g.do("GET", "/v1/participants/me/export", "ann", "").want(200, want)
}

func TestEraseAndExportRefused(t *testing.T) {
	g := newGate(t, func(c *Config) {
		c.Limits.ParticipantIDsRate, c.Limits.ParticipantIDsBurst = 1, 16_384
		c.Limits.WriteWait = time.Minute // the machine may be busy
	})
	for _, tt := range []struct {
		method, path, token string
		code                wire.Code
		detail              string
	}{
		{"DELETE", "/v1/participants/ann", "ann", wire.Forbidden, "presence:service"},
		{"DELETE", "/v1/participants/ann", "bob|a", wire.Forbidden, "presence:service"},
		{"DELETE", "/v1/participants/a%20b", "backend|s", wire.InvalidID, "U+0020"},
		{"DELETE", "/v1/participants/ann?force=1", "backend|s", wire.BadRequest, "takes none"},
		{"GET", "/v1/participants/ann/export", "bob", wire.Forbidden, "another participant"},
		{"GET", "/v1/participants/ann/export", "bob|a", wire.Forbidden, "another participant"},
		{"GET", "/v1/participants/a,b/export", "backend|s", wire.InvalidID, "U+002C"},
		{"POST", "/v1/participants/ann/export", "backend|s", wire.MethodNotAllowed, "GET"},
	} {
		g.do(tt.method, tt.path, tt.token, "").problem(tt.code, tt.detail)
	}
	g.node.failWith(cluster.ErrUnavailable)
	g.do("DELETE", "/v1/participants/ann", "backend|s", "").problem(wire.Unavailable, "send it again")
	g.do("GET", "/v1/participants/me/export", "ann", "").problem(wire.Unavailable, "send it again")
	g.node.failWith(nil)

	messages := make([]string, 5000) // windows are paid for as ids are
	for i := range messages {
		messages[i] = fmt.Sprintf(`{"participants":["ann","p%d"]}`, i)
	}
	g.do("POST", "/v1/direct-messages", "backend|s", `{"direct_messages":[`+strings.Join(messages, ",")+`]}`).want(200,
		`{"accepted":5000,"rejected":[]}`)
	for range 3 {
		g.do("GET", "/v1/participants/me/export", "ann", "").want(200, "")
	}
	g.do("GET", "/v1/participants/me/export", "ann", "").problem(wire.RateLimited, "ids a second")
	g.do("GET", "/v1/participants/ann/export", "backend|s", "").want(200, "")
}
