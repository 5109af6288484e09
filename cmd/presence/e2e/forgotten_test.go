package e2e

import (
	"testing"
	"time"
)

func TestRecordTTL(t *testing.T) {
	t.Parallel()
	s := quick.get(t)
	ann, bob := s.as(who("ann")), s.as(who("bob"))
	last := signOf(func() { ann.beat(t, "phone", "online") })
	seen := bob.view(t, ann.token).LastSeen
	if seen == nil || seen.Before(last.oldest()) || seen.After(last.to.Add(coarse)) {
		t.Fatalf("last_seen is %v, want between %v and %v", seen, last.from, last.to)
	}
	eventually(t, "ann is offline", func() bool { return bob.state(t, ann.token) == "offline" })
	if v := bob.view(t, ann.token); v.LastSeen == nil || !v.LastSeen.Equal(*seen) {
		t.Errorf("last_seen moved from %v to %v as the device expired", seen, v.LastSeen)
	}
	eventually(t, "last_seen is forgotten", func() bool { return bob.view(t, ann.token).LastSeen == nil })
	last.wantAfter(t, "forgotten", time.Now(), quickTTL, quickTick+slack)
}

// TestSignOutKeepsLastSeen: last_seen is the last sign of life, and leaving is
// none.
func TestSignOutKeepsLastSeen(t *testing.T) {
	t.Parallel()
	s := calm.get(t)
	leave := map[string]func(*testing.T, caller, *socket){
		"DELETE":  func(t *testing.T, ann caller, _ *socket) { ann.signOut(t, "phone") },
		"goodbye": func(t *testing.T, _ caller, w *socket) { w.want(t, "ok", obj{"type": "goodbye"}) },
	}
	for name, act := range leave {
		t.Run(name, func(t *testing.T) {
			ann, bob := s.as(who("ann")), s.as(who("bob"))
			w := ann.connect(t, "phone")
			w.want(t, "ok", obj{"type": "heartbeat", "activity": "online"})
			before := bob.view(t, ann.token).LastSeen
			time.Sleep(50 * time.Millisecond)
			act(t, ann, w)
			v := bob.view(t, ann.token)
			if v.State != "offline" {
				t.Errorf("%s after leaving", v.State)
			}
			if before == nil || v.LastSeen == nil || !v.LastSeen.Equal(*before) {
				t.Errorf("last_seen moved from %v to %v", before, v.LastSeen)
			}
			w.wantClose(t, 1000)
		})
	}
}
