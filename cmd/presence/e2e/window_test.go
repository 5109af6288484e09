package e2e

import (
	"fmt"
	"testing"
	"time"
)

// invisible makes a participant with a device that appears offline, and gives
// the last_seen that was frozen.
func invisible(t testing.TB, s *server) (caller, *time.Time) {
	t.Helper()
	ann := s.as(who("ann"))
	ann.beat(t, "phone", "online")
	ann.override(t, "appear_offline")
	frozen := s.as(who("stranger")).view(t, ann.token).LastSeen
	if frozen == nil {
		t.Fatal("no last_seen")
	}
	return ann, frozen
}

// TestOneViewerFlips: a direct message shows an invisible participant to the
// other one and to nobody else, over all three ways of asking.
func TestOneViewerFlips(t *testing.T) {
	t.Parallel()
	s := calm.get(t)
	ann, frozen := invisible(t, s)
	time.Sleep(100 * time.Millisecond)
	ann.beat(t, "phone", "idle")
	f := newFence(s)
	var viewers []caller
	var feeds []*feed
	for range 6 {
		v := s.as(who("viewer"))
		w := v.connect(t, "")
		w.watch(t, ann.token, f.id)
		viewers = append(viewers, v, v)
		feeds = append(feeds, w.feed, v.events(t, idsQuery(ann.token, f.id)).feed)
	}
	const friend = 4 // and 5: its socket and its stream
	s.message(t, viewers[friend].token, ann.token)
	feeds[friend].awaitState(t, ann.token, "idle")
	feeds[friend+1].awaitState(t, ann.token, "idle")
	f.pass(t, feeds...)
	for i, v := range viewers {
		want, history := "offline", []string{"offline"}
		if i == friend || i == friend+1 {
			want, history = "idle", []string{"offline", "idle"}
		}
		v.wantState(t, ann.token, want)
		feeds[i].wantHistory(t, ann.token, history...)
		got := v.view(t, ann.token)
		if got.State != want || got.LastSeen == nil || got.LastSeen.Equal(*frozen) != (want == "offline") {
			t.Errorf("viewer %d: %+v, frozen at %v", i, got, frozen)
		}
	}
	s.as(service).wantState(t, ann.token, "offline")
	if st := ann.view(t, "me").State; st != "appear_offline" {
		t.Errorf("it sees itself as %s", st)
	}
}

// TestWindowIsSymmetrical: whoever wrote to whom, each sees the other.
func TestWindowIsSymmetrical(t *testing.T) {
	t.Parallel()
	s := calm.get(t)
	ann, _ := invisible(t, s)
	bob, _ := invisible(t, s)
	ann.wantState(t, bob.token, "offline")
	bob.wantState(t, ann.token, "offline")
	s.message(t, ann.token, bob.token)
	ann.wantState(t, bob.token, "online")
	bob.wantState(t, ann.token, "online")
}

// TestWindowShowsTheTruth: inside it, the viewer follows every change.
func TestWindowShowsTheTruth(t *testing.T) {
	t.Parallel()
	s := calm.get(t)
	ann, _ := invisible(t, s)
	bob := s.as(who("bob"))
	w := bob.connect(t, "")
	w.watch(t, ann.token)
	s.message(t, ann.token, bob.token)
	w.awaitState(t, ann.token, "online")
	ann.beat(t, "phone", "idle")
	w.awaitState(t, ann.token, "idle")
	ann.signOut(t, "phone")
	w.awaitState(t, ann.token, "offline")
	ann.beat(t, "phone", "online")
	w.awaitState(t, ann.token, "online")
	w.wantHistory(t, ann.token, "offline", "online", "idle", "offline", "online")
}

// TestWindowBeforeInvisible: a message from before counts too; its viewer sees
// nothing happen.
func TestWindowBeforeInvisible(t *testing.T) {
	t.Parallel()
	s := calm.get(t)
	ann, bob, f := s.as(who("ann")), s.as(who("bob")), newFence(s)
	ann.beat(t, "phone", "online")
	s.message(t, bob.token, ann.token)
	w, x := bob.connect(t, ""), s.as(who("stranger")).connect(t, "")
	w.watch(t, ann.token, f.id)
	x.watch(t, ann.token, f.id)
	ann.override(t, "appear_offline")
	x.awaitState(t, ann.token, "offline")
	f.pass(t, w.feed, x.feed)
	w.wantHistory(t, ann.token, "online")
}

// TestWindowClosesOnTime: opening and closing are ordinary events, to this one
// viewer alone.
func TestWindowClosesOnTime(t *testing.T) {
	t.Parallel()
	s := quick.get(t)
	ann := s.as(who("ann"))
	ann.connect(t, "phone")
	ann.override(t, "appear_offline")
	bob := s.as(who("bob"))
	w, x := bob.connect(t, ""), s.as(who("stranger")).connect(t, "")
	w.watch(t, ann.token)
	x.watch(t, ann.token)
	dm := signOf(func() { s.message(t, bob.token, ann.token) })
	w.awaitState(t, ann.token, "online")
	closed := w.awaitState(t, ann.token, "offline")
	dm.wantAfter(t, "closing", closed.at, quickWindow, quickTick+slack)
	bob.wantState(t, ann.token, "offline")
	f := newFence(s)
	x.watch(t, f.id)
	f.pass(t, x.feed)
	x.wantHistory(t, ann.token, "offline")
	w.wantHistory(t, ann.token, "offline", "online", "offline")
}

// TestWindowStartsAtTheLatestMessage: a newer message renews, an older one
// changes nothing, and "at" is when it was, not when it was told.
func TestWindowStartsAtTheLatestMessage(t *testing.T) {
	t.Parallel()
	s := quick.get(t)
	message := func(a, b string, at time.Time) {
		r := s.as(service).do(t, "POST", "/v1/direct-messages", obj{"direct_messages": []any{
			obj{"participants": []string{a, b}, "at": at.UTC().Format(time.RFC3339Nano)},
		}})
		if got := r.batch(t); got.Accepted != 1 {
			t.Fatalf("%s", r.body)
		}
	}
	ann, bob := s.as(who("ann")), s.as(who("bob"))
	ann.connect(t, "phone")
	ann.override(t, "appear_offline")
	w := bob.connect(t, "")
	w.watch(t, ann.token)

	past := time.Now().Add(-quickWindow / 2)
	message(ann.token, bob.token, past)
	w.awaitState(t, ann.token, "online")
	latest := time.Now()
	message(bob.token, ann.token, latest)
	message(ann.token, bob.token, past)
	closed := w.awaitState(t, ann.token, "offline")
	sign{latest, latest}.wantAfter(t, "renewed window", closed.at, quickWindow, quickTick+slack)

	past = time.Now().Add(-quickWindow / 2)
	message(ann.token, bob.token, past)
	w.awaitState(t, ann.token, "online")
	closed = w.awaitState(t, ann.token, "offline")
	sign{past, past}.wantAfter(t, "window from the past", closed.at, quickWindow, quickTick+slack)

	message(ann.token, bob.token, time.Now().Add(-time.Hour))
	bob.wantState(t, ann.token, "offline")
	w.wantHistory(t, ann.token, "offline", "online", "offline", "online", "offline")
}

// TestWindowWithAbsentParticipants: a window needs no record.
func TestWindowWithAbsentParticipants(t *testing.T) {
	t.Parallel()
	s := calm.get(t)
	ann, bob := s.as(who("ann")), s.as(who("bob"))
	s.message(t, ann.token, bob.token)
	ann.override(t, "appear_offline")
	bob.wantState(t, ann.token, "offline")
	ann.beat(t, "phone", "online")
	bob.wantState(t, ann.token, "online")
}

// TestOldestWindowGoes: of more than 10,000 windows, the oldest is dropped.
func TestOldestWindowGoes(t *testing.T) {
	t.Parallel()
	s := calm.get(t)
	ann, _ := invisible(t, s)
	var items []any
	begin := time.Now().Add(-time.Hour)
	for i := range 10_001 {
		items = append(items, obj{
			"participants": []string{ann.token, fmt.Sprintf("%s-friend-%d", ann.token, i)},
			"at":           begin.Add(time.Duration(i) * time.Millisecond).UTC().Format(time.RFC3339Nano),
		})
	}
	for _, part := range [][]any{items[:10_000], items[10_000:]} {
		s.acceptAll(t, "direct-messages", "direct_messages", part)
	}
	for i, want := range map[int]string{0: "offline", 1: "online", 9_999: "online", 10_000: "online"} {
		s.as(fmt.Sprintf("%s-friend-%d", ann.token, i)).wantState(t, ann.token, want)
	}
}

// acceptAll sends a batch. What a busy machine could not take in time is sent
// again, as the contract says; nothing else may be refused, and none left out.
func (s *server) acceptAll(t testing.TB, path, field string, items []any) {
	t.Helper()
	for begun := time.Now(); len(items) > 0; {
		r := s.as(service).do(t, "POST", "/v1/"+path, obj{field: items})
		got := r.batch(t)
		if got.Accepted+len(got.Rejected) != len(items) {
			t.Fatalf("%s: accepted %d and rejected %d of %d", path, got.Accepted, len(got.Rejected), len(items))
		}
		var again []any
		for _, rejected := range got.Rejected {
			if rejected.Code != "unavailable" || time.Since(begun) > patience {
				t.Fatalf("rejected after %v: %.300s", time.Since(begun), r.body)
			}
			again = append(again, items[rejected.Index])
		}
		items = again
	}
}
