package gateway

import (
	"regexp"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/coder/websocket"
)

var stateTold = regexp.MustCompile(`"(?:ID|state)":"(\w+)"`)

// seenBy is what a viewer is told of ada, by every way; they must agree.
func (s *serving) seenBy(t *testing.T, viewer string) (state string) {
	t.Helper()
	told := s.about(t, viewer, "ada")
	all := stateTold.FindAllStringSubmatch(told, -1)
	for _, one := range all {
		if state = one[1]; state != all[0][1] {
			t.Errorf("%s is told\n%s", viewer, told)
		}
	}
	if len(all) != ways {
		t.Errorf("%d states in\n%s", len(all), told)
	}
	return state
}

// TestAnswersBesideWhatIsSaid: allowed by a backend is as if an edge allowed: a default of `allowed`
// doesn't keep the viewer out, a block and an edge that denies do, and appear_offline is seen
// through with a window alone. Denied by it, no edge and no window helps.
func TestAnswersBesideWhatIsSaid(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, b := asking(t)
		robot := func(method, path, body string) { s.do(method, path, "robot|s", body) }
		edge := func(allow string) {
			robot("POST", "/v1/visibility", `{"edges":[{"participant_id":"ada","viewer":"ben","allow":`+allow+`}]}`)
		}
		said := func(allowed bool) {
			b.set(func(b *backend) { b.friends["ben ada"] = allowed })
			s.do("POST", "/v1/visibility/forget", "robot|s", `{"viewers":["ben"]}`).want(204, "")
		}
		sees := func(when, want string) {
			t.Helper()
			s.online("ada")
			if got := s.seenBy(t, "ben"); got != want {
				t.Errorf("%s: %s, want %s", when, got, want)
			}
		}
		said(true)
		robot("PUT", "/v1/participants/ada/visibility", `{"default":"allowed"}`)
		sees("default allowed", "online")
		edge("false")
		sees("an edge denies", "offline")
		edge("null")
		robot("PUT", "/v1/participants/ada/blocks/ben", "")
		sees("blocked", "offline")
		robot("DELETE", "/v1/participants/ada/blocks/ben", "")
		robot("PUT", "/v1/presence/ada/override", `{"override":"appear_offline"}`)
		sees("hidden", "offline")
		robot("POST", "/v1/direct-messages", `{"direct_messages":[{"participants":["ada","ben"]}]}`)
		sees("with a window", "online")
		said(false)
		sees("denied with a window", "offline")
		edge("true")
		sees("denied with an edge", "offline")
	})
}

// TestAnswersAreTheTenants: a backend's word on one id in one tenant says nothing of that in another,
// and so does Forget.
func TestAnswersAreTheTenants(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, b := asking(t)
		b.friends["ben ada"] = true
		for _, in := range []string{"", "acme "} {
			s.do("PUT", "/v1/presence/ada/devices/d", in+"boss|s", `{"activity":"online"}`).want(204, "")
			s.do("GET", "/v1/presence?ids=ada", in+"ben", "").want(200, `{"ada":"online"}`)
		}
		b.set(func(b *backend) { b.friends = nil })
		s.do("POST", "/v1/visibility/forget", "acme boss|s", `{"viewers":["ben"]}`).want(204, "")
		s.do("GET", "/v1/presence?ids=ada", "acme ben", "").want(200, `{"ada":"offline"}`)
		s.do("GET", "/v1/presence?ids=ada", "ben", "").want(200, `{"ada":"online"}`)
	})
}

// TestBackendsAreNobodysViewer: a socket of a backend sees others as a stranger does, whatever they
// have said of an id like its own, and itself in `self`.
func TestBackendsAreNobodysViewer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := serve(t)
		s.online("ada", "eve")
		for _, call := range []string{
			`PUT /v1/presence/eve/override {"override":"appear_offline"}`,
			`POST /v1/direct-messages {"direct_messages":[{"participants":["eve","robot"]}]}`,
		} {
			words := strings.SplitN(call, " ", 3)
			if a := s.do(words[0], words[1], "robot|s", words[2]); a.status >= 300 {
				t.Errorf("%s: %d", call, a.status)
			}
		}
		const want = `"states":{"ada":"online","eve":"offline"}`
		ws := s.dial(t, "robot|s")
		say(t, ws, `{"type":"hello","device_id":"d"}`)
		await(t, ws, `"type":"self"`)
		say(t, ws, `{"type":"subscribe","ids":["ada","eve"]}`)
		await(t, ws, want)
		say(t, ws, `{"type":"query","ids":["ada","eve"],"req":"q"}`)
		await(t, ws, want)
		s.do("PUT", "/v1/presence/robot/override", "robot|s", `{"override":"appear_offline"}`).want(204, "")
		await(t, ws, `"state":"appear_offline"`)
		s.do("PUT", "/v1/participants/ada/blocks/robot", "ada", "").want(204, "")
		time.Sleep(time.Second)
		s.do("PUT", "/v1/presence/ada/override", "ada", `{"override":"busy"}`).want(204, "")
		await(t, ws, `"ada":"busy"`)
		_ = ws.Close(websocket.StatusNormalClosure, "")
	})
}

// TestTiesCount: an edge that allows is no stranger's. One that denies, and a block, count like an
// id that was never seen: which doesn't if it has an AI's prefix.
func TestTiesCount(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := serve(t, limited(2))
		edge := func(id, allow string) string {
			return `{"participant_id":"` + id + `","viewer":"ben","allow":` + allow + `}`
		}
		s.do("POST", "/v1/visibility", "robot|s", `{"edges":[`+
			strings.Join([]string{edge("a", "true"), edge("b", "true"), edge("c", "false")}, ",")+`]}`).want(200, "")
		s.do("POST", "/v1/direct-messages", "robot|s", `{"direct_messages":[{"participants":["ben","d"]}]}`).want(200, "")
		s.do("PUT", "/v1/participants/d/blocks/ben", "robot|s", "").want(204, "")
		s.do("PUT", "/v1/participants/model:x/blocks/ben", "robot|s", "").want(204, "")
		s.do("GET", "/v1/presence?ids=a,b,c,d,model:x", "ben", "").holds(`"a":"offline"`)
		s.do("GET", "/v1/presence?ids=never", "ben", "").problem("rate_limited", "stranger")
		s.do("GET", "/v1/presence?ids=never", "acme ben", "").want(200, `{"never":"offline"}`)
	})
}
