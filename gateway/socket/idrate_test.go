package socket

import (
	"context"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/coder/websocket"

	"github.com/scaiwave/presence/gateway/tenant"
)

// idsMeter lets a participant name so many ids a second, and as many at once.
type idsMeter struct {
	perSecond int
	left      int
	at        time.Time
}

func (m *idsMeter) take(_ tenant.Participant, n int, now time.Time) time.Duration {
	if now.Sub(m.at) >= time.Second {
		m.left, m.at = m.perSecond, now
	}
	if n > m.left {
		return m.at.Add(time.Second).Sub(now)
	}
	m.left -= n
	return 0
}

func manyIDs(n int) string { return `["a"` + strings.Repeat(`,"a"`, n-1) + `]` }

func TestIDsRate(t *testing.T) {
	run(t, func(c *Config) { c.TakeIDs = (&idsMeter{perSecond: 100}).take }, func(e *env) {
		c := e.join("ann", "")
		c.send(`{"type":"subscribe","req":"s","ids":%s}`, manyIDs(50))
		c.wantPart(`"presence"`, `"req":"s"`)
		c.send(`{"type":"query","req":"q","ids":%s}`, manyIDs(30))
		c.wantPart(`"result"`, `"req":"q"`)
		c.send(`{"type":"unsubscribe","req":"u","ids":%s}`, manyIDs(20))
		c.wantPart(`"ok"`, `"req":"u"`)
		for _, kind := range []string{"subscribe", "query", "unsubscribe"} {
			c.send(`{"type":%q,"req":"more","ids":["a"]}`, kind)
			c.wantPart(`"error"`, `"rate_limited"`, `"req":"more"`)
		}
		c.send(`{"type":"override","req":"o","override":"auto"}`) // names none
		c.wantPart(`"ok"`, `"req":"o"`)
		time.Sleep(time.Second)
		c.send(`{"type":"query","req":"q","ids":%s}`, manyIDs(100))
		c.wantPart(`"result"`)
		c.leave()
	})
}

// A large frame counts by its bytes before it is decoded; the answer has its req all the same.
func TestIDsRateWeighsBytes(t *testing.T) {
	run(t, func(c *Config) { c.TakeIDs = (&idsMeter{perSecond: 100}).take }, func(e *env) {
		c := e.join("ann", "")
		padding := strings.Repeat(" ", 60*256)
		c.send(`{"type":"query","req":"q1",%s"ids":["a"]}`, padding)
		c.wantPart(`"result"`)
		c.send(`{"type":"query",%s"ids":["a"],"req":"q2"}`, padding)
		c.wantPart(`"rate_limited"`, `"req":"q2"`)
		c.send(`{"type":"query",%s"ids":["a"],"req" : "q3"}`, padding)
		c.wantPart(`"rate_limited"`, `s"}`)
		c.leave()
	})
}

// Who waits as long as it was told, and is refused again because another was quicker, isn't closed;
// who doesn't wait is, after ten seconds.
func TestIDsFlood(t *testing.T) {
	refuse := func(tenant.Participant, int, time.Time) time.Duration { return 500 * time.Millisecond }
	run(t, func(c *Config) { c.TakeIDs = refuse }, func(e *env) {
		c := e.join("ann", "")
		ask := func() { c.send(`{"type":"query","req":"q","ids":["a"]}`) }
		for range 60 {
			ask()
			c.wantPart("rate_limited")
			time.Sleep(500 * time.Millisecond)
		}
		start := time.Now()
		for time.Since(start) < 9*time.Second {
			ask()
			c.wantPart("rate_limited")
			time.Sleep(100 * time.Millisecond)
		}
		for c.ws.Write(context.Background(), websocket.MessageText,
			[]byte(`{"type":"query","req":"q","ids":["a"]}`)) == nil && time.Since(start) < time.Minute {
			time.Sleep(100 * time.Millisecond)
		}
		c.wantClose(closeRateLimited)
		if took := time.Since(start); took > 13*time.Second {
			t.Errorf("closed after %v", took)
		}
		synctest.Wait()
	})
}

// Nobody counts the ids of a backend.
func TestIDsOfABackend(t *testing.T) {
	c := &conn{
		srv:      &Server{cfg: Config{TakeIDs: func(tenant.Participant, int, time.Time) time.Duration { return time.Second }}},
		welcomed: true, service: true,
	}
	if err := c.payIDs(1000, 0); err != nil {
		t.Error(err)
	}
	c.service = false
	if err := c.payIDs(1000, 0); err == nil {
		t.Error("a participant's are not counted either")
	}
}

func TestPlainReq(t *testing.T) {
	long := strings.Repeat("r", maxReq)
	for text, want := range map[string]string{
		`{"type":"query","req":"r1","ids":[]}`:    "r1",
		`{"req":"` + long + `"}`:                  long,
		`{"req":"` + long + `x"}`:                 "",
		`{"req":""}`:                              "",
		`{"req":"a\"b"}`:                          "",
		`{"req":"open`:                            "",
		`{"req" : "r1"}`:                          "",
		`{"ids":["\"req\":\"not\""],"req":"yes"}`: "yes",
		``: "",
	} {
		if got := plainReq([]byte(text)); got != want {
			t.Errorf("%s: %q, want %q", text, got, want)
		}
	}
}
