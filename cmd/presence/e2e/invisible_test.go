package e2e

import (
	"strings"
	"testing"
	"time"
)

// TestInvisibleLastSeenIsForgotten: like that of someone who signed out, after
// the record TTL, although the device goes on beating.
func TestInvisibleLastSeenIsForgotten(t *testing.T) {
	t.Parallel()
	s := quick.get(t)
	viewer := s.as(who("viewer"))
	x, c := s.as(who("twin")), s.as(who("twin"))
	w := viewer.connect(t, "")
	w.watch(t, x.token, c.token)
	lastOfX := signOf(func() { x.beat(t, "d", "online") })
	w.awaitState(t, x.token, "online") // or two changes may become none
	x.override(t, "appear_offline")
	lastOfC := signOf(func() { c.beat(t, "d", "online") })
	w.awaitState(t, c.token, "online")
	c.signOut(t, "d")

	forgotten := map[string]time.Time{}
	eventually(t, "both are forgotten", func() bool {
		x.beat(t, "d", "online")
		for _, p := range []caller{x, c} {
			v := viewer.view(t, p.token)
			if v.State != "offline" {
				t.Fatalf("%s is %s", p.token, v.State)
			}
			if _, ok := forgotten[p.token]; !ok && v.LastSeen == nil {
				forgotten[p.token] = time.Now()
			}
		}
		return len(forgotten) == 2
	})
	lastOfX.wantAfter(t, "forgetting x", forgotten[x.token], quickTTL, quickTick+slack)
	lastOfC.wantAfter(t, "forgetting c", forgotten[c.token], quickTTL, quickTick+slack)
	x.beat(t, "d", "idle")
	if v := viewer.view(t, x.token); v.LastSeen != nil {
		t.Errorf("a beat of an invisible participant shows: %v", v.LastSeen)
	}
	eventually(t, "it sees itself, within its deadline", func() bool {
		x.beat(t, "d", "idle")
		v := x.view(t, "me")
		return v.State == "appear_offline" && v.LastSeen != nil
	})
	w.wantHistory(t, x.token, "offline", "online", "offline")
	w.wantHistory(t, c.token, "offline", "online", "offline")
}

// TestInvisibleDeviceExpires: nobody learns of it, and the override stays.
func TestInvisibleDeviceExpires(t *testing.T) {
	t.Parallel()
	s := quick.get(t)
	ann, f := s.as(who("ann")), newFence(s)
	viewer := s.as(who("viewer"))
	w := viewer.connect(t, "")
	w.watch(t, ann.token, f.id)
	ann.beat(t, "d", "online")
	w.awaitState(t, ann.token, "online") // or two changes may become none
	ann.override(t, "appear_offline")
	w.awaitState(t, ann.token, "offline")
	before := viewer.get(t, participantPath(ann.token)).body
	own := ann.connect(t, "")
	eventually(t, "the device is gone", func() bool { return len(ann.view(t, "me").Devices) == 0 })
	own.awaitSelf(t, "offline", "appear_offline")
	if after := viewer.get(t, participantPath(ann.token)).body; after != before {
		t.Errorf("the answer moved from %s to %s", before, after)
	}
	f.pass(t, w.feed)
	ann.override(t, "auto")
	f.pass(t, w.feed)
	w.wantHistory(t, ann.token, "offline", "online", "offline")
}

// TestNeverSeenLooksTheSame: an id that nobody ever used, and one that has been
// invisible from its first moment.
func TestNeverSeenLooksTheSame(t *testing.T) {
	t.Parallel()
	s := calm.get(t)
	never, gone := s.as(who("never")), s.as(who("ghost"))
	secret := s.as(who("cloak"))
	secret.override(t, "appear_offline")
	secret.connect(t, "d")
	gone.beat(t, "d", "online")
	gone.signOut(t, "d")
	viewer := s.as(who("viewer"))
	plain := func(c caller, path string) string {
		r := viewer.get(t, path).want(t, 200)
		body := lastSeen.ReplaceAllString(r.body, `"last_seen":null`)
		return strings.ReplaceAll(body, c.token, "ID")
	}
	for _, path := range []func(caller) string{
		func(c caller) string { return participantPath(c.token) },
		func(c caller) string { return "/v1/presence?" + idsQuery(c.token) },
	} {
		want := plain(never, path(never))
		for _, c := range []caller{gone, secret} {
			if got := plain(c, path(c)); got != want {
				t.Errorf("%s: %s, but of an id that was never seen %s", c.token, got, want)
			}
		}
	}
	if v := viewer.view(t, secret.token); v.LastSeen != nil {
		t.Errorf("invisible from the first moment, and last seen at %v", v.LastSeen)
	}
}

// TestInvisibleReconnects: an invisible participant whose socket comes and goes
// is quiet for others at every step.
func TestInvisibleReconnects(t *testing.T) {
	t.Parallel()
	s := calm.get(t)
	ann, f := s.as(who("ann")), newFence(s)
	viewer := s.as(who("viewer"))
	ann.override(t, "appear_offline")
	w := viewer.connect(t, "")
	w.watch(t, ann.token, f.id)
	sse := viewer.events(t, idsQuery(ann.token, f.id))
	for range 5 {
		tab := ann.connect(t, "tab")
		ann.connect(t, "phone")
		tab.want(t, "ok", obj{"type": "heartbeat", "activity": "idle"})
		ann.connect(t, "tab")
		ann.signOut(t, "tab")
		ann.signOut(t, "phone")
	}
	ann.override(t, "appear_offline")
	f.pass(t, w.feed, sse.feed)
	w.wantHistory(t, ann.token, "offline")
	sse.wantHistory(t, ann.token, "offline")
}
