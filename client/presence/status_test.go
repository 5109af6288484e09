package presence

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
)

// TestStatusCalls: each call is the request of docs/api.md, and reads its answer.
func TestStatusCalls(t *testing.T) {
	var method, path, body string
	answer := ""
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		text, _ := io.ReadAll(r.Body)
		method, path, body = r.Method, r.URL.RequestURI(), string(text)
		_, _ = io.WriteString(w, answer)
	}))
	defer s.Close()
	a, ctx := API{Server: s.URL, Token: "t", HTTP: s.Client()}, t.Context()
	end := time.Date(2026, 12, 24, 0, 0, 0, 0, time.UTC)
	for want, call := range map[string]func() error{
		`PUT /v1/presence/me/status {"text":"On a train","emoji":"🚆"}`: func() error {
			return a.SetStatus(ctx, "me", Status{Text: "On a train", Emoji: "🚆"})
		},
		`PUT /v1/presence/a%2Fb/status {"emoji":"x","expires_at":"2026-12-24T00:00:00Z"}`: func() error {
			return a.SetStatus(ctx, "a/b", Status{Emoji: "x", Until: end}, End{For: time.Hour})
		},
		`PUT /v1/presence/me/status {"text":"x","expires_in":2}`: func() error {
			return a.SetStatus(ctx, "me", Status{Text: "x"}, End{For: 1001 * time.Millisecond})
		},
		`PUT /v1/presence/ada/status {"text":"x","public":true}`: func() error {
			return a.SetPublicStatus(ctx, "ada", Status{Text: "x"})
		},
		`DELETE /v1/presence/ada/status `:             func() error { return a.ClearStatus(ctx, "ada") },
		`DELETE /v1/presence/ada/status?public=true `: func() error { return a.ClearPublicStatus(ctx, "ada") },
		`PUT /v1/presence/ada/busy/call {"expires_in":90}`: func() error {
			return a.Claim(ctx, "ada", "call", End{For: 90 * time.Second})
		},
		`PUT /v1/presence/ada/busy/call {"expires_at":"2026-12-24T00:00:00Z"}`: func() error {
			return a.Claim(ctx, "ada", "call", End{Until: end})
		},
		`DELETE /v1/presence/ada/busy/a%2Fb `: func() error { return a.EndClaim(ctx, "ada", "a/b") },
		`PUT /v1/presence/me/override {"override":"busy","expires_in":1800}`: func() error {
			return a.SetOverride(ctx, "me", Busy, End{For: 30 * time.Minute})
		},
		`PUT /v1/presence/me/override {"override":"busy"}`: func() error { return a.SetOverride(ctx, "me", Busy) },
		`DELETE /v1/presence/me/override `:                 func() error { return a.SetOverride(ctx, "me", Auto) },
		`PUT /v1/participants/bot {"kind":"helper"}`:       func() error { return a.Register(ctx, "bot", "helper") },
		`PUT /v1/participants/bot {"availability":"heartbeat","kind":"helper"}`: func() error {
			return a.Register(ctx, "bot", "helper", "heartbeat")
		},
	} {
		if err := call(); err != nil || method+" "+path+" "+body != want {
			t.Errorf("%s %s %s, %v; want %s", method, path, body, err, want)
		}
	}
	answer = `{"participant_id":"me","state":"busy","last_seen":null,"status":{"text":"x","emoji":"","expires_at":null},` +
		`"override":"busy","override_expires_at":"2026-12-24T00:00:00.000Z",` +
		`"busy":[{"source":"call","expires_at":"2026-12-24T00:00:00.000Z"}],"devices":[]}`
	want := Record{
		Participant: "me", State: Busy, Status: &Status{Text: "x"}, Override: Busy, OverrideUntil: end,
		Busy: []Claim{{"call", end}}, Devices: []Device{},
	}
	if got, err := a.Record(ctx, "me"); err != nil || cmp.Diff(want, got) != "" {
		t.Errorf("%+v, %v; want %+v", got, err, want)
	}
}

// TestWatchWithStatuses: what changes comes with the states that change, and a snapshot after a
// reconnect tells what is gone.
func TestWatchWithStatuses(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		s := serve(t, func(p *peer) {
			p.greet()
			p.want(`{"type":"subscribe","req":"1","ids":["bob","carl"],"with":["status"]}`)
			p.say(`{"type":"presence","states":{"bob":"idle","carl":"offline"},"statuses":{"bob":` + train + `},"req":"1"}`)
			p.say(`{"type":"presence","states":{},"statuses":{"carl":` + train + `,"stranger":` + train + `}}`)
			p.say(`{"type":"presence","states":{"bob":"online"},"statuses":{}}`)
		}, func(p *peer) {
			p.greet()
			p.want(`{"type":"subscribe","req":"2","ids":["bob","carl"],"with":["status"]}`)
			p.say(`{"type":"presence","states":{"bob":"online","carl":"offline"},"statuses":{"carl":` + train + `},"req":"2"}`)
			_ = p.hang()
		})
		config := s.config()
		config.Statuses = true
		c := New(config)
		if err := c.Watch("bob", "carl"); err != nil {
			t.Fatal(err)
		}
		said := &Status{Text: "On a train", Emoji: "🚆", Until: time.Date(2026, 12, 24, 0, 0, 0, 0, time.UTC)}
		want := []Event{
			Seen{States{"bob": Idle, "carl": Offline}, map[string]*Status{"bob": said}},
			Seen{States{}, map[string]*Status{"carl": said}},
			Seen{States{"bob": Online}, map[string]*Status{}},
			Seen{States{}, map[string]*Status{"bob": nil}},
		}
		var got []Event
		_ = c.Run(ctx, func(e Event) {
			if _, ok := e.(Seen); !ok {
				return
			}
			if got = append(got, e); len(got) == len(want) {
				if c.Status("bob") != nil || !sameStatus(c.Status("carl"), said) || c.Status("dora") != nil {
					t.Errorf("known: %+v, %+v", c.Status("bob"), c.Status("carl"))
				}
				cancel()
			}
		})
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("events (-want +got):\n%s", diff)
		}
	})
}

const train = `{"text":"On a train","emoji":"🚆","expires_at":"2026-12-24T00:00:00.000Z"}`

// TestServerWithoutStatuses: they are not asked for, and what was known is over.
func TestServerWithoutStatuses(t *testing.T) {
	i := &interest{topics: make(map[string]*topic), statuses: true, full: true}
	_ = i.add([]string{"a"})
	if r := i.next(); len(r.message.With) != 1 {
		t.Errorf("asks for %+v", r.message)
	}
	i.apply(&reply{Req: "1", States: States{"a": Online}, Statuses: map[string]*Status{"a": {Text: "x"}}})
	i.reset()
	i.full = false
	if r := i.next(); len(r.message.With) != 0 {
		t.Errorf("asks for %+v", r.message)
	}
	want := Seen{States{}, map[string]*Status{"a": nil}}
	if diff := cmp.Diff(Event(want), i.apply(&reply{Req: "1", States: States{"a": Online}})); diff != "" {
		t.Errorf("told (-want +got):\n%s", diff)
	}
}

// TestStatusStaysWhileUnknown: a snapshot that can't tell a state can't tell a status either. What
// is known stays until one of them is told.
func TestStatusStaysWhileUnknown(t *testing.T) {
	i := &interest{topics: make(map[string]*topic), statuses: true, full: true}
	_ = i.add([]string{"a", "b", "c"})
	x, y := &Status{Text: "x"}, &Status{Text: "y"}
	i.apply(&reply{
		Req: "1", States: States{"a": Online, "b": Online, "c": Idle}, Statuses: map[string]*Status{"a": x, "b": x},
	})
	i.reset()
	for _, step := range []struct {
		reply reply
		want  Event
	}{
		{reply{Req: "2", States: States{"a": Unknown, "b": Unknown, "c": Unknown}}, nil},
		{reply{States: States{"a": Online}}, Seen{States{}, map[string]*Status{"a": nil}}},
		{
			reply{States: States{"b": Busy}, Statuses: map[string]*Status{"b": y}},
			Seen{States{"b": Busy}, map[string]*Status{"b": y}},
		},
		{reply{States: States{"b": Idle}}, Seen{States{"b": Idle}, map[string]*Status{}}},
		{reply{States: States{"c": Idle}}, nil},
	} {
		if diff := cmp.Diff(step.want, i.apply(&step.reply)); diff != "" {
			t.Errorf("%+v (-want +got):\n%s", step.reply, diff)
		}
	}
}

// TestPicksThatAreOver: nothing is said for a second whose time is over. What has no end, or a time
// that the server may see otherwise, is said.
func TestPicksThatAreOver(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var p picks
		say := func(e End) *outcome {
			return p.set(e, func(since time.Duration) request { return request{given: e.given(since)} })
		}
		late := say(End{For: time.Minute})
		time.Sleep(time.Minute)
		if out := p.next(); out != nil || !errors.Is(late.wait(t.Context()), errOver) {
			t.Errorf("it says %+v", out)
		}
		for _, c := range []struct {
			end  End
			want given
		}{
			{End{}, given{}},
			{End{For: time.Minute}, given{For: 1}},
			{End{For: -time.Millisecond}, given{For: -60}},
			{End{Until: time.Now()}, given{Until: time.Now()}},
		} {
			say(c.end)
			time.Sleep(time.Minute - time.Millisecond)
			if out := p.next(); out == nil || out.message.given != c.want {
				t.Errorf("%+v: it says %+v", c.end, out)
			}
		}
		if got := (End{For: -time.Millisecond}).given(0); got.For != -1 { // which the server refuses
			t.Errorf("it says %+v", got)
		}
	})
}

// TestPicksWithAnEnd: each is said until it is acknowledged, and its end doesn't move by that.
func TestPicksWithAnEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		s := serve(t, func(p *peer) {
			p.greet()
			p.want(`{"type":"status","req":"1","status":{"text":"x","expires_in":100}}`)
			time.Sleep(20 * time.Second)
			p.say(`{"type":"error","code":"unavailable","message":"later","req":"1"}`)
			p.want(`{"type":"status","req":"2","status":{"text":"x","expires_in":79}}`)
			p.say(`{"type":"ok","req":"2"}`)
			p.want(`{"type":"override","req":"3","override":"busy","expires_in":60}`)
			p.say(`{"type":"ok","req":"3"}`)
			p.say(`{"type":"self","state":"busy","override":"busy",` +
				`"override_expires_at":"2026-12-24T00:00:00.000Z","busy":["call"]}`)
			p.want(`{"type":"status","req":"4","status":null}`)
			p.say(`{"type":"ok","req":"4"}`)
			_ = p.hang()
		})
		c := New(s.config())
		done := make(chan error)
		go func() { done <- c.Run(ctx, func(Event) {}) }()
		for _, err := range []error{
			c.SetStatus(ctx, Status{Text: "x"}, End{For: 100 * time.Second}),
			c.SetOverride(ctx, Busy, End{For: time.Minute}),
			c.ClearStatus(ctx),
		} {
			if err != nil {
				t.Error(err)
			}
		}
		cancel()
		<-done
		if c.self.OverrideUntil.IsZero() || len(c.self.Busy) != 1 {
			t.Errorf("self is %+v", c.self)
		}
	})
}
