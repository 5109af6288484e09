package gateway

import (
	"bufio"
	"context"
	"io"
	"net"
	"net/http"
	"net/netip"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/scaiwave/presence/gateway/admit"
	"github.com/scaiwave/presence/gateway/wire"
)

// addressed is a pipe whose other end has an address.
type addressed struct {
	net.Conn
	remote net.Addr
}

func (a addressed) RemoteAddr() net.Addr { return a.remote }

// visitor is an HTTP client at an address.
type visitor struct {
	s      *serving
	client *http.Client
}

func (s *serving) from(ip string) visitor {
	transport := &http.Transport{DialContext: func(context.Context, string, string) (net.Conn, error) {
		here, there := net.Pipe()
		s.pipes.conns <- addressed{there, net.TCPAddrFromAddrPort(netip.AddrPortFrom(netip.MustParseAddr(ip), 4711))}
		return here, nil
	}}
	s.t.Cleanup(transport.CloseIdleConnections)
	return visitor{s, &http.Client{Transport: transport}}
}

// start sends a request and leaves its answer open; header is name, value, name, value.
func (v visitor) start(method, target, token string, header ...string) *http.Response {
	v.s.t.Helper()
	r, err := http.NewRequestWithContext(v.s.t.Context(), method, "http://127.0.0.1:8080"+target, nil)
	if err != nil {
		v.s.t.Fatal(err)
	}
	if token != "" {
		r.Header.Set("Authorization", "Bearer "+token)
	}
	for i := 0; i < len(header); i += 2 {
		if r.Header.Set(header[i], header[i+1]); header[i] == "Host" {
			r.Host = header[i+1]
		}
	}
	res, err := v.client.Do(r)
	if err != nil {
		v.s.t.Fatal(err)
	}
	return res
}

func (v visitor) do(method, target, token string, header ...string) answer {
	v.s.t.Helper()
	res := v.start(method, target, token, header...)
	body, err := io.ReadAll(res.Body)
	res.Body.Close()
	if err != nil {
		v.s.t.Fatal(err)
	}
	return answer{
		t: v.s.t, what: method + " " + target[:min(len(target), 100)], status: res.StatusCode,
		header: res.Header, body: string(body),
	}
}

func slowStrangers(c *Config) { c.Limits.AnonymousRate, c.Limits.AnonymousBurst = 1, 3 }

// Without a good token an address gets so many answers; beyond that a refusal that takes a second.
// Who has a token isn't concerned.
func TestAnonymousRate(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := serve(t, slowStrangers)
		v := s.from("203.0.113.7")
		v.do("GET", "/v1/presence?ids=a", "").problem(wire.Unauthorized, "")
		v.do("GET", "/v1/presence?ids=a", "bad").problem(wire.Unauthorized, "")
		v.do("GET", "/nowhere", "").problem(wire.NotFound, "")
		start := time.Now()
		a := v.do("GET", "/v1/presence?ids=a", "").problem(wire.RateLimited, "1 answers a second")
		if took := time.Since(start); took != heldFor || a.header.Get("Retry-After") != "1" {
			t.Errorf("after %v, Retry-After %q", took, a.header.Get("Retry-After"))
		}
		v.do("GET", "/v1/presence?ids=a", "").problem(wire.Unauthorized, "") // the second has earned one
		v.do("GET", "/v1/ws", "").problem(wire.RateLimited, "")
		v.do("GET", "/v1/presence?ids=a", "ada").want(200, "")
		s.from("203.0.113.8").do("GET", "/v1/presence?ids=a", "").problem(wire.Unauthorized, "")
		if got := s.metric(`presence_admission_refused_total{limit="anonymous_rate"}`); got != "2" {
			t.Errorf("%s refused", got)
		}
	})
}

// Refusals are held back for so many; others are answered at once and lose their connection.
func TestHeldRefusalsAreBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		// two may be held
		s := serve(t, slowStrangers, func(c *Config) { c.Limits.MaxOpen, c.Limits.MaxOpenByAddress = 16, 16 })
		v := s.from("203.0.113.7")
		for range 3 {
			v.do("GET", "/nowhere", "").problem(wire.NotFound, "")
		}
		for range 2 {
			go v.do("GET", "/nowhere", "")
		}
		synctest.Wait()
		start := time.Now()
		res := v.start("GET", "/nowhere", "")
		defer res.Body.Close()
		if time.Since(start) != 0 || res.StatusCode != 429 || !res.Close {
			t.Errorf("after %v: %v", time.Since(start), res)
		}
		time.Sleep(2 * heldFor)
	})
}

func TestContractCountsByItsSize(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := serve(t, func(c *Config) {
			c.Limits.AnonymousRate = 0.001
			c.Limits.AnonymousBurst = 2*(1+len(c.OpenAPI)/anonymousUnit) + 3
		})
		v := s.from("203.0.113.7")
		tag := v.do("GET", "/v1/openapi.yaml", "").want(200, "").header.Get("Etag")
		v.do("GET", "/v1/openapi.yaml", "", "If-None-Match", `"other"`).want(200, "")
		for _, h := range []string{tag, `"x", W/` + tag, "*"} {
			if a := v.do("GET", "/v1/openapi.yaml", "", "If-None-Match", h).want(304, ""); a.body != "" ||
				a.header.Get("Etag") != tag {
				t.Errorf("%q: %v %q", h, a.header, a.body)
			}
		}
		v.do("GET", "/v1/openapi.yaml", "", "If-None-Match", tag).problem(wire.RateLimited, "")
	})
}

// An answer that counts for more than the burst is given all the same, after a pause.
func TestContractIsMoreThanTheBurst(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := serve(t, slowStrangers)
		v := s.from("203.0.113.7")
		v.do("GET", "/v1/openapi.yaml", "").want(200, "")
		v.do("GET", "/v1/openapi.yaml", "").problem(wire.RateLimited, "")
		time.Sleep(3 * time.Second)
		v.do("GET", "/v1/openapi.yaml", "").want(200, "")
	})
}

func TestPreflightsAreRated(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := serve(t, slowStrangers)
		v := s.from("203.0.113.7")
		ask := func() answer {
			return v.do("OPTIONS", "/v1/presence", "", "Origin", "http://127.0.0.1:8080",
				"Access-Control-Request-Method", "GET")
		}
		for range 3 {
			ask().want(204, "")
		}
		if a := ask().want(429, ""); a.header.Get("Retry-After") != "1" {
			t.Errorf("%v", a.header)
		}
	})
}

// A proxy in a private network that nobody has named is one address for many: what one of its
// clients uses up keeps neither the preflights nor the sockets of the others out, whose token comes
// later.
func TestUnnamedProxy(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := serve(t, slowStrangers)
		v := s.from("10.0.0.3")
		for range 3 {
			v.do("GET", "/v1/presence?ids=a", "").problem(wire.Unauthorized, "")
		}
		v.do("GET", "/v1/presence?ids=a", "").problem(wire.RateLimited, "")
		for range 5 {
			v.do("OPTIONS", "/v1/presence", "", "Origin", "http://127.0.0.1:8080", "Access-Control-Request-Method",
				"GET").want(204, "")
		}
		res := v.start("GET", "/v1/ws", "", "Connection", "Upgrade", "Upgrade", "websocket", "Sec-WebSocket-Version",
			"13", "Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ==")
		if res.Body.Close(); res.StatusCode != http.StatusSwitchingProtocols {
			t.Errorf("a socket: %s", res.Status)
		}
	})
}

func behindProxy(c *Config) {
	c.Limits.TrustedProxies = admit.Trusted{netip.MustParsePrefix("10.0.0.0/24")}
	c.Limits.MaxOpenByAddress = 1
}

// Through a proxy, limits by address count what is under way of each client: they all share its
// connections.
func TestClientsOfAProxy(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := serve(t, behindProxy)
		proxy := s.from("10.0.0.1")
		stream := proxy.start("GET", "/v1/events?ids=a", "v", "X-Forwarded-For", "203.0.113.7")
		if stream.StatusCode != 200 {
			t.Fatal(stream.Status)
		}
		ask := func(client string) answer {
			return proxy.do("GET", "/v1/presence?ids=a", "v", "X-Forwarded-For", client)
		}
		ask("203.0.113.7").problem(wire.RateLimited, "your address has 1 requests")
		ask("203.0.113.8").want(200, "")
		stream.Body.Close()
		synctest.Wait()
		ask("203.0.113.7").want(200, "")
	})
}

// A socket keeps its client's place until it ends.
func TestSocketsThroughAProxy(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := serve(t, behindProxy)
		proxy := s.from("10.0.0.1")
		upgrade := []string{
			"X-Forwarded-For", "203.0.113.7", "Connection", "Upgrade", "Upgrade", "websocket", "Sec-Websocket-Version",
			"13",
			"Sec-Websocket-Key", "AAAAAAAAAAAAAAAAAAAAAA==",
		}
		socket := proxy.start("GET", "/v1/ws", "v", upgrade...)
		if socket.StatusCode != 101 {
			t.Fatal(socket.Status)
		}
		proxy.do("GET", "/v1/presence?ids=a", "v", upgrade[:2]...).problem(wire.RateLimited, "")
		socket.Body.Close()
		synctest.Wait()
		proxy.do("GET", "/v1/presence?ids=a", "v", upgrade[:2]...).want(200, "")
	})
}

// What a stranger claims is not believed: its own address counts.
func TestForwardedByAStranger(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := serve(t, behindProxy, slowStrangers)
		v := s.from("203.0.113.7")
		for _, claim := range []string{"1.1.1.1", "1.1.1.2", "1.1.1.3"} {
			v.do("GET", "/v1/presence?ids=a", "", "X-Forwarded-For", claim).problem(wire.Unauthorized, "")
		}
		v.do("GET", "/v1/presence?ids=a", "", "X-Forwarded-For", "1.1.1.4").problem(wire.RateLimited, "")
	})
}

func TestHeaderLimits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := serve(t)
		v := s.from("203.0.113.7")
		long := strings.Repeat("x", 17<<10)
		v.do("GET", "/v1/presence?ids=a", "v", "X-Long", long).problem(wire.TooLarge, "16384 bytes")
		v.do("GET", "/v1/presence/"+long, "v").problem(wire.TooLarge, "only the ids of")
		v.do("GET", "/v1/presence?ids=a"+strings.Repeat("&", 100<<10), "v").want(200, "")
		if used := s.s.entrance.headers.Budget().Used(); used != 0 {
			t.Errorf("%d bytes are not given back", used)
		}
	})
}

// An event stream may last for days: it keeps nothing of what its line has drawn.
func TestStreamsGiveHeaderMemoryBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := serve(t)
		res := s.from("203.0.113.7").start("GET", "/v1/events?ids=a"+strings.Repeat("&", 100<<10), "v")
		defer res.Body.Close()
		synctest.Wait() // it is given back when the first event has been written
		if used := s.s.entrance.headers.Budget().Used(); res.StatusCode != 200 || used != 0 {
			t.Errorf("%d, %d bytes are not given back", res.StatusCode, used)
		}
	})
}

// A stranger's body isn't read: who announces a large one is refused at once, and its connection
// ends.
func TestBodyOfAStrangerIsNotRead(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := serve(t)
		c, err := s.pipes.dial(t.Context(), "", "")
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		if _,
			err := io.WriteString(c, "POST /v1/presence/query HTTP/1.1\r\nHost: 127.0.0.1:8080\r\nContent-Length: "+
			"1048576\r\n\r\n"); err != nil {
			t.Fatal(err)
		}
		begun := time.Now()
		res, err := http.ReadResponse(bufio.NewReader(c), nil)
		if err != nil {
			t.Fatal(err)
		}
		res.Body.Close()
		if took := time.Since(begun); res.StatusCode != 401 || took != 0 || !res.Close {
			t.Errorf("%d after %v, closed: %v; want 401 at once, and the end", res.StatusCode, took, res.Close)
		}
	})
}
