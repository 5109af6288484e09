package e2e

import (
	"strings"
	"testing"
	"time"
)

// seen is an answer with more than states.
type seen struct {
	States   map[string]string     `json:"states"`
	Statuses map[string]status     `json:"statuses"`
	LastSeen map[string]*time.Time `json:"last_seen"`
}

func (c caller) seen(t testing.TB, id string) (s seen) {
	t.Helper()
	c.get(t, "/v1/presence?with=status,last_seen&"+idsQuery(id)).want(t, 200).into(t, &s)
	return s
}

// What a participant says is seen until its end, and it is busy until that of a claim, over all
// ways of asking.
func TestStatuses(t *testing.T) {
	t.Parallel()
	s := calm.get(t)
	ann, bob, back := s.as(who("ann")), s.as(who("bob")), s.as(service)
	ann.beat(t, "phone", "online")
	path, busy := participantPath(ann.token), participantPath(ann.token)+"/busy/call"
	watch := bob.connect(t, "")
	watch.send(t, obj{"type": "subscribe", "ids": []string{ann.token}, "with": []string{"status"}})
	stream := bob.events(t, "with=status&"+idsQuery(ann.token))
	self := ann.connect(t, "laptop")
	begun := time.Now()
	self.want(t, "ok", obj{"type": "status", "status": obj{"text": "On a train", "emoji": "🚆", "expires_in": 3}})
	if v := bob.seen(t, ann.token); v.Statuses[ann.token].Text != "On a train" || v.LastSeen[ann.token] == nil {
		t.Errorf("%+v", v)
	}
	says := func(f frame) bool { return f.Statuses[ann.token] != nil }
	gone := func(f frame) bool {
		said, there := f.Statuses[ann.token]
		return there && said == nil
	}
	watch.await(t, "the status", says)
	stream.await(t, "the status", says)
	self.await(t, "the status", func(f frame) bool { return f.Status != nil && f.Status.Emoji == "🚆" })
	if f := watch.await(t, "its end", gone); f.at.Sub(begun) < 3*time.Second-100*time.Millisecond {
		t.Errorf("it ends after %v", f.at.Sub(begun))
	}
	stream.await(t, "its end", gone)
	back.do(t, "PUT", busy, obj{"expires_in": 2}).want(t, 204)
	watch.awaitState(t, ann.token, "busy")
	self.await(t, "the claim", func(f frame) bool { return len(f.Busy) == 1 && f.Busy[0] == "call" })
	watch.awaitState(t, ann.token, "online")
	back.do(t, "PUT", busy, obj{"expires_in": 60}).want(t, 204)
	if v := ann.view(t, "me"); v.State != "busy" || len(v.Busy) != 1 || v.Override != "auto" {
		t.Errorf("%+v", v)
	}
	ann.do(t, "DELETE", busy, nil).want(t, 204)
	watch.awaitState(t, ann.token, "online")
	ann.do(t, "PUT", path+"/override", obj{"override": "busy", "expires_in": 1}).want(t, 204)
	watch.awaitState(t, ann.token, "busy")
	watch.awaitState(t, ann.token, "online")
}

// While a participant hides, strangers see on what stood.
func TestStatusWhileHidden(t *testing.T) {
	t.Parallel()
	s := calm.get(t)
	ann, bob, back := s.as(who("ann")), s.as(who("bob")), s.as(service)
	ann.beat(t, "phone", "online")
	path := participantPath(ann.token) + "/status"
	sees := func(want string) {
		t.Helper()
		if got := bob.seen(t, ann.token).Statuses[ann.token].Text; got != want {
			t.Errorf("a stranger sees %q, want %q", got, want)
		}
	}
	ann.do(t, "PUT", path, obj{"text": "stood"}).want(t, 204)
	ann.override(t, "appear_offline")
	ann.do(t, "PUT", path, obj{"text": "new"}).want(t, 204)
	sees("stood")
	if got := ann.view(t, "me").Status; got == nil || got.Text != "new" {
		t.Errorf("she sees %+v", got)
	}
	ann.do(t, "PUT", path, obj{"text": "x", "public": true}).problem(t, 403, "forbidden")
	back.do(t, "PUT", path, obj{"text": "on holiday", "public": true}).want(t, 204)
	sees("on holiday")
	back.do(t, "DELETE", path+"?public=true", nil).want(t, 204)
	sees("")
}

// The commands say and show it.
func TestStatusCommands(t *testing.T) {
	t.Parallel()
	s := calm.get(t)
	ann, bob := s.as(who("ann")), s.as(who("bob"))
	watch := bob.typed(t, "watch", ann.token)
	env := []string{"PRESENCE_SERVER=" + s.url, "PRESENCE_TOKEN=" + ann.token}
	run := func(want string, args ...string) {
		t.Helper()
		if out, _ := runOnce(t, env, args...); !strings.Contains(out, want) {
			t.Errorf("%q: %s", args, out)
		}
	}
	run("status: 🚆 On a train (for 2h)", "status", "On a train", "--emoji", "🚆", "--for", "2h")
	eventually(t, "watch shows it", func() bool {
		return strings.Contains(watch.out.String(), ann.token+` status {"text":"On a train","emoji":"🚆","expires_at":"2`)
	})
	run("🚆 On a train, until ", "get", "me")
	run("override: busy (for 30m)", "set", "busy", "--for", "30m")
	run("override  busy, until ", "get", "me")
	run("status cleared", "status", "--clear")
	eventually(t, "watch shows that it is gone", func() bool {
		return strings.Contains(watch.out.String(), ann.token+" status null")
	})
	run("override: auto", "set", "auto")
}
