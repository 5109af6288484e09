package e2e

import (
	"slices"
	"strings"
	"testing"

	"github.com/coder/websocket"
)

// TestReq: any message may carry one, and the answer has it.
func TestReq(t *testing.T) {
	t.Parallel()
	s := calm.get(t)
	ann := s.as(who("ann"))
	w := ann.mute(t)
	w.want(t, "welcome", ann.helloMessage(obj{"device_id": "d", "req": strings.Repeat("r", 64)}))
	for _, tc := range []struct {
		kind string
		msg  obj
	}{
		{"ok", obj{"type": "heartbeat", "activity": "idle"}},
		{"ok", obj{"type": "override", "override": "busy"}},
		{"ok", obj{"type": "override", "override": "appear_offline"}},
		{"ok", obj{"type": "override", "override": "auto"}},
		{"presence", obj{"type": "subscribe", "ids": []string{"a"}}},
		{"presence", obj{"type": "subscribe", "ids": []string{"a"}}},
		{"ok", obj{"type": "unsubscribe", "ids": []string{"a", "never-watched"}}},
		{"result", obj{"type": "query", "ids": []string{"a"}}},
		{"ok", obj{"type": "auth", "token": ann.token}},
		{"error", obj{"type": "heartbeat", "activity": "busy"}},
		{"ok", obj{"type": "goodbye"}},
	} {
		f := w.want(t, tc.kind, tc.msg)
		if tc.kind == "ok" && len(f.raw) != len(`{"type":"ok","req":""}`)+len(f.Req) {
			t.Errorf("ok has more than its req: %s", f.raw)
		}
	}
	w.wantClose(t, 1000)
}

// TestWithoutReq: what succeeds is not answered, what fails is, without a req.
func TestWithoutReq(t *testing.T) {
	t.Parallel()
	s := calm.get(t)
	ann := s.as(who("ann"))
	w := ann.connect(t, "d")
	for _, msg := range []string{
		`{"type":"heartbeat","activity":"online"}`,
		`{"type":"override","override":"auto"}`,
		`{"type":"unsubscribe","ids":["a"]}`,
		`{"type":"auth","token":"` + ann.token + `"}`,
		`{"type":"heartbeat","activity":"asleep"}`,
	} {
		w.send(t, msg)
	}
	if f := w.awaitType(t, "error"); f.Req != "" || strings.Contains(f.raw, `"req"`) {
		t.Errorf("an error without a request: %s", f.raw)
	}
	for _, f := range w.all() {
		if f.Type == "ok" {
			t.Errorf("an ok that nobody asked for: %s", f.raw)
		}
	}
	w.send(t, `{"type":"subscribe","ids":["a"]}`)
	if f := w.awaitType(t, "presence"); strings.Contains(f.raw, `"req"`) {
		t.Errorf("a snapshot without a request: %s", f.raw)
	}
}

// TestBadMessages are answered with an error, and the connection stays.
func TestBadMessages(t *testing.T) {
	t.Parallel()
	s := calm.get(t)
	w := s.as(who("ann")).connect(t, "d")
	type anys = []any
	many := func(n int) []string { return names("x", n) }
	for _, tc := range []struct {
		code string
		msg  obj
	}{
		{"bad_request", obj{"type": "dance"}},
		{"bad_request", obj{"type": "Heartbeat", "activity": "online"}},
		{"bad_request", obj{"type": "welcome"}},
		{"bad_request", obj{"type": "heartbeat"}},
		{"bad_request", obj{"type": "heartbeat", "activity": "busy"}},
		{"bad_request", obj{"type": "heartbeat", "activity": 1}},
		{"bad_request", obj{"type": "heartbeat", "activity": "online", "device_id": "d"}},
		{"bad_request", obj{"type": "heartbeat", "Activity": "online"}},
		{"bad_request", obj{"type": "override"}},
		{"bad_request", obj{"type": "override", "override": "online"}},
		{"bad_request", obj{"type": "override", "override": "busy", "until": 1}},
		{"bad_request", obj{"type": "subscribe"}},
		{"bad_request", obj{"type": "subscribe", "ids": anys{}}},
		{"bad_request", obj{"type": "subscribe", "ids": "a"}},
		{"bad_request", obj{"type": "subscribe", "ids": anys{1}}},
		{"invalid_id", obj{"type": "subscribe", "ids": anys{"a", ""}}},
		{"invalid_id", obj{"type": "subscribe", "ids": anys{"a b"}}},
		{"invalid_id", obj{"type": "subscribe", "ids": anys{"me"}}},
		{"too_many_ids", obj{"type": "subscribe", "ids": many(1001)}},
		{"too_many_ids", obj{"type": "subscribe", "ids": slices.Repeat([]string{"a"}, 1001)}},
		{"bad_request", obj{"type": "subscribe", "ids": anys{"a"}, "viewer": "b"}},
		{"bad_request", obj{"type": "unsubscribe"}},
		{"invalid_id", obj{"type": "unsubscribe", "ids": anys{"a,b"}}},
		{"bad_request", obj{"type": "query"}},
		{"invalid_id", obj{"type": "query", "ids": anys{strings.Repeat("x", 129)}}},
		{"too_many_ids", obj{"type": "query", "ids": many(1001)}},
		{"bad_request", obj{"type": "query", "ids": anys{"a"}, "viewer": "b"}},
		{"bad_request", obj{"type": "auth"}},
		{"bad_request", obj{"type": "auth", "token": 5}},
		{"bad_request", obj{"type": "goodbye", "now": true}},
	} {
		w.refused(t, tc.code, tc.msg)
	}
	for _, msg := range []string{
		`{"type":"query","ids":["a"]}`,
		`{"type":"heartbeat","activity":"online","req":""}`,
		`{"type":"heartbeat","activity":"online","req":"` + strings.Repeat("r", 65) + `"}`,
		`{"type":"heartbeat","activity":"online","req":"` + strings.Repeat("é", 32) + `x"}`,
		`{"type":"heartbeat","activity":"online","req":7}`,
	} {
		w.send(t, msg)
		if f := w.awaitType(t, "error"); f.Code != "bad_request" {
			t.Errorf("%.60s: %s", msg, f.raw)
		}
	}
	w.want(t, "ok", obj{"type": "heartbeat", "activity": "online", "req": strings.Repeat("é", 32)})
}

// TestFatalMessages close the connection after welcome too.
func TestFatalMessages(t *testing.T) {
	t.Parallel()
	s := calm.get(t)
	for name, msg := range map[string]string{
		"not JSON": `heartbeat`, "array": `[]`, "no type": `{"activity":"online"}`, "null": `null`, "number": `1`,
		"nested without end": strings.Repeat(`{"a":`, 40<<10),
	} {
		t.Run(name, func(t *testing.T) {
			w := s.as(who("ann")).connect(t, "d")
			w.send(t, msg)
			w.wantClose(t, 4004)
		})
	}
	t.Run("binary", func(t *testing.T) {
		w := s.as(who("ann")).connect(t, "d")
		w.write(t, websocket.MessageBinary, `{"type":"heartbeat","activity":"online"}`)
		w.wantClose(t, 4004)
	})
}

// TestWatcherHasNoPresence: it watches, asks and sets its override, and has no
// heartbeat.
func TestWatcherHasNoPresence(t *testing.T) {
	t.Parallel()
	s := calm.get(t)
	ann := s.as(who("ann"))
	w := ann.connect(t, "")
	w.refused(t, "bad_request", obj{"type": "heartbeat", "activity": "online"})
	ann.wantState(t, ann.token, "offline")
	ann.beat(t, "phone", "online")
	w.awaitSelf(t, "online", "auto")
	w.want(t, "ok", obj{"type": "override", "override": "busy"})
	w.awaitSelf(t, "busy", "busy")
	w.want(t, "ok", obj{"type": "goodbye"})
	w.wantClose(t, 1000)
	ann.wantState(t, ann.token, "busy")
}

// TestSelf: every socket of a participant learns what it looks like to itself.
func TestSelf(t *testing.T) {
	t.Parallel()
	s := calm.get(t)
	ann := s.as(who("ann"))
	phone := ann.connect(t, "phone")
	phone.awaitSelf(t, "online", "auto")
	laptop := ann.hello(t, obj{"device_id": "laptop", "activity": "idle"})
	laptop.awaitSelf(t, "online", "auto")
	ann.signOut(t, "elsewhere")
	phone.want(t, "ok", obj{"type": "heartbeat", "activity": "idle"})
	phone.awaitSelf(t, "idle", "auto")
	laptop.awaitSelf(t, "idle", "auto")
	laptop.want(t, "ok", obj{"type": "override", "override": "appear_offline"})
	phone.awaitSelf(t, "appear_offline", "appear_offline")
	laptop.awaitSelf(t, "appear_offline", "appear_offline")
	ann.override(t, "auto")
	phone.awaitSelf(t, "idle", "auto")
	laptop.awaitSelf(t, "idle", "auto")
	laptop.want(t, "ok", obj{"type": "goodbye"})
	phone.want(t, "ok", obj{"type": "heartbeat", "activity": "online"})
	phone.awaitSelf(t, "online", "auto")
}

func TestAuthMessage(t *testing.T) {
	t.Parallel()
	s := calm.get(t)
	ann := s.as(who("ann"))
	w := ann.connect(t, "d")
	w.want(t, "ok", obj{"type": "auth", "token": ann.token})
	w.send(t, obj{"type": "auth", "token": who("eve")})
	w.wantClose(t, 4001)
	w = ann.connect(t, "d")
	w.send(t, obj{"type": "auth", "token": "no id at all"})
	w.wantClose(t, 4001)
}

func TestSocketOverride(t *testing.T) {
	t.Parallel()
	s := calm.get(t)
	ann, bob := s.as(who("ann")), s.as(who("bob"))
	w := ann.connect(t, "d")
	for _, step := range []struct{ override, others string }{
		{"busy", "busy"},
		{"appear_offline", "offline"},
		{"busy", "busy"},
		{"auto", "online"},
		{"appear_offline", "offline"},
		{"auto", "online"},
	} {
		w.want(t, "ok", obj{"type": "override", "override": step.override})
		bob.wantState(t, ann.token, step.others)
		if got := ann.view(t, "me").Override; got != step.override {
			t.Errorf("override is %s, want %s", got, step.override)
		}
	}
}
