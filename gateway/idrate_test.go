package gateway

import (
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/scaiwave/presence/gateway/wire"
)

// slowIDs lets a participant ask about 10 ids a second, 100 at once.
func slowIDs(c *Config) {
	l := &c.Limits
	l.MaxIDs, l.MaxQueryIDs, l.MaxBodyBytes = 100, 100, 16<<10
	l.ParticipantIDsRate, l.ParticipantIDsBurst = 10, 100
}

// queryOf is a query's body that names n ids.
func queryOf(n int) string {
	return `{"ids":["a"` + strings.Repeat(`,"a"`, n-1) + `]}`
}

func TestIDsRate(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := newGate(t, slowIDs)
		query := func(token string, n int) answer { return g.do("POST", "/v1/presence/query", token, queryOf(n)) }
		query("v", 60).want(200, "")
		g.do("GET", "/v1/presence?ids=a"+strings.Repeat(",b", 29), "v", "").want(200, "")
		query("v", 10).want(200, "")
		if a := query("v", 55).problem(wire.RateLimited, "10 ids a second"); a.header.Get("Retry-After") != "6" {
			t.Errorf("Retry-After %q for 5.5 s", a.header.Get("Retry-After"))
		}
		g.do("GET", "/v1/events?ids=a", "v", "").problem(wire.RateLimited, "")
		query("w", 100).want(200, "")
		for range 10 {
			query("v|s", 100).want(200, "")
		}
		time.Sleep(5499 * time.Millisecond)
		query("v", 55).problem(wire.RateLimited, "")
		time.Sleep(time.Millisecond)
		query("v", 55).want(200, "")
		query("v", 1).problem(wire.RateLimited, "")
	})
}

// A body counts by its bytes before it is read, and not twice if it names more ids than that.
func TestIDsRateWeighsBytes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := newGate(t, slowIDs)
		padded := queryOf(1) + strings.Repeat(" ", 90*256)[:14<<10]
		g.do("POST", "/v1/presence/query", "v", padded).want(200, "") // 56
		g.do("POST", "/v1/presence/query", "v", queryOf(44)).want(200, "")
		g.do("PUT", "/v1/presence/me/override", "v",
			`{"override":"busy"}`+strings.Repeat(" ", 256)).problem(wire.RateLimited, "")
		g.do("PUT", "/v1/presence/me/override", "v", `{"override":"busy"}`).want(204, "")
		time.Sleep(time.Second)
		g.do("POST", "/v1/presence/query", "v", queryOf(10)[:39]+strings.Repeat(" ", 512)+queryOf(10)[39:]).want(200,
			"")
		g.do("POST", "/v1/presence/query", "v", queryOf(1)).problem(wire.RateLimited, "")
	})
}

// The ids of HTTP and of sockets are one count; see package socket for what sockets make of it.
func TestIDsRateIsOneForAll(t *testing.T) {
	g := newGate(t, slowIDs)
	if c := g.s.socketConfig(g.node); c.TakeIDs("v", 100, time.Now()) != 0 || c.TakeIDs("v", 50, time.Now()) == 0 {
		t.Error("the sockets' count is another")
	}
	g.do("POST", "/v1/presence/query", "v", queryOf(50)).problem(wire.RateLimited, "")
}
