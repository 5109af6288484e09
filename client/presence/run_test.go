package presence

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
)

// recorder collects the events of Run.
type recorder struct{ events []Event }

func (r *recorder) take(e Event) { r.events = append(r.events, e) }

// losses are the errors of the Lost events.
func (r *recorder) losses() (all []string) {
	for _, e := range r.events {
		if l, ok := e.(Lost); ok {
			all = append(all, l.Err.Error())
		}
	}
	return all
}

var welcomed = Welcome{
	Participant: "ann", Device: "d", Node: "n1", HeartbeatInterval: 30 * time.Second, Features: []string{"status"},
}

// replaced ends a client.
func replaced(p *peer) { p.greet(); _ = p.ws.Close(CodeReplaced, "") }

// watching is a client of s that watches ids.
func (s *server) watching(ids ...string) *Client {
	c := New(s.config())
	if err := c.Watch(ids...); err != nil {
		s.t.Fatal(err)
	}
	return c
}

func TestRunSpeaksTheProtocol(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := serve(t, func(p *peer) {
			p.greet()
			p.want(`{"type":"subscribe","req":"1","ids":["bob","x\"<y"]}`)
			p.say(`{"type":"presence","req":"1","states":{"bob":"idle","x\"<y":"offline"}}`)
			p.say(`{"type":"self","state":"busy","override":"busy"}`)
			p.say(`{"type":"self","state":"busy","override":"busy"}`)
			p.say(`{"type":"error","code":"bad_request","message":"no"}`)
			p.say(`{"type":"of a newer server","what":1}`)
			p.want(`{"type":"heartbeat","req":"2","activity":"online"}`)
			p.say(`{"type":"ok","req":"2"}`)
			p.want(`{"type":"heartbeat","req":"3","activity":"online"}`)
			p.say(`{"type":"ok","req":"3"}`)
			p.want(`{"type":"goodbye"}`)
			_ = p.ws.Close(CodeGoodbye, "")
		})
		ctx, cancel := context.WithTimeout(t.Context(), 70*time.Second)
		defer cancel()
		c := s.watching("bob", `x"<y`)
		var r recorder
		if err := c.Run(ctx, r.take); err != nil {
			t.Errorf("Run: %v", err)
		}
		want := []Event{
			welcomed,
			States{"bob": "idle", `x"<y`: "offline"},
			Self{State: "busy", Override: "busy"},
			&Error{Code: "bad_request", Message: "no"},
		}
		if diff := cmp.Diff(want, r.events); diff != "" {
			t.Errorf("events (-want +got):\n%s", diff)
		}
		if took := time.Since(s.start); took != 70*time.Second {
			t.Errorf("left after %v; the goodbye should end it at once", took)
		}
	})
}

// TestLeaveIsBounded: a server that doesn't close after the goodbye, or doesn't read it or what was
// sent before, is left all the same.
func TestLeaveIsBounded(t *testing.T) {
	for name, hang := range map[string]func(*peer, chan struct{}){
		"no close": func(p *peer, _ chan struct{}) { _ = p.hang() },
		"no read":  func(_ *peer, end chan struct{}) { <-end },
	} {
		for _, watched := range [][]string{nil, {"bob"}} {
			synctest.Test(t, func(t *testing.T) {
				end := make(chan struct{})
				defer close(end)
				s := serve(t, func(p *peer) { p.greet(); hang(p, end) })
				ctx, cancel := context.WithTimeout(t.Context(), time.Second)
				defer cancel()
				if err := s.watching(watched...).Run(ctx, func(Event) {}); err != nil {
					t.Errorf("%s: Run: %v", name, err)
				}
				if took := time.Since(s.start); took != time.Second+leaveLimit {
					t.Errorf("%s, watched %q: left after %v", name, watched, took)
				}
			})
		}
	}
}

// TestAfterTheEnd: a pick that nothing will send fails at once, and a client runs once.
func TestAfterTheEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := New(serve(t, replaced).config())
		if err := c.Run(t.Context(), func(Event) {}); codeOf(err) != CodeReplaced {
			t.Fatal(err)
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		for range 2 {
			if err := c.SetOverride(ctx, Busy); codeOf(err) != CodeReplaced {
				t.Errorf("a pick: %v", err)
			}
		}
		if err := c.Run(ctx, func(Event) {}); !errors.Is(err, errRunTwice) {
			t.Errorf("again: %v", err)
		}
	})
}
