package e2e

import (
	"fmt"
	"testing"
)

func TestSubscribe(t *testing.T) {
	t.Parallel()
	s := calm.get(t)
	ann, eve, f := s.as(who("ann")), s.as(who("eve")), newFence(s)
	eve.beat(t, "d", "idle")
	w := s.as(who("bob")).connect(t, "")
	got := w.watch(t, ann.token, eve.token, ann.token)
	if fmt.Sprint(got) != fmt.Sprint(map[string]string{ann.token: "offline", eve.token: "idle"}) {
		t.Errorf("snapshot %v", got)
	}
	w.watch(t, f.id)
	ann.beat(t, "d", "online")
	w.awaitState(t, ann.token, "online")
	ann.beat(t, "d", "idle")
	w.awaitState(t, ann.token, "idle")
	f.pass(t, w.feed)
	w.wantHistory(t, ann.token, "offline", "online", "idle")
	w.wantHistory(t, eve.token, "idle")
}

// TestNoEventWithoutAChange: nothing that leaves the visible state as it is
// makes a frame.
func TestNoEventWithoutAChange(t *testing.T) {
	t.Parallel()
	s := calm.get(t)
	ann, f := s.as(who("ann")), newFence(s)
	ann.beat(t, "a", "online")
	viewer := s.as(who("bob"))
	w := viewer.connect(t, "")
	w.watch(t, ann.token, f.id)
	sse := viewer.events(t, idsQuery(ann.token, f.id))
	quiet := []func(){
		func() { ann.beat(t, "a", "online") },
		func() { ann.beat(t, "b", "idle") },
		func() { ann.beat(t, "b", "online") },
		func() { ann.beat(t, "a", "idle") },
		func() { ann.signOut(t, "a") },
		func() { ann.signOut(t, "a") },
		func() { ann.override(t, "auto") },
		func() { ann.connect(t, "c") },
		func() { ann.signOut(t, "c") },
		func() { s.message(t, ann.token, viewer.token) },
		func() { s.register(t, ann.token, "human") },
		func() { s.register(t, ann.token, "model") },
		func() { ann.override(t, "busy") },
	}
	for _, act := range quiet {
		act()
	}
	f.pass(t, w.feed, sse.feed)
	w.wantHistory(t, ann.token, "online")
	sse.wantHistory(t, ann.token, "online")
}

// TestUnsubscribe: after its ok, nothing more is delivered about the id.
func TestUnsubscribe(t *testing.T) {
	t.Parallel()
	s := calm.get(t)
	ann, eve, f := s.as(who("ann")), s.as(who("eve")), newFence(s)
	w := s.as(who("bob")).connect(t, "")
	w.watch(t, ann.token, eve.token, f.id)
	for range 5 {
		ann.beat(t, "d", "online")
		w.want(t, "ok", obj{"type": "unsubscribe", "ids": []string{ann.token, "never-watched"}})
		delivered := len(w.history(ann.token))
		ann.signOut(t, "d")
		ann.beat(t, "d", "idle")
		ann.signOut(t, "d")
		f.pass(t, w.feed)
		if got := w.history(ann.token); len(got) != delivered {
			t.Fatalf("after the ok came %q", got[delivered:])
		}
		if got := w.watch(t, ann.token); got[ann.token] != "offline" {
			t.Fatalf("snapshot %v", got)
		}
	}
	eve.beat(t, "d", "online")
	w.awaitState(t, eve.token, "online")
}

// TestSubscriptionLimit: 5,000 ids a connection; an id counts once, and room is
// made by unsubscribing.
func TestSubscriptionLimit(t *testing.T) {
	t.Parallel()
	s := calm.get(t)
	w := s.as(who("bob")).connect(t, "")
	prefix := who("many") + "-"
	ids := names(prefix, 5000)
	for i := 0; i < 5000; i += 1000 {
		if got := w.watch(t, ids[i:i+1000]...); len(got) != 1000 {
			t.Fatalf("a snapshot of %d", len(got))
		}
	}
	w.watch(t, ids[:1000]...)
	w.refused(t, "too_many_ids", obj{"type": "subscribe", "ids": []string{prefix + "more"}})
	s.as(ids[4999]).beat(t, "d", "online")
	w.awaitState(t, ids[4999], "online")
	w.want(t, "ok", obj{"type": "unsubscribe", "ids": []string{ids[0]}})
	w.watch(t, prefix+"more")
}

func TestQueryMessage(t *testing.T) {
	t.Parallel()
	s := calm.get(t)
	ann, f := s.as(who("ann")), newFence(s)
	ann.beat(t, "d", "idle")
	w := s.as(who("bob")).connect(t, "")
	nobody := who("nobody")
	got := w.want(t, "result", obj{"type": "query", "ids": []string{ann.token, nobody, ann.token}}).States
	if fmt.Sprint(got) != fmt.Sprint(map[string]string{ann.token: "idle", nobody: "offline"}) {
		t.Errorf("result %v", got)
	}
	if got := w.want(t, "result", obj{"type": "query", "ids": names("q", 1000)}).States; len(got) != 1000 {
		t.Errorf("%d states", len(got))
	}
	w.watch(t, f.id)
	ann.beat(t, "d", "online")
	f.pass(t, w.feed)
	w.wantHistory(t, ann.token)
}

// TestSubscribeToOneself shows oneself as the participant sees itself.
func TestSubscribeToOneself(t *testing.T) {
	t.Parallel()
	s := calm.get(t)
	ann := s.as(who("ann"))
	w := ann.connect(t, "d")
	w.watch(t, ann.token)
	w.want(t, "ok", obj{"type": "override", "override": "appear_offline"})
	w.awaitState(t, ann.token, "appear_offline")
}

// TestLatestStateWins: however fast it flips, the viewer ends with the truth.
func TestLatestStateWins(t *testing.T) {
	t.Parallel()
	s := calm.get(t)
	ann, f := s.as(who("ann")), newFence(s)
	w := s.as(who("bob")).connect(t, "")
	w.watch(t, ann.token, f.id)
	sender := ann.connect(t, "d")
	for i := range 200 {
		sender.send(t, obj{"type": "heartbeat", "activity": []string{"online", "idle"}[i%2]})
	}
	sender.want(t, "ok", obj{"type": "heartbeat", "activity": "idle"})
	f.pass(t, w.feed)
	got := w.history(ann.token)
	if last := got[len(got)-1]; last != "idle" {
		t.Errorf("ends with %s", last)
	}
	for i := 1; i < len(got); i++ {
		if got[i] == got[i-1] {
			t.Fatalf("told %s twice in a row: %q", got[i], got)
		}
	}
}
