package presence

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"
)

func TestBackoff(t *testing.T) {
	one, none := &course{random: func() float64 { return 1 }}, &course{random: func() float64 { return 0 }}
	for attempt, want := range map[int]time.Duration{
		0: time.Second, 1: 2 * time.Second, 4: 16 * time.Second, 5: 30 * time.Second, 63: 30 * time.Second,
	} {
		if got := one.backoff(attempt, 0); got != want {
			t.Errorf("attempt %d waits up to %v, want %v", attempt, got, want)
		}
		if got := none.backoff(attempt, 0); got != 0 {
			t.Errorf("attempt %d waits at least %v: jitter must be full", attempt, got)
		}
		if got := none.backoff(attempt, tokenLeast); got != want/2 {
			t.Errorf("attempt %d waits at least %v for a token, want %v", attempt, got, want/2)
		}
	}
}

// TestCourse: how the pauses go on. What was asked for is no failure.
func TestCourse(t *testing.T) {
	lost, leaving := ending{err: errSilent}, ending{err: &Closed{Code: CodeLeaving}, welcomed: true}
	moved := ending{moved: true, welcomed: true}
	late, movedLate := leaving, moved
	late.lasted, movedLate.lasted = settledAfter, settledAfter
	long := ending{err: errSilent, welcomed: true, lasted: settledAfter}
	for name, tc := range map[string]struct {
		endings []ending
		want    []time.Duration
	}{
		"nothing answers":     {[]ending{lost, lost, lost}, []time.Duration{1, 2, 4}},
		"a good one, lost":    {[]ending{lost, lost, long, lost}, []time.Duration{1, 2, 1, 2}},
		"a short one, lost":   {[]ending{lost, lost, {err: errSilent, welcomed: true}}, []time.Duration{1, 2, 4}},
		"crowded":             {[]ending{{err: &Closed{Code: CodeRateLimited}}}, []time.Duration{16}},
		"leaves, and says so": {[]ending{lost, lost, moved, lost}, []time.Duration{1, 2, 0, 1}},
		"leaves":              {[]ending{lost, lost, late, lost}, []time.Duration{1, 2, 0, 1}},
		"leaves at once":      {[]ending{lost, leaving, lost}, []time.Duration{1, 1, 1}},
		"all leave at once":   {[]ending{leaving, leaving, leaving, late}, []time.Duration{1, 2, 4, 0}},
		"all say so at once":  {[]ending{moved, moved, moved, moved}, []time.Duration{0, 1, 2, 4}},
		"all say so, late":    {[]ending{moved, moved, movedLate, moved, lost}, []time.Duration{0, 1, 0, 1, 1}},
		"is gone already":     {[]ending{lost, {err: leaving.err}}, []time.Duration{1, 2}},
	} {
		c := &course{fixedToken: true, random: func() float64 { return 1 }}
		for i, e := range tc.endings {
			wait, again := c.after(e)
			if !again || wait != tc.want[i]*time.Second {
				t.Errorf("%s: pause %d: %v, %v; want %v", name, i, wait, again, tc.want[i]*time.Second)
			}
		}
	}
}

func TestBucket(t *testing.T) {
	now := time.Unix(0, 0)
	b := bucket{tokens: burst, at: now}
	sent := 0
	for range 10 * 1000 {
		if b.wait(now) == 0 {
			b.tokens--
			sent++
		}
		now = now.Add(time.Millisecond)
	}
	if sent < burst+10*perSecond-1 || sent > burst+10*perSecond {
		t.Errorf("%d messages in 10 s", sent)
	}
	b.tokens = 0
	if wait := b.wait(now); wait <= 0 || wait > time.Second/perSecond {
		t.Errorf("waits %v", wait)
	}
}

// told is what next says, as text.
func told(i *interest) string {
	if out := i.next(); out != nil {
		return fmt.Sprint(out.message.Type, out.message.IDs)
	}
	return ""
}

func TestInterest(t *testing.T) {
	i := &interest{topics: make(map[string]*topic)}
	step := func(what string, got, want string) {
		t.Helper()
		if got != want {
			t.Errorf("%s: %q, want %q", what, got, want)
		}
	}
	_ = i.add([]string{"a", "b", "a"})
	step("new", told(i), "subscribe[a b]")
	step("nothing more", told(i), "")
	i.apply(&reply{States: States{"a": Online, "stranger": Online}})
	_ = i.add([]string{"c"})
	i.remove([]string{"a", "stranger"})
	step("room first", told(i), "unsubscribe[a]")
	step("then the new", told(i), "subscribe[c]")
	step("forgotten", i.state("a"), Unknown)
	_ = i.add([]string{"a"})
	i.remove([]string{"a"})
	step("came and went", told(i), "")
	i.apply(&reply{States: States{"c": Idle}})
	i.remove([]string{"c"})
	_ = i.add([]string{"c"})
	step("anew, for the snapshot", told(i), "subscribe[c]")
	i.reset()
	step("a new connection", told(i), "subscribe[b c]")
	if i.wanted != 2 || len(i.topics) != 2 {
		t.Errorf("%d wanted, %d topics", i.wanted, len(i.topics))
	}
}

func TestInterestIsBounded(t *testing.T) {
	i := &interest{topics: make(map[string]*topic)}
	ids := make([]string, maxWatchedIDs)
	for n := range ids {
		ids[n] = fmt.Sprint(n)
	}
	if err := i.add(ids); err != nil {
		t.Fatal(err)
	}
	if err := i.add([]string{"1", "one more"}); err == nil || i.wanted != maxWatchedIDs {
		t.Errorf("%d wanted, %v", i.wanted, err)
	}
	if err := i.add(ids); err != nil {
		t.Errorf("the same again: %v", err)
	}
	i.remove(ids[:1])
	for _, bad := range []string{"", "me", "a b", "a,b", "a\x00", "\xff", "a\u2028", strings.Repeat("a", 129)} {
		if err := i.add([]string{"good", bad}); err == nil || i.wanted != maxWatchedIDs-1 {
			t.Errorf("%q: %v", bad, err)
		}
	}
	if err := i.add([]string{strings.Repeat("ä", 64)}); err != nil {
		t.Error(err)
	}
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

func FuzzReceive(f *testing.F) {
	f.Add([]byte(welcome))
	f.Add([]byte(`{"type":"presence","states":{"a":"online"}}`))
	f.Add([]byte(`{"type":"error","code":"bad_request","req":"1"}`))
	f.Add([]byte(`{"type":"reconnect","after_ms":-9223372036854775808}`))
	f.Fuzz(func(t *testing.T, frame []byte) {
		c := New(Config{})
		c.begin(welcomed, Online)
		_ = c.Watch("a", "b")
		_, _, _ = c.next()
		m, err := decode(frame)
		if err != nil {
			return
		}
		switch e := c.receive(m).(type) {
		case Reconnect:
			if e.After < 0 || e.After > 24*time.Hour {
				t.Errorf("a wait of %v", e.After)
			}
		case States:
			for id := range e {
				if !slices.Contains([]string{"a", "b"}, id) {
					t.Errorf("told of %q", id)
				}
			}
		}
	})
}
