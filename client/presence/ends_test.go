package presence

import (
	"context"
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/coder/websocket"
	"github.com/google/go-cmp/cmp"
)

func TestComesBack(t *testing.T) {
	for _, tc := range []struct {
		code         websocket.StatusCode
		fixed, asked bool // comes back with a fixed token, with a function
	}{
		{1000, false, false},
		{4001, false, true},
		{4002, false, true},
		{4004, false, false},
		{4006, false, false},
		{1001, true, true},
		{1009, true, true},
		{4003, true, true},
		{4005, true, true},
		{4008, true, true},
		{1011, true, true},
	} {
		for _, fixed := range []bool{true, false} {
			synctest.Test(t, func(t *testing.T) {
				s := serve(t, func(p *peer) { p.greet(); _ = p.ws.Close(tc.code, "because"); _ = p.hang() })
				config, want := s.config(), tc.fixed
				if !fixed {
					config.NewToken = func(context.Context) (string, error) { return "ann", nil }
					want = tc.asked
				}
				ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
				defer cancel()
				err := New(config).Run(ctx, func(Event) {})
				if again := len(s.dials) > 1; again != want {
					t.Errorf("%d, fixed %v: came back: %v, want %v", tc.code, fixed, again, want)
				}
				var c *Closed
				if !want && (!errors.As(err, &c) || c.Code != int(tc.code) || c.Reason != "because") {
					t.Errorf("%d: ended with %v", tc.code, err)
				}
			})
		}
	}
}

// refuse answers a hello by an error, and closes unless the code is 0.
func refuse(code string, closing websocket.StatusCode) func(*peer) {
	return func(p *peer) {
		p.want(hello)
		p.say(`{"type":"error","code":"` + code + `","message":"words"}`)
		if closing != 0 {
			_ = p.ws.Close(closing, "")
		}
		_ = p.hang()
	}
}

// TestRefusals: what the server says to a hello ends the client, or is tried again.
func TestRefusals(t *testing.T) {
	for name, tc := range map[string]struct {
		first func(*peer)
		says  string
		again bool
	}{
		"a bad id":              {refuse("invalid_id", 0), "invalid_id: words", false},
		"not now":               {refuse("unavailable", 0), "unavailable: words", true},
		"too often":             {refuse("rate_limited", 0), "rate_limited: words", true},
		"too many devices":      {refuse("too_many_devices", 0), "too_many_devices: words", true},
		"a token":               {refuse("unauthorized", 4001), "unauthorized: words", false},
		"an old token":          {refuse("unauthorized", 4002), "the token has expired: words", false},
		"a token, and hangs":    {refuse("unauthorized", 0), "unauthorized: words", false},
		"too large a hello":     {func(p *peer) { p.want(hello); _ = p.ws.Close(1009, "") }, "too large", false},
		"an upgrade":            {nil, "this node is leaving", true},
		"what is no message":    {func(p *peer) { p.want(hello); p.say(`hello`); _ = p.hang() }, "not a message", true},
		"nothing, and is quiet": {func(p *peer) { _ = p.hang() }, "deadline", true},
	} {
		synctest.Test(t, func(t *testing.T) {
			s := serve(t, tc.first, replaced)
			var r recorder
			err := New(s.config()).Run(t.Context(), r.take)
			if again := len(s.dials) == 2; again != tc.again {
				t.Fatalf("%s: %d attempts, %v", name, len(s.dials), err)
			}
			if tc.again {
				err = errors.New(strings.Join(r.losses(), ", "))
			}
			if err == nil || !strings.Contains(err.Error(), tc.says) {
				t.Errorf("%s: %v", name, err)
			}
		})
	}
}

// TestTokenFunction: it is asked at each attempt. A refusal is followed by at least half a ceiling,
// an expiry of a good token by nothing.
func TestTokenFunction(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		answers := []string{"old", "", "wrong", "good"}
		step := func(token string, code websocket.StatusCode) func(*peer) {
			return func(p *peer) {
				p.want(strings.Replace(hello, "ann", token, 1))
				p.say(welcome)
				_ = p.ws.Close(code, "")
			}
		}
		s := serve(t, step("old", CodeTokenExpired), step("wrong", CodeUnauthorized), step("good", CodeReplaced))
		config := s.config()
		config.NewToken = func(context.Context) (string, error) {
			token := answers[0]
			answers = answers[1:]
			if token == "" {
				return "", errors.New("no issuer")
			}
			return token, nil
		}
		var waits []time.Duration
		var said []string
		_ = New(config).Run(t.Context(), func(e Event) {
			if l, ok := e.(Lost); ok {
				waits, said = append(waits, l.RetryIn), append(said, l.Err.Error())
			}
		})
		if len(answers) != 0 || len(waits) != 3 {
			t.Fatalf("not asked for: %q; %v, %q", answers, waits, said)
		}
		if said[1] != "the token function failed: no issuer" {
			t.Errorf("said %q", said[1])
		}
		for i, least := range []time.Duration{0, time.Second, 2 * time.Second} {
			if waits[i] < least || waits[i] > 2*least {
				t.Errorf("pause %d took %v; want %v to %v", i, waits[i], least, 2*least)
			}
		}
	})
}

// TestReconnectKeepsItsTime: after_ms is kept whether the server hangs up before it or not at all.
func TestReconnectKeepsItsTime(t *testing.T) {
	leave := `{"type":"reconnect","after_ms":20000}`
	for name, first := range map[string]func(*peer){
		"hangs up early":  func(p *peer) { p.greet(); p.say(leave); _ = p.ws.Close(CodeLeaving, "") },
		"doesn't hang up": func(p *peer) { p.greet(); p.say(leave); _ = p.hang() },
	} {
		synctest.Test(t, func(t *testing.T) {
			s := serve(t, first, replaced)
			if err := New(s.config()).Run(t.Context(), func(Event) {}); err == nil {
				t.Errorf("%s: no error after 4006", name)
			}
			if diff := cmp.Diff([]time.Duration{0, 20 * time.Second}, s.dials); diff != "" {
				t.Errorf("%s: attempts (-want +got):\n%s", name, diff)
			}
		})
	}
}

// TestNodeHangsUpFirst: the old connection stays until the node ends it, so that the device doesn't
// linger; for 5 s at most.
func TestNodeHangsUpFirst(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var ended time.Duration
		start := time.Now()
		s := serve(t, func(p *peer) {
			p.greet()
			p.say(`{"type":"reconnect","after_ms":1000}`)
			_ = p.hang()
			ended = time.Since(start)
		}, func(p *peer) { p.greet(); _ = p.hang() })
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		if err := New(s.config()).Run(ctx, func(Event) {}); err != nil {
			t.Error(err)
		}
		synctest.Wait()
		if want := time.Second + retiredLimit; ended != want {
			t.Errorf("the old connection ended after %v; want %v", ended, want)
		}
	})
}

// TestSilentServer: one that takes what is sent and answers nothing is given up, and so is one that
// reads nothing.
func TestSilentServer(t *testing.T) {
	for name, hang := range map[string]func(p *peer, end chan struct{}){
		"reads":        func(p *peer, _ chan struct{}) { _ = p.hang() },
		"doesn't read": func(_ *peer, end chan struct{}) { <-end },
	} {
		for _, device := range []string{"d", ""} {
			synctest.Test(t, func(t *testing.T) {
				end := make(chan struct{})
				greet := func(p *peer) { _, _, _ = p.ws.Read(t.Context()); p.say(welcome) }
				s := serve(t, func(p *peer) { greet(p); hang(p, end) },
					func(p *peer) { greet(p); _ = p.ws.Close(CodeReplaced, "") })
				config := s.config()
				config.Device = device
				var r recorder
				_ = New(config).Run(t.Context(), r.take)
				close(end)
				if said := r.losses(); name == "reads" && said[0] != errSilent.Error() {
					t.Errorf("said %q", said)
				}
				if len(s.dials) != 2 {
					t.Fatalf("%s: attempts at %v, want 2", name, s.dials)
				}
				latest := welcomed.HeartbeatInterval + replyLimit + shortestCeiling + leaveLimit
				if s.dials[1] < welcomed.HeartbeatInterval+replyLimit || s.dials[1] > latest {
					t.Errorf("%s: second attempt at %v, want at most %v", name, s.dials[1], latest)
				}
			})
		}
	}
}
