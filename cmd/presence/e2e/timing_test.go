package e2e

import (
	"testing"
	"time"
)

// sign is when a device showed that it lives: at some moment between the two.
type sign struct{ from, to time.Time }

func signOf(act func()) sign {
	s := sign{from: time.Now()}
	act()
	s.to = time.Now()
	return s
}

// wantAfter checks that at is d after the sign, at most late later, on a machine
// that isn't busy.
func (s sign) wantAfter(t testing.TB, what string, at time.Time, d, late time.Duration) {
	t.Helper()
	if early := s.from.Add(d).Sub(at); early > 0 {
		t.Errorf("%s: %v too early", what, early)
	}
	if after, excuse := at.Sub(s.to.Add(d)), busy.since(s.from); after > late+excuse {
		t.Errorf("%s: %v too late, want at most %v, and %v because the machine was busy", what, after, late, excuse)
	}
}

func TestMissedHeartbeats(t *testing.T) {
	t.Parallel()
	s := quick.get(t)
	w := s.as(who("bob")).connect(t, "")
	ann := s.as(who("ann"))
	w.watch(t, ann.token)
	var last sign
	for range 3 {
		last = signOf(func() { ann.beat(t, "phone", "online") })
		time.Sleep(quickInterval)
	}
	gone := w.awaitState(t, ann.token, "offline")
	last.wantAfter(t, "offline", gone.at, quickDeadline, quickTick+slack)
	w.wantHistory(t, ann.token, "offline", "online", "offline")
	ann.wantState(t, ann.token, "offline")
}

// TestMissedHeartbeatsIsASetting: the rule is missed x interval + grace.
func TestMissedHeartbeatsIsASetting(t *testing.T) {
	t.Parallel()
	s := start(t, "--heartbeat-interval=300ms", "--missed-heartbeats=5", "--grace=100ms", "--tick=20ms")
	ann := s.as("ann")
	w := s.as("bob").connect(t, "")
	w.watch(t, "ann")
	last := signOf(func() { ann.beat(t, "phone", "online") })
	gone := w.awaitState(t, "ann", "offline")
	last.wantAfter(t, "offline", gone.at, 1600*time.Millisecond, 20*time.Millisecond+slack)
}

// TestOneDeviceOfTwoGoes: what is left decides.
func TestOneDeviceOfTwoGoes(t *testing.T) {
	t.Parallel()
	s := quick.get(t)
	w := s.as(who("bob")).connect(t, "")
	ann := s.as(who("ann"))
	w.watch(t, ann.token)
	laptop := signOf(func() { ann.beat(t, "laptop", "online") })
	w.awaitState(t, ann.token, "online")
	time.Sleep(quickInterval)
	phone := signOf(func() { ann.beat(t, "phone", "idle") })
	idle := w.awaitState(t, ann.token, "idle")
	laptop.wantAfter(t, "idle", idle.at, quickDeadline, quickTick+slack)
	gone := w.awaitState(t, ann.token, "offline")
	phone.wantAfter(t, "offline", gone.at, quickDeadline, quickTick+slack)
	w.wantHistory(t, ann.token, "offline", "online", "idle", "offline")
}

func TestWelcomeTellsTheInterval(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		s    *server
		want time.Duration
	}{{calm.get(t), 30 * time.Second}, {quick.get(t), quickInterval}} {
		w := tc.s.as(who("ann")).mute(t)
		w.send(t, obj{"type": "hello", "token": who("ann")})
		if f := w.awaitType(t, "welcome"); f.HeartbeatIntervalMS != tc.want.Milliseconds() {
			t.Errorf("heartbeat_interval_ms is %d, want %v", f.HeartbeatIntervalMS, tc.want)
		}
	}
}

// TestPongIsASignOfLife: a hidden tab sends no heartbeat for several deadlines,
// but its browser answers pings.
func TestPongIsASignOfLife(t *testing.T) {
	t.Parallel()
	s := quick.get(t)
	ann := s.as(who("ann"))
	viewer := s.as(who("bob")).connect(t, "")
	tab := ann.connect(t, "tab")
	viewer.watch(t, ann.token)
	opened := time.Now()
	eventually(t, "three deadlines pass", func() bool { return time.Since(opened) > 3*quickDeadline })
	ann.wantState(t, ann.token, "online")
	if v := ann.view(t, "me"); v.LastSeen == nil || time.Since(*v.LastSeen) > quickDeadline {
		t.Errorf("last_seen is %v after pongs, now is %v", v.LastSeen, time.Now())
	}
	tab.want(t, "ok", obj{"type": "heartbeat", "activity": "online"})
	viewer.wantHistory(t, ann.token, "online")
}

// TestSilentSocketIsClosed: a client that is stuck answers no ping. Nobody
// reads this socket, so the library can't answer either.
func TestSilentSocketIsClosed(t *testing.T) {
	t.Parallel()
	s := quick.get(t)
	ann := s.as(who("ann"))
	viewer := s.as(who("bob")).connect(t, "")
	viewer.watch(t, ann.token)
	conn, _, err := ann.dial(t, nil)
	if err != nil {
		t.Fatal(err)
	}
	stuck := &socket{newFeed("stuck"), conn}
	last := signOf(func() {
		stuck.send(t, ann.helloMessage(obj{"device_id": "phone"}))
		viewer.awaitState(t, ann.token, "online")
	})
	gone := viewer.awaitState(t, ann.token, "offline")
	last.wantAfter(t, "offline", gone.at, quickDeadline, quickTick+slack)
	// A ping that is read too late must not revive the connection.
	time.Sleep(slack)
	listen(t, "stuck", conn).awaitEnd(t)
	viewer.wantHistory(t, ann.token, "offline", "online", "offline")
}
