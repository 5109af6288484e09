package e2e

import (
	"testing"
	"time"
)

// TestLinger: a socket that closes without goodbye keeps its device for the
// linger, no more and no less.
func TestLinger(t *testing.T) {
	t.Parallel()
	s := quick.get(t)
	closings := map[string]func(*socket){
		"cut":         (*socket).cut,
		"close frame": func(w *socket) { w.conn.Close(1000, "") },
		"going away":  func(w *socket) { w.conn.Close(1001, "") },
	}
	for name, leave := range closings {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			ann := s.as(who("ann"))
			w := s.as(who("bob")).connect(t, "")
			w.watch(t, ann.token)
			tab := ann.connect(t, "tab")
			w.awaitState(t, ann.token, "online")
			tab.want(t, "ok", obj{"type": "heartbeat", "activity": "online"})
			cut := signOf(func() { leave(tab) })
			gone := w.awaitState(t, ann.token, "offline")
			cut.wantAfter(t, "offline", gone.at, quickLinger, quickTick+slack/2)
		})
	}
}

// TestReloadMakesNoEvent: a page reload is a cut and a hello of the same device.
func TestReloadMakesNoEvent(t *testing.T) {
	t.Parallel()
	s := calm.get(t)
	ann := s.as(who("ann"))
	w, f := s.as(who("bob")).connect(t, ""), newFence(s)
	w.watch(t, ann.token, f.id)
	tab := ann.connect(t, "tab")
	for range 3 {
		tab.cut()
		tab = ann.connect(t, "tab")
	}
	f.pass(t, w.feed)
	w.wantHistory(t, ann.token, "offline", "online")
}

// TestLingerNeverPassesTheDeadline: with a linger that is longer than what the
// device had left, the deadline counts.
func TestLingerNeverPassesTheDeadline(t *testing.T) {
	t.Parallel()
	s := start(t, quickFlags("--linger=1m")...)
	ann := s.as("ann")
	w := s.as("bob").connect(t, "")
	w.watch(t, "ann")
	var tab *socket
	hello := signOf(func() { tab = ann.connect(t, "tab") })
	tab.cut()
	gone := w.awaitState(t, "ann", "offline")
	hello.wantAfter(t, "offline", gone.at, quickDeadline, quickTick+slack)
}

// TestBeatDuringLinger: a heartbeat over HTTP gives the device, whose socket is
// gone, its whole deadline again.
func TestBeatDuringLinger(t *testing.T) {
	t.Parallel()
	s := quick.get(t)
	ann := s.as(who("ann"))
	w := s.as(who("bob")).connect(t, "")
	w.watch(t, ann.token)
	ann.connect(t, "tab").conn.Close(1000, "") // waits for the server's own close frame
	time.Sleep(quickLinger / 5)
	beat := signOf(func() { ann.beat(t, "tab", "online") })
	gone := w.awaitState(t, ann.token, "offline")
	beat.wantAfter(t, "offline", gone.at, quickDeadline, quickTick+slack)
	w.wantHistory(t, ann.token, "offline", "online", "offline")
}

// TestLingerOfTheOldSocket: the old socket's end must not take the device of
// the new one along.
func TestLingerOfTheOldSocket(t *testing.T) {
	t.Parallel()
	s := quick.get(t)
	ann := s.as(who("ann"))
	w := s.as(who("bob")).connect(t, "")
	w.watch(t, ann.token)
	old := ann.connect(t, "tab")
	old.cut()
	tab := ann.connect(t, "tab")
	reloaded := time.Now()
	eventually(t, "three lingers pass", func() bool { return time.Since(reloaded) > 3*quickLinger })
	tab.want(t, "ok", obj{"type": "heartbeat", "activity": "online"})
	w.wantHistory(t, ann.token, "offline", "online")
}

func TestSignOutActsAtOnce(t *testing.T) {
	t.Parallel()
	s := calm.get(t)
	ann := s.as(who("ann"))
	w := s.as(who("bob")).connect(t, "")
	w.watch(t, ann.token)

	tab := ann.connect(t, "tab")
	w.awaitState(t, ann.token, "online")
	tab.want(t, "ok", obj{"type": "goodbye"})
	ann.wantState(t, ann.token, "offline")
	w.awaitState(t, ann.token, "offline")
	tab.wantClose(t, 1000)

	tab = ann.connect(t, "tab")
	w.awaitState(t, ann.token, "online")
	ann.signOut(t, "tab")
	ann.wantState(t, ann.token, "offline")
	w.awaitState(t, ann.token, "offline")
	tab.wantClose(t, 1000)
	ann.signOut(t, "tab")
}
