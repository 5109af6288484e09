package gateway

import (
	"bufio"
	"context"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/scaiwave/presence/cluster"
	"github.com/scaiwave/presence/gateway/wire"
)

// reading collects the events of a stream.
type reading struct {
	t    *testing.T
	res  *http.Response
	in   *bufio.Reader
	quit context.CancelFunc
}

func (s *serving) stream(t *testing.T, query, token string) *reading {
	t.Helper()
	ctx, quit := context.WithCancel(t.Context())
	r, err := http.NewRequestWithContext(ctx, "GET", "http://127.0.0.1:8080/v1/events?"+query, nil)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Authorization", "Bearer "+token)
	res, err := s.client.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	if ct := res.Header.Get("Content-Type"); res.StatusCode != 200 || ct != "text/event-stream" {
		body, _ := io.ReadAll(res.Body)
		t.Fatalf("%d %s %s", res.StatusCode, ct, body)
	}
	st := &reading{t: t, res: res, in: bufio.NewReader(res.Body), quit: quit}
	t.Cleanup(st.close)
	return st
}

func (st *reading) close() {
	st.quit()
	st.res.Body.Close()
}

// next returns the next block, up to an empty line; "" at the end of the stream.
func (st *reading) next() string {
	st.t.Helper()
	var block strings.Builder
	for {
		line, err := st.in.ReadString('\n')
		if err == io.EOF {
			return block.String()
		}
		if err != nil {
			st.t.Fatal(err)
		}
		if line == "\n" {
			return block.String()
		}
		block.WriteString(line)
	}
}

func (st *reading) want(blocks ...string) {
	st.t.Helper()
	for _, want := range blocks {
		if got := st.next(); got != want {
			st.t.Errorf("event %q, want %q", got, want)
		}
	}
}

func event(states string) string { return "event: presence\ndata: {\"states\":" + states + "}\n" }

const keepAlive = ":\n"

func TestEvents(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := serve(t)
		s.online("a")
		st := s.stream(t, "ids=a,b&ids=a", "viewer")
		st.want(event(`{"a":"online","b":"offline"}`))
		s.do("PUT", "/v1/presence/a/override", "a", `{"override":"busy"}`).want(204, "")
		st.want(event(`{"a":"busy"}`))
		s.online("b")
		st.want(event(`{"b":"online"}`))
		s.online("b", "c")
		start := time.Now()
		st.want(keepAlive, keepAlive)
		if took := time.Since(start); took != 30*time.Second {
			t.Errorf("two comments after %v", took)
		}
		st.want(keepAlive, keepAlive)
		start = start.Add(65 * time.Second)
		got := st.next()
		if got == event(`{"a":"offline"}`) { // the two run out in the same tick, in either order
			got = st.next()
		}
		if took := time.Since(start); took > 200*time.Millisecond || !strings.Contains(got, `"b":"offline"`) {
			t.Errorf("%q, %v after the deadline", got, took)
		}
	})
}

func TestEventsAsViewer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := serve(t)
		s.online("hidden")
		s.do("PUT", "/v1/presence/hidden/override", "hidden", `{"override":"appear_offline"}`).want(204, "")
		for query, tt := range map[string]struct{ token, want string }{
			"ids=hidden":               {"stranger", "offline"},
			"ids=hidden&":              {"hidden", "appear_offline"},
			"&ids=hidden":              {"svc|s", "offline"},
			"ids=hidden&viewer=hidden": {"svc|s", "appear_offline"},
		} {
			s.stream(t, query, tt.token).want(event(`{"hidden":"` + tt.want + `"}`))
		}
		friend := s.stream(t, "ids=hidden&viewer=friend", "svc|s")
		stranger := s.stream(t, "ids=hidden", "stranger")
		friend.want(event(`{"hidden":"offline"}`))
		stranger.want(event(`{"hidden":"offline"}`))
		s.do("POST", "/v1/direct-messages", "svc|s",
			`{"direct_messages":[{"participants":["hidden","friend"]}]}`).want(200, "")
		friend.want(event(`{"hidden":"online"}`))
		stranger.want(keepAlive)
	})
}

func TestEventsRefused(t *testing.T) {
	g := newGate(t)
	g.do("GET", "/v1/events", "v", "").problem(wire.BadRequest, "ids is missing")
	g.do("GET", "/v1/events?ids=a,,b", "v", "").problem(wire.InvalidID, "item 1")
	g.do("GET", "/v1/events?ids=a&viewer=b", "v", "").problem(wire.Forbidden, "presence:service")
	g.do("GET", "/v1/events?ids=a&x=1", "v", "").problem(wire.BadRequest, "unknown parameter")
	g.do("GET", "/v1/events?ids="+strings.Repeat("a,", 1000)+"a", "v", "").problem(wire.TooManyIDs, "1000")
	g.do("HEAD", "/v1/events?ids=a", "v", "").want(200, "")
	if got := g.s.hub.Stats().Viewers; got != 0 {
		t.Errorf("%d viewers left", got)
	}
}

func TestEventsTellUnknown(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := serve(t)
		s.node.failWith(cluster.ErrUnavailable)
		st := s.stream(t, "ids=a,b", "v")
		if got := st.res.Header.Get("Presence-Unknown"); got != "2" {
			t.Errorf("Presence-Unknown %q", got)
		}
		st.want(event(`{"a":"unknown","b":"unknown"}`))
	})
}

func TestEventsEndWithTheToken(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		start := time.Now()
		s := serve(t, func(c *Config) { c.Auth = scopes{expires: start.Add(44 * time.Second)} })
		st := s.stream(t, "ids=a", "v")
		st.want(event(`{"a":"offline"}`), keepAlive, keepAlive, "")
		if took := time.Since(start); took != 44*time.Second {
			t.Errorf("ended after %v", took)
		}
	})
}

func TestEventsEndWithTheClient(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := serve(t)
		st := s.stream(t, "ids=a", "v")
		st.want(event(`{"a":"offline"}`))
		st.close()
		synctest.Wait()
		if n := s.s.streams.count(); n != 0 {
			t.Errorf("%d streams left", n)
		}
		if h := s.s.hub.Stats(); h.Topics != 0 || h.Viewers != 0 {
			t.Errorf("the hub keeps %+v", h)
		}
	})
}

func TestConnectionLimit(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := serve(t, func(c *Config) { c.Limits.MaxConnections = 2 })
		first := s.stream(t, "ids=a", "v")
		s.stream(t, "ids=a", "v")
		s.do("GET", "/v1/events?ids=a", "v", "").problem(wire.Unavailable, "2 connections")
		s.do("GET", "/v1/ws", "v", "").problem(wire.Unavailable, "2 connections")
		first.close()
		synctest.Wait()
		s.stream(t, "ids=a", "v")
		if got := s.metric("presence_connections_refused_total"); got != "2" {
			t.Errorf("%s refused", got)
		}
	})
}

func TestStreamsOfOneParticipant(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := serve(t, func(c *Config) { c.Limits.MaxSockets = 2 })
		first := s.stream(t, "ids=a", "v")
		s.stream(t, "ids=a", "v")
		a := s.do("GET", "/v1/events?ids=a", "v", "").problem(wire.RateLimited, "2 event streams")
		if a.header.Get("Retry-After") == "" {
			t.Error("no Retry-After")
		}
		s.stream(t, "ids=a", "w")
		for range 3 {
			s.stream(t, "ids=a", "backend|s")
		}
		first.close()
		synctest.Wait()
		s.stream(t, "ids=a", "v")
		if got := s.metric("presence_event_streams_refused_total"); got != "1" {
			t.Errorf("%s refused", got)
		}
	})
}

// A client that doesn't read is closed, and counted.
func TestSlowStream(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := serve(t)
		c, err := s.pipes.dial(t.Context(), "", "")
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		if _,
			err := io.WriteString(c,
			"GET /v1/events?ids=a HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer v\r\n\r\n"); err != nil {
			t.Fatal(err)
		}
		time.Sleep(11 * time.Second)
		synctest.Wait()
		if n := s.s.streams.count(); n != 0 {
			t.Errorf("%d streams left", n)
		}
		if got := s.metric("presence_event_streams_slow_total"); got != "1" {
			t.Errorf("%s slow streams", got)
		}
	})
}

func TestDrain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := serve(t)
		st := s.stream(t, "ids=a", "v")
		st.want(event(`{"a":"offline"}`))
		s.s.Drain(t.Context())
		if got := st.next(); !strings.HasPrefix(got, "retry: ") ||
			!strings.HasSuffix(got, "\n: this node is leaving\n") {
			t.Errorf("last words %q", got)
		}
		st.want("")
		s.do("GET", "/v1/events?ids=a", "v", "").problem(wire.Unavailable, "leaving")
		s.do("GET", "/v1/ws", "v", "").problem(wire.Unavailable, "leaving")
		s.do("GET", "/v1/presence?ids=a", "v", "").want(200, `{"a":"offline"}`)
		s.do("PUT", "/v1/presence/me/devices/d", "v", `{"activity":"idle"}`).want(204, "")
		s.s.Drain(t.Context())
		if err := s.server.Shutdown(t.Context()); err != nil {
			t.Error(err)
		}
	})
}
