package presence

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/coder/websocket"
	"github.com/google/go-cmp/cmp"
)

// TestSubscriptionsSurvive: after a reconnect all are subscribed again, and the snapshot tells only
// what has changed.
func TestSubscriptionsSurvive(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := serve(t, func(p *peer) {
			p.greet()
			p.want(`{"type":"subscribe","req":"1","ids":["bob","carl"]}`)
			p.say(`{"type":"presence","req":"1","states":{"bob":"idle","carl":"online"}}`)
			_ = p.ws.Close(CodeSlowConsumer, "")
		}, func(p *peer) {
			p.greet()
			p.want(`{"type":"subscribe","req":"2","ids":["bob","carl"]}`)
			p.say(`{"type":"presence","req":"2","states":{"bob":"unknown","carl":"busy"}}`)
			_ = p.ws.Close(CodeReplaced, "")
		})
		c := s.watching("bob", "carl")
		var told []States
		_ = c.Run(t.Context(), func(e Event) {
			if states, ok := e.(States); ok {
				told = append(told, states)
			}
		})
		if diff := cmp.Diff([]States{{"bob": "idle", "carl": "online"}, {"carl": "busy"}}, told); diff != "" {
			t.Errorf("told (-want +got):\n%s", diff)
		}
		if c.State("bob") != Idle || c.State("carl") != Busy || c.State("dora") != Unknown {
			t.Errorf("bob %s, carl %s, dora %s", c.State("bob"), c.State("carl"), c.State("dora"))
		}
	})
}

// TestStale: what was known becomes unknown after a minute without a connection, and not earlier.
func TestStale(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := serve(t, func(p *peer) {
			p.greet()
			p.want(`{"type":"subscribe","req":"1","ids":["bob"]}`)
			p.say(`{"type":"presence","req":"1","states":{"bob":"idle"}}`)
			_ = p.ws.Close(CodeSlowConsumer, "")
		}, nil)
		ctx, cancel := context.WithTimeout(t.Context(), 5*time.Minute)
		defer cancel()
		var at []time.Duration
		_ = s.watching("bob").Run(ctx, func(e Event) {
			if states, ok := e.(States); ok && states["bob"] == Unknown {
				at = append(at, time.Since(s.start))
			}
		})
		if len(at) != 1 || at[0] != staleAfter {
			t.Errorf("unknown after %v; want once, after %v", at, staleAfter)
		}
	})
}

// TestOverrideSurvives: a pick that isn't acknowledged is sent again on the next connection, the
// latest alone, and both callers hear of it.
func TestOverrideSurvives(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		again := make(chan struct{})
		s := serve(t, func(p *peer) {
			p.greet()
			p.want(`{"type":"override","req":"1","override":"busy"}`)
			_ = p.ws.Close(CodeSlowConsumer, "")
		}, func(p *peer) {
			p.greet()
			p.want(`{"type":"override","req":"2","override":"busy"}`)
			close(again)
			p.want(`{"type":"override","req":"3","override":"auto"}`)
			p.say(`{"type":"ok","req":"2"}`)
			p.say(`{"type":"error","req":"3","code":"unavailable","message":"later"}`)
			p.want(`{"type":"override","req":"4","override":"auto"}`)
			p.say(`{"type":"ok","req":"4"}`)
			p.want(`{"type":"override","req":"5","override":"sad"}`)
			p.say(`{"type":"error","req":"5","code":"bad_request","message":"no"}`)
			p.want(`{"type":"override","req":"6","override":"busy"}`)
			_ = p.ws.Close(CodeReplaced, "")
		})
		c, done := New(s.config()), make(chan error)
		go func() { done <- c.Run(t.Context(), func(Event) {}) }()
		first := make(chan error)
		go func() { first <- c.SetOverride(t.Context(), Busy) }()
		<-again
		if err := c.SetOverride(t.Context(), Auto); err != nil {
			t.Error(err)
		}
		if err := <-first; err != nil {
			t.Error(err)
		}
		if err := c.SetOverride(t.Context(), "sad"); fmt.Sprint(err) != "bad_request: no" {
			t.Error(err)
		}
		if err := c.SetOverride(t.Context(), Busy); !errors.Is(err, errEnded) {
			t.Error(err)
		}
		if err := <-done; codeOf(err) != CodeReplaced {
			t.Error(err)
		}
	})
}

// TestActivity: a change is told at once, what comes and goes is not told at all, and a refused
// heartbeat is sent again.
func TestActivity(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := serve(t, func(p *peer) {
			p.greet()
			p.want(`{"type":"heartbeat","req":"1","activity":"idle"}`)
			if at := time.Since(p.s.start); at != time.Second {
				t.Errorf("told after %v", at)
			}
			p.say(`{"type":"error","req":"1","code":"rate_limited","message":"later"}`)
			p.want(`{"type":"heartbeat","req":"2","activity":"idle"}`)
			if at := time.Since(p.s.start); at < 2*time.Second || at > 3*time.Second {
				t.Errorf("told again after %v", at)
			}
			_ = p.ws.Close(CodeReplaced, "")
		})
		c, done := New(s.config()), make(chan error)
		go func() { done <- c.Run(t.Context(), func(Event) {}) }()
		time.Sleep(time.Second)
		c.SetActivity(Idle)
		<-done
	})
}

func TestWatchInChunks(t *testing.T) {
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
				var m request
				if err := json.Unmarshal(frame, &m); err != nil {
					t.Error(err)
				}
				sizes = append(sizes, len(m.IDs))
			}
		})
		ids := make([]string, 2500) // of the longest that there are
		for i := range ids {
			ids[i] = fmt.Sprintf("%04d", i) + strings.Repeat(`"`, maxIDBytes-4)
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		_ = s.watching(ids...).Run(ctx, func(Event) {})
		synctest.Wait()
		if diff := cmp.Diff([]int{1000, 1000, 500, 0}, sizes); diff != "" {
			t.Errorf("ids in each message (-want +got):\n%s", diff)
		}
	})
}

// TestHoldsLittle: a server can neither have long texts kept nor leave requests unanswered without
// end, by saying something else.
func TestHoldsLittle(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := serve(t, func(p *peer) {
			_, _, _ = p.ws.Read(t.Context())
			p.say(strings.Replace(welcome, "30000", "100", 1))
			p.say(`{"type":"presence","states":{"bob":"` + strings.Repeat("x", 1<<20) + `"}}`)
			for {
				if _, _, err := p.ws.Read(t.Context()); err != nil {
					return
				}
				_ = p.ws.Write(t.Context(), websocket.MessageText, []byte(`{"type":"of a newer server","states":[]}`))
			}
		}, replaced)
		c := s.watching("bob")
		var r recorder
		_ = c.Run(t.Context(), r.take)
		if said := r.losses(); len(said) != 1 || said[0] != errSilent.Error() {
			t.Errorf("said %q", said)
		}
		if c.State("bob") != Unknown {
			t.Errorf("bob is %.20s", c.State("bob"))
		}
	})
}
