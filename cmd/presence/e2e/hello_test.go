package e2e

import (
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/coder/websocket"
)

func TestHello(t *testing.T) {
	t.Parallel()
	s := calm.get(t)
	bob := s.as(who("bob"))
	for name, tc := range map[string]struct {
		fields obj
		state  string
	}{
		"a silent device":  {obj{"device_id": "d"}, "online"},
		"an online device": {obj{"device_id": "d", "activity": "online"}, "online"},
		"an idle device":   {obj{"device_id": "d", "activity": "idle"}, "idle"},
		"a watcher":        {obj{}, "offline"},
	} {
		t.Run(name, func(t *testing.T) {
			ann := s.as(who("ann"))
			w := ann.mute(t)
			if got := w.conn.Subprotocol(); got != "presence.v1" {
				t.Errorf("subprotocol %q", got)
			}
			f := w.want(t, "welcome", ann.helloMessage(tc.fields))
			bob.wantState(t, ann.token, tc.state)
			device, _ := tc.fields["device_id"].(string)
			if f.ParticipantID != ann.token || f.DeviceID != device || f.Node == "" || f.HeartbeatIntervalMS != 30_000 {
				t.Errorf("welcome: %s", f.raw)
			}
			if self := w.awaitType(t, "self"); self.State != tc.state || self.Override != "auto" {
				t.Errorf("self: %s", self.raw)
			}
		})
	}
}

// TestFeatures: clients of both kinds are told the same.
func TestFeatures(t *testing.T) {
	t.Parallel()
	s := calm.get(t)
	ann := s.as(who("ann"))
	f := ann.mute(t).want(t, "welcome", ann.helloMessage(obj{}))
	if f.Features == nil {
		t.Errorf("welcome has no features: %s", f.raw)
	}
	var answer struct {
		Features []string `json:"features"`
	}
	ann.get(t, "/v1/features").want(t, 200).into(t, &answer)
	if !slices.Equal(answer.Features, f.Features) {
		t.Errorf("features %q, in welcome %q", answer.Features, f.Features)
	}
	s.as(service).get(t, "/v1/features").want(t, 200)
	s.as("").get(t, "/v1/features").want(t, 401)
}

// TestTokenPlaces: the token may come in the header of the upgrade instead.
func TestTokenPlaces(t *testing.T) {
	t.Parallel()
	s := calm.get(t)
	ann := s.as(who("ann"))
	conn, _, err := ann.dial(t, http.Header{"Authorization": {"Bearer " + ann.token}})
	if err != nil {
		t.Fatal(err)
	}
	w := listen(t, "header", conn)
	if f := w.want(t, "welcome", obj{"type": "hello", "device_id": "d"}); f.ParticipantID != ann.token {
		t.Errorf("welcome: %s", f.raw)
	}

	none := ann.mute(t)
	none.send(t, `{"type":"hello","device_id":"d"}`)
	none.wantClose(t, 4001)
	bad := ann.mute(t)
	bad.send(t, `{"type":"hello","token":"a b c"}`)
	bad.wantClose(t, 4001)
}

// TestBadHelloMayBeSentAgain: a bad value is answered and the connection stays.
func TestBadHelloMayBeSentAgain(t *testing.T) {
	t.Parallel()
	s := calm.get(t)
	ann := s.as(who("ann"))
	w := ann.mute(t)
	w.refused(t, "invalid_id", ann.helloMessage(obj{"device_id": "a b"}))
	w.refused(t, "bad_request", ann.helloMessage(obj{"device_id": "d", "activity": "busy"}))
	w.refused(t, "bad_request", ann.helloMessage(obj{"device_id": "d", "more": true}))
	w.refused(t, "bad_request", ann.helloMessage(obj{"device_id": 7}))
	ann.wantState(t, ann.token, "offline")
	w.want(t, "welcome", ann.helloMessage(obj{"device_id": "d"}))
	ann.wantState(t, ann.token, "online")
}

// TestHelloTimeout: the first message, or the good one after bad ones, must
// come within five seconds.
func TestHelloTimeout(t *testing.T) {
	t.Parallel()
	s := calm.get(t)
	ann := s.as(who("ann"))
	for name, first := range map[string]obj{"silence": nil, "bad hello": ann.helloMessage(obj{"device_id": "a b"})} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var w *socket
			opened := signOf(func() { w = ann.mute(t) })
			if first != nil {
				w.refused(t, "invalid_id", first)
			}
			w.wantClose(t, 4003)
			opened.wantAfter(t, "close", time.Now(), 4900*time.Millisecond, 2*time.Second)
		})
	}
}

func TestFirstMessage(t *testing.T) {
	t.Parallel()
	s := calm.get(t)
	for name, msg := range map[string]string{
		"heartbeat":    `{"type":"heartbeat","activity":"online"}`,
		"subscribe":    `{"type":"subscribe","ids":["a"]}`,
		"unknown type": `{"type":"hallo"}`,
		"not JSON":     `hello`,
		"empty":        ``,
		"array":        `[{"type":"hello"}]`,
		"string":       `"hello"`,
		"null":         `null`,
		"no type":      `{"token":"ann"}`,
		"cut off":      `{"type":"hello"`,
		"two objects":  `{"type":"hello"}{"type":"hello"}`,
	} {
		t.Run(name, func(t *testing.T) {
			w := s.as(who("ann")).mute(t)
			w.send(t, msg)
			w.wantClose(t, 4004)
		})
	}
	t.Run("binary", func(t *testing.T) {
		w := s.as(who("ann")).mute(t)
		w.write(t, websocket.MessageBinary, `{"type":"hello","token":"ann"}`)
		w.wantClose(t, 4004)
	})
}

func TestFrameSizes(t *testing.T) {
	t.Parallel()
	s := calm.get(t)
	ann := s.as(who("ann"))
	pad := func(msg string, size int) string { return msg + strings.Repeat(" ", size-len(msg)) }
	hello, query := `{"type":"hello","token":"`+ann.token+`"}`, `{"type":"query","req":"q","ids":["a"]}`

	w := ann.mute(t)
	w.send(t, pad(hello, 16<<10+1))
	w.wantClose(t, 1009)

	w = ann.mute(t)
	w.send(t, pad(hello, 16<<10))
	w.awaitType(t, "welcome")
	w.send(t, pad(query, 256<<10))
	w.awaitAnswer(t, "q")
	w.send(t, pad(query, 256<<10+1))
	w.wantClose(t, 1009)
}

// TestReplaced: the same device connects again; the old socket is told, nobody
// else is.
func TestReplaced(t *testing.T) {
	t.Parallel()
	s := calm.get(t)
	ann, f := s.as(who("ann")), newFence(s)
	viewer := s.as(who("bob")).connect(t, "")
	viewer.watch(t, ann.token, f.id)
	old, other := ann.connect(t, "phone"), ann.connect(t, "laptop")
	tab := ann.connect(t, "phone")
	old.wantClose(t, 4006)
	f.pass(t, viewer.feed)
	viewer.wantHistory(t, ann.token, "offline", "online")
	tab.want(t, "ok", obj{"type": "heartbeat", "activity": "online"})
	other.want(t, "ok", obj{"type": "heartbeat", "activity": "online"})
}

// TestSocketsPerParticipant: 32 at once, the next one is turned away; the
// others stay.
func TestSocketsPerParticipant(t *testing.T) {
	t.Parallel()
	s := calm.get(t)
	ann := s.as(who("ann"))
	var open []*socket
	for range 32 {
		open = append(open, ann.connect(t, ""))
	}
	w := ann.mute(t)
	w.send(t, ann.helloMessage(obj{}))
	f := w.await(t, "refusal", func(f frame) bool { return true })
	if f.Type != "error" || f.Code == "" {
		t.Errorf("the 33rd socket got %s", f.raw)
	}
	for _, o := range open {
		o.want(t, "result", obj{"type": "query", "ids": []string{"a"}})
	}
	open[0].conn.Close(1000, "")
	eventually(t, "another socket fits", func() bool {
		w := ann.mute(t)
		w.send(t, ann.helloMessage(obj{}))
		return w.await(t, "answer", func(f frame) bool { return true }).Type == "welcome"
	})
}
