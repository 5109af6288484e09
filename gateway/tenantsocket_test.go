package gateway

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/coder/websocket"

	"github.com/scaiwave/presence/gateway/auth"
)

// dialIn opens a WebSocket whose upgrade names a tenant; header token, or "" for none.
func (s *serving) dialIn(t *testing.T, tenant, token string) *websocket.Conn {
	t.Helper()
	o := &websocket.DialOptions{
		HTTPClient: s.client, Subprotocols: []string{"presence.v1"},
		HTTPHeader: map[string][]string{auth.TenantHeader: {tenant}},
	}
	if token != "" {
		o.HTTPHeader["Authorization"] = []string{"Bearer " + token}
	}
	ws, _, err := websocket.Dial(t.Context(), "ws://127.0.0.1:8080/v1/ws", o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = ws.CloseNow() })
	return ws
}

// What a socket watches and asks about is of its tenant, and so is its device.
func TestSocketOfTenant(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := serve(t)
		ours, other := s.dial(t, "acme ada"), s.dial(t, "ada")
		for _, ws := range []*websocket.Conn{ours, other} {
			say(t, ws, `{"type":"hello","device_id":"laptop"}`)
			await(t, ws, `"participant_id":"ada"`)
			say(t, ws, `{"type":"subscribe","ids":["ada","ben"],"req":"s"}`)
			await(t, ws, `"states":{"ada":"online","ben":"offline"},"req":"s"`)
		}
		s.do("PUT", "/v1/presence/ben/devices/d", "acme boss|s", `{"activity":"idle"}`).want(204, "")
		await(t, ours, `{"type":"presence","states":{"ben":"idle"}}`)
		say(t, ours, `{"type":"override","override":"busy","req":"o"}`)
		await(t, ours, `{"type":"self","state":"busy"`)
		say(t, ours, `{"type":"query","ids":["ada","ben"],"req":"q"}`)
		await(t, ours, `"req":"q"`)
		say(t, other, `{"type":"query","ids":["ada","ben"],"req":"q"}`)
		await(t, other, `{"type":"result","states":{"ada":"online","ben":"offline"},"req":"q"}`)
		say(t, ours, `{"type":"unsubscribe","ids":["ben"],"req":"u"}`)
		await(t, ours, `{"type":"ok","req":"u"}`)
		s.do("DELETE", "/v1/presence/ada/devices/laptop", "acme boss|s", "").want(204, "")
		if code := closeCode(t, ours); code != websocket.StatusNormalClosure {
			t.Errorf("closed with %d; want 1000", code)
		}
		say(t, other, `{"type":"heartbeat","activity":"online","req":"h"}`)
		await(t, other, `{"type":"ok","req":"h"}`)
		s.do("GET", "/v1/presence?ids=ada", "acme boss|s", "").want(200, `{"ada":"offline"}`)
	})
}

// closeCode reads to the end.
func closeCode(t *testing.T, ws *websocket.Conn) websocket.StatusCode {
	t.Helper()
	for {
		if _, _, err := ws.Read(t.Context()); err != nil {
			return websocket.CloseStatus(err)
		}
	}
}

// The upgrade's header counts for every token that the socket is shown.
func TestSocketInAnotherTenant(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := serve(t)
		s.do("PUT", "/v1/presence/ben/devices/d", "acme boss|s", `{"activity":"idle"}`).want(204, "")
		for _, inHeader := range []string{"boss|t", ""} {
			ws := s.dialIn(t, "acme", inHeader)
			say(t, ws, `{"type":"hello","token":"boss|t"}`)
			await(t, ws, `"participant_id":"boss"`)
			say(t, ws, `{"type":"query","ids":["ben"],"req":"q"}`)
			await(t, ws, `{"type":"result","states":{"ben":"idle"},"req":"q"}`)
			say(t, ws, `{"type":"auth","token":"boss|t","req":"a"}`)
			await(t, ws, `{"type":"ok","req":"a"}`)
			say(t, ws, `{"type":"auth","token":"acme boss|s","req":"b"}`)
			await(t, ws, `"code":"forbidden"`)
			say(t, ws, `{"type":"auth","token":"ada|t","req":"c"}`)
			if code := closeCode(t, ws); code != 4001 {
				t.Errorf("another's token closed with %d; want 4001", code)
			}
		}
	})
}

// A token that may not act in others is told so, and the hello may be said again.
func TestSocketMayNotChooseTenant(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := serve(t)
		ws := s.dialIn(t, "acme", "")
		say(t, ws, `{"type":"hello","token":"acme ada","req":"1"}`)
		await(t, ws, `"code":"forbidden"`)
		say(t, ws, `{"type":"hello","token":"ada|t","req":"2"}`)
		await(t, ws, `"type":"welcome"`)
		bad := s.dialIn(t, "a b", "")
		say(t, bad, `{"type":"hello","token":"ada|t"}`)
		await(t, bad, `"code":"bad_request"`)
	})
}

// Each token that a socket may be shown, in `auth` and in a hello after a header's, against each way
// in which the upgrade named a tenant. Another's closes it, whatever that one may do. One of the same
// participant that may not act in the header's tenant is refused, and the socket stays.
func TestTokensOnSocket(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := serve(t)
		const ok, forbidden, another, unauthorized = "ok", "forbidden", "4001", "unauthorized"
		const weaker = "weaker" // good in a hello; a connection with service scope doesn't go on with it
		for _, c := range []struct {
			header *string // of the upgrade
			first  string
			fresh  map[string]string
		}{
			{nil, "boss", map[string]string{
				"boss": ok, "boss|st": ok, "acme boss": another, "acme boss|t": another, "ada": another, "bad": unauthorized,
			}},
			{nil, "boss|t", map[string]string{"boss": ok, "boss|t": ok, "acme boss|t": another, "ada|t": another}},
			{nil, "acme boss", map[string]string{
				"acme boss": ok, "acme boss|t": ok, "boss": another, "boss|t": another, "other boss": another, "acme ada": another,
			}},
			{nil, "boss|s", map[string]string{"boss|s": ok, "boss": weaker, "boss|t": weaker, "ada|s": another}},
			{new("acme"), "boss|t", map[string]string{
				"boss|t": ok, "other boss|t": ok, "acme boss|t": ok, "boss|st": ok,
				"boss": forbidden, "acme boss": forbidden, "acme boss|sa": forbidden, "other boss": forbidden,
				"ada": another, "ada|t": another, "acme ada": another, "acme ada|t": another, "acme ada|s": another,
				"bad": unauthorized,
			}},
			{new("acme"), "acme boss|st", map[string]string{
				"boss|st": ok, "boss|t": weaker, "boss|s": forbidden, "ada|s": another,
			}},
			{new(""), "acme boss|t", map[string]string{
				"boss|t": ok, "acme boss|t": ok, "boss": forbidden, "acme boss": forbidden, "ada": another, "acme ada|t": another,
			}},
		} {
			for fresh, want := range c.fresh {
				open := func(token string) *websocket.Conn {
					if c.header == nil {
						return s.dial(t, token)
					}
					return s.dialIn(t, *c.header, token)
				}
				inHello, inAuth := open(c.first), open(c.first)
				say(t, inAuth, `{"type":"hello"}`)
				await(t, inAuth, `"participant_id":"boss"`)
				greeted := want
				if want == weaker {
					want, greeted = forbidden, ok
				}
				say(t, inAuth, `{"type":"auth","token":"`+fresh+`","req":"a"}`)
				wantTold(t, c.first+" then "+fresh, inAuth, want, `{"type":"ok","req":"a"}`)
				say(t, inHello, `{"type":"hello","token":"`+fresh+`"}`)
				wantTold(t, c.first+" in the header, "+fresh, inHello, greeted, `"type":"welcome"`)
			}
		}
	})
}

// wantTold expects good, or an error, after which the socket is open, or a close code.
func wantTold(t *testing.T, what string, ws *websocket.Conn, want, good string) {
	t.Helper()
	switch want {
	case "ok":
		await(t, ws, good)
	case "4001":
		if code := closeCode(t, ws); code != 4001 {
			t.Errorf("%s: closed with %d; want 4001", what, code)
		}
		return
	default:
		await(t, ws, `"code":"`+want+`"`)
	}
	_ = ws.CloseNow()
}

// A fresh token of a namesake in another tenant is another's.
func TestSocketStaysInItsTenant(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := serve(t)
		for _, fresh := range []string{"ada", "other ada", "ada|t"} {
			ws := s.dial(t, "acme ada")
			say(t, ws, `{"type":"hello"}`)
			await(t, ws, `"type":"welcome"`)
			say(t, ws, `{"type":"auth","token":"`+fresh+`"}`)
			if code := closeCode(t, ws); code != 4001 {
				t.Errorf("%q closed with %d; want 4001", fresh, code)
			}
		}
		ws := s.dial(t, "acme ada")
		say(t, ws, `{"type":"hello","token":"ada"}`)
		if code := closeCode(t, ws); code != 4001 {
			t.Errorf("two tokens of two tenants: closed with %d; want 4001", code)
		}
	})
}

func TestEventsOfTenant(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := serve(t)
		s.do("PUT", "/v1/presence/ada/devices/d", "acme boss|s", `{"activity":"online"}`).want(204, "")
		ours, other := s.stream(t, "ids=ada", "acme ben"), s.stream(t, "ids=ada", "ben")
		ours.want(event(`{"ada":"online"}`))
		other.want(event(`{"ada":"offline"}`))
		s.do("PUT", "/v1/presence/me/override", "acme ada", `{"override":"busy"}`).want(204, "")
		ours.want(event(`{"ada":"busy"}`))
		start := time.Now()
		other.want(keepAlive)
		if took := time.Since(start); took < 14*time.Second {
			t.Errorf("something came after %v", took)
		}
	})
}

// Tenants that are named have figures of their own, at zero from the start; others have none.
func TestTenantMetrics(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := serve(t, func(c *Config) { c.MetricsTenants = []string{"acme", "quiet"} })
		s.do("GET", "/v1/presence?ids=a", "acme ada", "").want(200, "")
		s.do("GET", "/v1/cluster", "acme ada", "").want(403, "")
		s.do("GET", "/v1/presence?ids=a", "other ada", "").want(200, "")
		s.do("GET", "/v1/presence?ids=a", "ada", "").want(200, "")
		want := func(metric, tenant, value string) {
			t.Helper()
			if got := s.metric(metric + `{tenant="` + tenant + `"}`); got != value {
				t.Errorf("%s of %s is %q; want %q", metric, tenant, got, value)
			}
		}
		sockets := make([]*websocket.Conn, 3)
		for i, token := range []string{"acme ada", "acme ben", "other ada"} {
			sockets[i] = s.dial(t, token)
			say(t, sockets[i], `{"type":"hello"}`)
			await(t, sockets[i], `"type":"welcome"`)
		}
		want("presence_tenant_requests_total", "acme", "4") // the upgrades, too
		want("presence_tenant_refused_total", "acme", "1")
		want("presence_tenant_sockets", "acme", "2")
		want("presence_tenant_requests_total", "quiet", "0")
		want("presence_tenant_sockets", "quiet", "0")
		want("presence_tenant_requests_total", "other", "")
		want("presence_tenant_sockets", "other", "")
		for _, ws := range sockets {
			_ = ws.CloseNow()
		}
		synctest.Wait()
		want("presence_tenant_sockets", "acme", "0")
	})
}
