package dial

import (
	"context"
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/coder/websocket"
	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// recorder collects the events of Keep.
type recorder struct {
	events []Event
	at     func(Event)
}

func (r *recorder) take(e Event) {
	r.events = append(r.events, e)
	if r.at != nil {
		r.at(e)
	}
}

var welcomed = Welcome{Participant: "ann", Device: "d", Node: "n1", HeartbeatInterval: 30 * time.Second}

func TestKeepSpeaksTheProtocol(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := serve(t, func(p *peer) {
			p.greet()
			p.want(`{"type":"subscribe","ids":["bob","x\"y"]}`)
			p.say(`{"type":"presence","states":{"bob":"idle"}}`)
			p.say(`{"type":"self","state":"busy","override":"busy"}`)
			p.say(`{"type":"error","code":"bad_request","message":"no"}`)
			p.say(`{"type":"of a newer server","what":1}`)
			p.want(`{"type":"heartbeat","activity":"online"}`)
			p.want(`{"type":"heartbeat","activity":"online"}`)
			p.want(`{"type":"goodbye"}`)
			_ = p.ws.Close(CodeGoodbye, "")
		})
		ctx, cancel := context.WithTimeout(t.Context(), 70*time.Second)
		defer cancel()
		c := s.config()
		c.Watch = []string{"bob", `x"y`}
		var r recorder
		if err := Keep(ctx, c, r.take); err != nil {
			t.Errorf("Keep: %v", err)
		}
		want := []Event{welcomed, Presence{map[string]string{"bob": "idle"}}, Self{"busy", "busy"}, Failure{"bad_request", "no"}}
		if diff := cmp.Diff(want, r.events); diff != "" {
			t.Errorf("events (-want +got):\n%s", diff)
		}
		if took := time.Since(s.start); took != 70*time.Second {
			t.Errorf("left after %v; the goodbye should end it at once", took)
		}
	})
}

// TestLeaveIsBounded: a server that doesn't close after the goodbye is left all the same.
func TestLeaveIsBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := serve(t, func(p *peer) { p.greet(); _ = p.hang() })
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if err := Keep(ctx, s.config(), func(Event) {}); err != nil {
			t.Errorf("Keep: %v", err)
		}
		if took := time.Since(s.start); took != time.Second+leaveTimeout {
			t.Errorf("left after %v", took)
		}
	})
}

func TestDoesNotComeBack(t *testing.T) {
	for _, tc := range []struct {
		code  websocket.StatusCode
		again bool
	}{
		{1000, false},
		{4001, false},
		{4002, false},
		{4004, false},
		{4006, false},
		{1001, true},
		{1009, true},
		{4003, true},
		{4005, true},
		{4008, true},
		{1011, true},
	} {
		synctest.Test(t, func(t *testing.T) {
			s := serve(t, func(p *peer) { p.greet(); _ = p.ws.Close(tc.code, "because"); _ = p.hang() })
			ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
			defer cancel()
			var r recorder
			err := Keep(ctx, s.config(), r.take)
			var c *Closed
			if again := len(s.dials) > 1; again != tc.again {
				t.Errorf("%d: came back: %v, want %v", tc.code, again, tc.again)
			}
			if !tc.again && (!errors.As(err, &c) || c.Code != int(tc.code) || c.Reason != "because") {
				t.Errorf("%d: ended with %v", tc.code, err)
			}
		})
	}
}

func TestFirstAttemptMustSucceed(t *testing.T) {
	for name, tc := range map[string]struct {
		step func(*peer)
		says string
	}{
		"refused upgrade": {nil, "this node is leaving"},
		"refused hello": {func(p *peer) {
			p.want(hello)
			p.say(`{"type":"error","code":"invalid_id","message":"bad device"}`)
			_ = p.hang()
		}, "bad device"},
		"hung up":  {func(p *peer) { p.want(hello); _ = p.ws.Close(4001, "who?") }, "who?"},
		"not JSON": {func(p *peer) { p.want(hello); p.say(`hello`); _ = p.hang() }, "not a message"},
		"silence":  {func(p *peer) { _ = p.hang() }, "deadline"},
	} {
		synctest.Test(t, func(t *testing.T) {
			s := serve(t, tc.step)
			err := Keep(t.Context(), s.config(), func(Event) {})
			if err == nil || !strings.Contains(err.Error(), tc.says) {
				t.Errorf("%s: %v", name, err)
			}
			if len(s.dials) != 1 {
				t.Errorf("%s: %d attempts", name, len(s.dials))
			}
		})
	}
}

// TestReconnectKeepsItsTime: after_ms is kept whether the server hangs up before it or not at all.
func TestReconnectKeepsItsTime(t *testing.T) {
	leave := `{"type":"reconnect","after_ms":20000}`
	for name, first := range map[string]func(*peer){
		"hangs up early":  func(p *peer) { p.greet(); p.say(leave); _ = p.ws.Close(CodeLeaving, "") },
		"doesn't hang up": func(p *peer) { p.greet(); p.say(leave); _ = p.hang() },
	} {
		synctest.Test(t, func(t *testing.T) {
			s := serve(t, first, func(p *peer) { p.greet(); _ = p.ws.Close(4006, "") })
			var r recorder
			if err := Keep(t.Context(), s.config(), r.take); err == nil {
				t.Errorf("%s: no error after 4006", name)
			}
			if diff := cmp.Diff([]time.Duration{0, 20 * time.Second}, s.dials); diff != "" {
				t.Errorf("%s: attempts (-want +got):\n%s", name, diff)
			}
		})
	}
}

// TestSilentServer: one that neither answers pings nor closes is given up, and tried again.
func TestSilentServer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		block := make(chan struct{})
		s := serve(t, func(p *peer) { p.greet(); <-block },
			func(p *peer) { p.greet(); _ = p.ws.Close(4006, "") })
		_ = Keep(t.Context(), s.config(), func(Event) {})
		close(block)
		if len(s.dials) != 2 {
			t.Fatalf("attempts at %v, want 2", s.dials)
		}
		latest := welcomed.HeartbeatInterval + pingTimeout + shortestWait
		if s.dials[1] < welcomed.HeartbeatInterval || s.dials[1] > latest {
			t.Errorf("second attempt at %v, want at most %v", s.dials[1], latest)
		}
	})
}

func TestBackoff(t *testing.T) {
	most := func(n int64) int64 { return n - 1 }
	for attempt, want := range []time.Duration{0: shortestWait, 1: 2 * shortestWait, 4: 8 * time.Second, 5: longestWait, 63: longestWait} {
		if want != 0 && backoff(attempt, most) != want {
			t.Errorf("attempt %d waits up to %v, want %v", attempt, backoff(attempt, most), want)
		}
		if backoff(attempt, func(int64) int64 { return 0 }) != 0 {
			t.Errorf("attempt %d: jitter must be full", attempt)
		}
	}
}

func TestSubscribeInChunks(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var sizes []int
		s := serve(t, func(p *peer) {
			p.greet()
			p.ws.SetReadLimit(256 << 10)
			for {
				_, frame, err := p.ws.Read(t.Context())
				if err != nil {
					return
				}
				sizes = append(sizes, strings.Count(string(frame), `"x"`))
			}
		})
		ids := make([]string, 2500)
		for i := range ids {
			ids[i] = "x"
		}
		c, err := Dial(t.Context(), s.config())
		if err != nil {
			t.Fatal(err)
		}
		if err := c.Subscribe(t.Context(), ids...); err != nil {
			t.Error(err)
		}
		synctest.Wait()
		c.CloseNow()
		synctest.Wait()
		if diff := cmp.Diff([]int{1000, 1000, 500}, sizes); diff != "" {
			t.Errorf("ids in each message (-want +got):\n%s", diff)
		}
	})
}

func TestEndpoint(t *testing.T) {
	for server, want := range map[string]string{
		"http://127.0.0.1:8080":       "ws://127.0.0.1:8080/v1/ws",
		"https://example.com/chat/":   "wss://example.com/chat/v1/ws",
		"example.com":                 "",
		"ftp://example.com":           "",
		"http://":                     "",
		"http://exa mple.com":         "",
		"localhost:8080":              "",
		"http://[::1]:8080":           "ws://[::1]:8080/v1/ws",
		"http://127.0.0.1:8080/?a=b#": "ws://127.0.0.1:8080/v1/ws?a=b",
	} {
		if got, err := endpoint(server); got != want || (err == nil) != (want != "") {
			t.Errorf("%s: %q, %v; want %q", server, got, err, want)
		}
	}
}

func FuzzDecode(f *testing.F) {
	f.Add([]byte(welcome))
	f.Add([]byte(`{"type":"presence","states":{"a":"online"}}`))
	f.Add([]byte(`{"type":"reconnect","after_ms":-9223372036854775808}`))
	f.Fuzz(func(t *testing.T, frame []byte) {
		event, err := decode(frame)
		if err != nil && event != nil {
			t.Errorf("an event and an error: %v, %v", event, err)
		}
		if r, ok := event.(Reconnect); ok && (r.After < 0 || r.After > 24*time.Hour) {
			t.Errorf("a wait of %v", r.After)
		}
	})
}
