package gateway

import (
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/coder/websocket"
)

// wantFrame reads the next frame.
func wantFrame(t *testing.T, ws *websocket.Conn, want string) {
	t.Helper()
	_, frame, err := ws.Read(t.Context())
	if err != nil || string(frame) != want {
		t.Errorf("%v\ngot  %s\nwant %s", err, frame, want)
	}
}

// TestStatusEvents: an event stream has statuses if it asks for them, and no other has.
func TestStatusEvents(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := serve(t)
		s.online("ada")
		s.do("PUT", "/v1/presence/me/status", "ada", `{"text":"hi"}`).want(204, "")
		full, plain := s.stream(t, "ids=ada,ben&with=status", "zoe"), s.stream(t, "ids=ada,ben", "zoe")
		both := func(members string) {
			t.Helper()
			full.want("event: presence\ndata: {" + members + "}\n")
		}
		both(`"states":{"ada":"online","ben":"offline"},"statuses":{"ada":{"text":"hi","emoji":"","expires_at":null}}`)
		plain.want(event(`{"ada":"online","ben":"offline"}`))
		for _, step := range []struct{ call, body, told string }{
			{"PUT /v1/presence/ada/override", `{"override":"busy"}`, `"states":{"ada":"busy"},"statuses":{}`},
			{
				"PUT /v1/presence/ada/status", `{"emoji":"x"}`,
				`"states":{},"statuses":{"ada":{"text":"","emoji":"x","expires_at":null}}`,
			},
			{"PUT /v1/presence/ada/status", `{"emoji":"x"}`, ""},
			{"DELETE /v1/presence/ada/status", "", `"states":{},"statuses":{"ada":null}`},
			{"DELETE /v1/presence/ada/status", "", ""},
			{"PUT /v1/presence/ada/override", `{"override":"appear_offline"}`, `"states":{"ada":"offline"},"statuses":{}`},
			{"PUT /v1/presence/ada/status", `{"text":"hidden"}`, ""},
			{
				"DELETE /v1/presence/ada/override", "",
				`"states":{"ada":"online"},"statuses":{"ada":{"text":"hidden","emoji":"","expires_at":null}}`,
			},
		} {
			method, path, _ := strings.Cut(step.call, " ")
			s.do(method, path, "back|s", step.body).want(204, "")
			synctest.Wait()
			if step.told == "" {
				continue
			}
			both(step.told)
			if states, _, _ := strings.Cut(step.told, `,"statuses"`); states != `"states":{}` {
				plain.want("event: presence\ndata: {" + states + "}\n")
			}
		}
	})
}

// TestStatusOverSocket: what a socket says, asks for, and is told.
func TestStatusOverSocket(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := serve(t)
		ada, zoe := s.dial(t, "ada"), s.dial(t, "zoe")
		say(t, ada, `{"type":"hello","device_id":"d"}`)
		await(t, ada, `"type":"welcome"`)
		wantFrame(t, ada, `{"type":"self","state":"online","override":"auto"}`)
		say(t, zoe, `{"type":"hello"}`)
		await(t, zoe, `"type":"self"`)
		const hi = `{"text":"hi","emoji":"x","expires_at":null}`
		say(t, ada, `{"type":"status","status":{"text":"hi","emoji":"x"},"req":"1"}`)
		await(t, ada, `{"type":"ok","req":"1"}`)
		wantFrame(t, ada, `{"type":"self","state":"online","override":"auto","status":`+hi+`}`)
		ask := func(message, answer string) {
			t.Helper()
			say(t, zoe, message)
			wantFrame(t, zoe, answer)
		}
		ask(`{"type":"query","ids":["ada","ben"],"with":["status"],"req":"q"}`,
			`{"type":"result","states":{"ada":"online","ben":"offline"},"statuses":{"ada":`+hi+`},"req":"q"}`)
		ask(`{"type":"subscribe","ids":["ada"],"with":["status"],"req":"s"}`,
			`{"type":"presence","states":{"ada":"online"},"statuses":{"ada":`+hi+`},"req":"s"}`)
		ask(`{"type":"subscribe","ids":["ada","ben"],"req":"s"}`,
			`{"type":"presence","states":{"ada":"online","ben":"offline"},"req":"s"}`)
		say(t, ada, `{"type":"override","override":"busy","expires_in":5}`)
		wantFrame(t, zoe, `{"type":"presence","states":{"ada":"busy"},"statuses":{}}`)
		ends := time.Now().Add(5 * time.Second)
		end := ends.UTC().Format("2006-01-02T15:04:05.000Z")
		wantFrame(t, ada, `{"type":"self","state":"busy","override":"busy","override_expires_at":"`+end+`","status":`+hi+`}`)
		say(t, ada, `{"type":"status","status":null}`)
		wantFrame(t, zoe, `{"type":"presence","states":{},"statuses":{"ada":null}}`)
		wantFrame(t, ada, `{"type":"self","state":"busy","override":"busy","override_expires_at":"`+end+`"}`)
		s.do("PUT", "/v1/presence/ada/busy/call", "back|s", `{"expires_in":600}`).want(204, "")
		wantFrame(t, ada, `{"type":"self","state":"busy","override":"busy","override_expires_at":"`+end+`","busy":["call"]}`)
		s.do("PUT", "/v1/presence/ada/busy/call", "back|s", `{"expires_in":700}`).want(204, "") // no news
		wantFrame(t, ada, `{"type":"self","state":"busy","override":"auto","busy":["call"]}`)
		if late := time.Until(ends); late < -150*time.Millisecond || late > 0 {
			t.Errorf("told %v before its end", late)
		}
		s.do("DELETE", "/v1/presence/ada/busy/call", "ada", "").want(204, "")
		wantFrame(t, ada, `{"type":"self","state":"online","override":"auto"}`)
		wantFrame(t, zoe, `{"type":"presence","states":{"ada":"online"},"statuses":{}}`)
		s.online("ben") // who isn't watched with status
		wantFrame(t, zoe, `{"type":"presence","states":{"ben":"online"}}`)
	})
}

// TestStatusOverSocketUntilAllNodesKnowIt: it is refused, and the connection stays.
func TestStatusOverSocketUntilAllNodesKnowIt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		k := &knowing{}
		s := serve(t, func(c *Config) {
			k.Cluster = c.Cluster
			c.Cluster = k
		})
		ws := s.dial(t, "ada")
		say(t, ws, `{"type":"hello"}`)
		await(t, ws, `"type":"self"`)
		for _, message := range []string{
			`{"type":"status","status":null,"req":"r"}`, `{"type":"override","override":"busy","expires_in":5,"req":"r"}`,
			`{"type":"subscribe","ids":["a"],"with":["status"],"req":"r"}`,
			`{"type":"query","ids":["a"],"with":["status"],"req":"r"}`,
		} {
			say(t, ws, message)
			await(t, ws, `"code":"unavailable"`)
		}
		say(t, ws, `{"type":"subscribe","ids":["a"],"req":"r"}`)
		wantFrame(t, ws, `{"type":"presence","states":{"a":"offline"},"req":"r"}`)
	})
}
