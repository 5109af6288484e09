package e2e

import (
	"strings"
	"testing"
)

func TestEvents(t *testing.T) {
	t.Parallel()
	s := calm.get(t)
	ann, eve, f := s.as(who("ann")), s.as(who("eve")), newFence(s)
	ann.beat(t, "phone", "idle")
	w := s.as(who("bob")).events(t, idsQuery(ann.token, eve.token, f.id))
	if ct := w.header.Get("Content-Type"); !strings.HasPrefix(ct, "text/event-stream") {
		t.Errorf("Content-Type %q", ct)
	}
	first := w.all()[0]
	if len(first.States) != 3 || first.States[ann.token] != "idle" || first.States[eve.token] != "offline" {
		t.Errorf("snapshot %q", first.raw)
	}
	ann.beat(t, "phone", "idle")
	ann.beat(t, "phone", "online")
	w.awaitState(t, ann.token, "online")
	s.as(who("unwatched")).beat(t, "phone", "online")
	eve.override(t, "busy")
	f.pass(t, w.feed)
	w.wantHistory(t, ann.token, "idle", "online")
	w.wantHistory(t, eve.token, "offline")
	for _, fr := range w.all() {
		for id := range fr.States {
			if id != ann.token && id != eve.token && id != f.id {
				t.Errorf("told about %s, which isn't watched", id)
			}
		}
		if fr.Type != "presence" || len(fr.States) == 0 {
			t.Errorf("an event that is no presence: %q", fr.raw)
		}
	}
}

func TestEventsOfManyIDs(t *testing.T) {
	t.Parallel()
	s := calm.get(t)
	ids := names(who("many")+"-", 1000)
	w := s.as(who("bob")).events(t, idsQuery(ids...))
	if n := len(w.all()[0].States); n != 1000 {
		t.Errorf("a snapshot of %d ids", n)
	}
	s.as(ids[999]).beat(t, "phone", "online")
	w.awaitState(t, ids[999], "online")
}

// TestEventsForOneself: the stream shows oneself as the participant sees itself.
func TestEventsForOneself(t *testing.T) {
	t.Parallel()
	ann, _ := invisible(t, calm.get(t))
	w := ann.events(t, idsQuery(ann.token))
	w.wantHistory(t, ann.token, "appear_offline")
	ann.override(t, "busy")
	w.awaitState(t, ann.token, "busy")
}

func TestEventsDuplicates(t *testing.T) {
	t.Parallel()
	s := calm.get(t)
	ann := who("ann")
	w := s.as(who("bob")).events(t, idsQuery(ann, ann))
	s.as(ann).beat(t, "phone", "online")
	w.awaitState(t, ann, "online")
	s.as(ann).signOut(t, "phone")
	w.awaitState(t, ann, "offline")
	w.wantHistory(t, ann, "offline", "online", "offline")
}
