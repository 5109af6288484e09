package gateway

import (
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/scaiwave/presence/gateway/wire"
)

func limited(n int) func(*Config) { return func(c *Config) { c.Limits.StrangerLimit = n } }

// TestStrangerLimit: whatever the way, all of a request or nothing; windows, oneself, AI and
// backends don't count.
func TestStrangerLimit(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := serve(t, limited(3))
		s.do("PUT", "/v1/participants/bot", "robot|s", `{"kind":"model"}`).want(204, "")
		s.do("PUT", "/v1/participants/model:human", "robot|s", `{"kind":"human"}`).want(204, "")
		s.do("POST", "/v1/direct-messages", "robot|s", `{"direct_messages":[{"participants":["ben","pal"]}]}`).want(200, "")
		s.do("GET", "/v1/presence?ids=a,b,a,ben,pal,bot,model:x", "ben", "").holds(`"a":"offline"`)
		s.do("GET", "/v1/presence?ids=c,d", "ben", "").problem(wire.RateLimited, "3 participants within a day")
		s.do("GET", "/v1/presence/model:human", "ben", "").holds(`"state":"offline"`)
		s.do("GET", "/v1/presence/c", "ben", "").problem(wire.RateLimited, "stranger")
		s.do("POST", "/v1/presence/query", "ben", `{"ids":["a","c"]}`).problem(wire.RateLimited, "stranger")
		s.do("GET", "/v1/events?ids=c", "ben", "").problem(wire.RateLimited, "stranger")
		a := s.do("GET", "/v1/presence?ids=c", "ben", "")
		if a.problem(wire.RateLimited, ""); a.header.Get("Retry-After") != "86400" || a.header.Get("Connection") != "" {
			t.Errorf("header %v", a.header)
		}
		s.do("GET", "/v1/presence?ids=a,b,model:human,pal,ben", "ben", "").holds(`"b":"offline"`)
		s.do("GET", "/v1/presence?ids=c", "cy", "").want(200, `{"c":"offline"}`)
		s.do("GET", "/v1/presence?ids=c,d,e,f&viewer=ben", "robot|s", "").holds(`"f":"offline"`)
		s.do("GET", "/v1/presence/c", "ben|a", "").holds(`"override"`)
		if got := s.metric("presence_stranger_limited_total"); got != "5" {
			t.Errorf("%s were counted", got)
		}
	})
}

// TestStrangerLimitOnSockets: a message too many is refused, and the connection stays, however often.
func TestStrangerLimitOnSockets(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := serve(t, limited(2))
		ws := s.dial(t, "ben")
		say(t, ws, `{"type":"hello"}`)
		await(t, ws, `"type":"self"`)
		say(t, ws, `{"type":"subscribe","ids":["a","b"],"req":"1"}`)
		await(t, ws, `"req":"1"`)
		for range 30 {
			say(t, ws, `{"type":"query","ids":["c"],"req":"2"}`)
			await(t, ws, `"code":"rate_limited"`)
			say(t, ws, `{"type":"subscribe","ids":["a","c"],"req":"3"}`)
			await(t, ws, `"code":"rate_limited"`)
			time.Sleep(time.Second)
		}
		s.online("c", "a")
		say(t, ws, `{"type":"query","ids":["a","b"],"req":"4"}`)
		if got := framesUntil(t, ws, `"req":"4"`); strings.Contains(got, `"c"`) || !strings.Contains(got, `"a":"online"`) {
			t.Errorf("told %s", got)
		}
	})
}

// TestStrangersEndAfterADay: at the moment that Retry-After says.
func TestStrangersEndAfterADay(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := serve(t, limited(1))
		s.do("GET", "/v1/presence?ids=a", "ben", "").want(200, `{"a":"offline"}`)
		time.Sleep(time.Hour)
		a := s.do("GET", "/v1/presence?ids=b", "ben", "")
		if a.problem(wire.RateLimited, ""); a.header.Get("Retry-After") != "82800" {
			t.Errorf("Retry-After %s", a.header.Get("Retry-After"))
		}
		time.Sleep(23 * time.Hour)
		s.do("GET", "/v1/presence?ids=b", "ben", "").want(200, `{"b":"offline"}`)
	})
}

// TestAnswersCountLikeEdges: whom a backend lists doesn't count; who is denied does, like an id that
// was never seen. What it doesn't answer shows nothing, and doesn't count.
func TestAnswersCountLikeEdges(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, b := asking(t, limited(2))
		s.online("denied")
		b.friends["ben a"], b.friends["ben b"], b.friends["ben c"] = true, true, true
		s.do("GET", "/v1/presence?ids=a,b,c,denied", "ben", "").holds(`"denied":"offline"`)
		s.do("POST", "/v1/direct-messages", "robot|s",
			`{"direct_messages":[{"participants":["ben","denied2"]}]}`).want(200, "")
		s.do("GET", "/v1/presence?ids=denied2,model:x", "ben", "").holds(`"denied2":"offline"`)
		s.do("GET", "/v1/presence?ids=never", "ben", "").problem(wire.RateLimited, "stranger")
		b.set(func(b *backend) { b.silent = true })
		s.do("GET", "/v1/presence?ids=x,y,z", "ben", "").holds(`"z":"unknown"`)
	})
}
