package gateway

import (
	"regexp"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

var lastSeenTold = regexp.MustCompile(`^\{"participant_id":"ada","state":"\w+","last_seen":(null|"[^"]*")`)

// TestLastSeenOfEachAsker: how exactly others are told is the participant's to say. Itself and an
// administrator are told exactly, whatever it has said; whom it has blocked is told nothing.
func TestLastSeenOfEachAsker(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := serve(t)
		time.Sleep(10*time.Hour + 20*time.Minute) // from midnight
		s.online("ada")
		s.do("PUT", "/v1/participants/me/blocks/eve", "ada", "").want(204, "")
		now := time.Now().UTC()
		exact, day := now.Format(`"2006-01-02T15:04:05.000Z"`), now.Format(`"2006-01-02T00:00:00.000Z"`)
		for policy, others := range map[string]string{"exact": exact, "coarse": day, "hidden": "null"} {
			s.do("PUT", "/v1/participants/me/visibility", "ada", `{"last_seen":"`+policy+`"}`).want(204, "")
			for _, c := range []struct{ token, query, want string }{
				{"ada", "", exact},
				{"boss|a", "", exact},
				{"robot|s", "?viewer=ada", exact},
				{"ben", "", others},
				{"robot|s", "", others},
				{"robot|s", "?viewer=ben", others},
				{"eve", "", "null"},
			} {
				a := s.do("GET", "/v1/presence/ada"+c.query, c.token, "").want(200, "")
				if got := lastSeenTold.FindStringSubmatch(a.body); got == nil || got[1] != c.want {
					t.Errorf("%s: %s%s is told %s; want %s", policy, c.token, c.query, a.body, c.want)
				}
			}
		}
	})
}

// TestWhoSeesWhomIsToldAsEvents: whatever changes what a viewer may see reaches a subscription of
// either kind as an ordinary event, and what doesn't change its state makes none.
func TestWhoSeesWhomIsToldAsEvents(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := serve(t)
		s.online("ada")
		ws, st := s.dial(t, "ben"), s.stream(t, "ids=ada", "ben")
		say(t, ws, `{"type":"hello"}`)
		say(t, ws, `{"type":"subscribe","ids":["ada"]}`)
		await(t, ws, `"states":{"ada":"online"}`)
		st.want(event(`{"ada":"online"}`))
		edge := func(more string) (method, path, body string) {
			return "POST", "/v1/visibility", `{"edges":[{"participant_id":"ada","viewer":"ben",` + more + `}]}`
		}
		block := func(method string) (m, path, body string) { return method, "/v1/participants/ada/blocks/ben", "" }
		visibility := func(body string) (m, path, b string) { return "PUT", "/v1/participants/ada/visibility", body }
		step := func(want string) func(method, path, body string) {
			return func(method, path, body string) {
				t.Helper()
				if a := s.do(method, path, "robot|s", body); a.status >= 300 || strings.Contains(a.body, "index") {
					t.Fatalf("%s %s: %d %s", method, path, a.status, a.body)
				}
				if want != "" {
					st.want(event(`{"ada":"` + want + `"}`))
					await(t, ws, `{"type":"presence","states":{"ada":"`+want+`"}}`)
				}
			}
		}
		step("offline")(block("PUT"))
		step("")(block("PUT"))
		step("")(edge(`"allow":false`))
		step("")(block("DELETE")) // the edge denies still
		step("online")(edge(`"allow":null`))
		step("offline")(visibility(`{"default":"allowed"}`))
		step("")(visibility(`{"last_seen":"hidden"}`))
		step("online")(edge(`"allow":true,"expires_in":5`))
		began := time.Now()
		st.want(event(`{"ada":"offline"}`)) // the edge's end
		await(t, ws, `{"type":"presence","states":{"ada":"offline"}}`)
		if took := time.Since(began); took < 4*time.Second || took > 6*time.Second {
			t.Errorf("an edge of 5 s ended after %v", took)
		}
		step("online")("POST", "/v1/direct-messages", `{"direct_messages":[{"participants":["ada","ben"]}]}`)
		step("")(visibility(`{"default":null}`))
		step("offline")(block("PUT"))
		a := s.do("GET", "/v1/participants/ada/why?viewer=ben", "boss|a", "").want(200, "")
		a.holds(`"viewer":"ben","state":"offline"`, `"rule":2`, "ada blocked ben")
		s.do("PUT", "/v1/presence/ada/override", "robot|s", `{"override":"busy"}`).want(204, "")
		step("busy")(block("DELETE"))
	})
}
