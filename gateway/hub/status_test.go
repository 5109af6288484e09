package hub

import (
	"context"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/scaiwave/presence/gateway/tenant"
	"github.com/scaiwave/presence/shard"
)

// say is a view of somebody who says something: strangers see the one, friends the other.
func say(v shard.View, public, inner string) shard.View {
	v.Sayings = &shard.Sayings{PublicStatus: shard.Status{Text: public}, InnerStatus: shard.Status{Text: inner}}
	return v
}

// wordsOf are what is told: "id=state" of a state, "id:text" of a status, "+" of who asked for it.
func wordsOf(changes []Change) (words []string) {
	for _, c := range changes {
		word := c.Of.ID()
		if c.Parts&StateChanged != 0 {
			word += "=" + c.State.String()
		}
		if c.Parts&StatusChanged != 0 {
			word += ":" + textOf(c.Status)
		}
		if c.Parts&WithStatus != 0 {
			word += "+"
		}
		words = append(words, word)
	}
	slices.Sort(words)
	return words
}

func textOf(s *shard.Status) string {
	if s == nil {
		return ""
	}
	return s.Text
}

// full subscribes with status, and gives the texts of the snapshot.
func full(t *testing.T, v *Viewer, ids ...string) (texts []string) {
	t.Helper()
	s, err := v.Subscribe(context.Background(), list(ids...), shard.WithStatus)
	if err != nil || len(s.Statuses) != len(s.States) {
		t.Fatal(err, s)
	}
	for _, status := range s.Statuses {
		texts = append(texts, textOf(status))
	}
	return texts
}

func wantWords(t *testing.T, v *Viewer, want ...string) {
	t.Helper()
	if d := cmp.Diff(want, wordsOf(drain(v, 1000))); d != "" {
		t.Errorf("told (-want +got):\n%s", d)
	}
}

func (o *owner) becomes(h *Hub, id string, v shard.View) {
	o.set(id, v)
	o.deliver(h)
}

// TestStatusSnapshotThenChanges: who asked for statuses is told each difference, and who didn't
// nothing of it.
func TestStatusSnapshotThenChanges(t *testing.T) {
	o, h := newTestHub(MaxWatched)
	o.set("a", say(plain(shard.Online, 0), "hi", "hi"))
	wakes := 0
	v, other := h.NewViewer("v", func() {}), h.NewViewer("v", func() { wakes++ })
	if d := cmp.Diff([]string{"hi", ""}, full(t, v, "a", "b")); d != "" {
		t.Errorf("snapshot (-want +got):\n%s", d)
	}
	subscribe(t, other, "a")
	o.becomes(h, "a", say(plain(shard.Online, 0), "ho", "ho"))
	wantWords(t, v, "a:ho+")
	o.becomes(h, "a", say(plain(shard.Idle, 0), "ho", "ho"))
	wantWords(t, v, "a=idle+")
	wantWords(t, other, "a=idle")
	o.becomes(h, "a", say(plain(shard.Idle, 0), "hm", "hm"))
	o.becomes(h, "a", say(plain(shard.Idle, 0), "ho", "ho"))
	wantWords(t, v) // it is what it was
	o.becomes(h, "a", plain(shard.Offline, 0))
	wantWords(t, v, "a=offline:+")
	o.becomes(h, "b", say(plain(shard.Offline, 0), "away", "away"))
	wantWords(t, v, "b:away+")
	wantWords(t, other, "a=offline")
	if wakes != 2 {
		t.Errorf("without statuses: woken %d times; want 2, for the states", wakes)
	}
}

// TestStatusByTrust: a viewer sees the status that goes with the state that it sees.
func TestStatusByTrust(t *testing.T) {
	for name, tc := range map[string]struct {
		viewer tenant.Participant
		trust  shard.Trust
		closed bool
		want   string
	}{
		"itself":                {"a", shard.Stranger, true, "inner"},
		"everyone":              {"v", shard.Stranger, false, "public"},
		"nobody":                {"", shard.Stranger, false, "public"},
		"a stranger, closed":    {"v", shard.Stranger, true, ""},
		"nobody, closed":        {"", shard.Stranger, true, ""},
		"allowed":               {"v", shard.Trusted, true, "public"},
		"within the window":     {"v", shard.Excepted, true, "inner"},
		"denied":                {"v", shard.Denied, false, ""},
		"denied, and closed":    {"v", shard.Denied, true, ""},
		"a window, and open":    {"v", shard.Excepted, false, "inner"},
		"itself, and it's open": {"a", shard.Stranger, false, "inner"},
	} {
		o, h := newTestHub(MaxWatched)
		v := h.NewViewer(tc.viewer, func() {})
		o.trust("a", string(tc.viewer), tc.trust)
		view := say(hiding(shard.Online), "public", "inner")
		view.Closed = tc.closed
		o.set("a", view)
		if got := full(t, v, "a"); got[0] != tc.want {
			t.Errorf("%s sees %q, want %q", name, got[0], tc.want)
		}
		v.Close()
	}
}

// TestStatusChangesByTrust: what changes what a viewer may see is told, if the status changes by
// it.
func TestStatusChangesByTrust(t *testing.T) {
	o, h := newTestHub(MaxWatched)
	o.set("a", say(plain(shard.Online, 0), "public", "inner"))
	v := h.NewViewer("v", func() {})
	full(t, v, "a")
	for _, step := range []struct {
		trust shard.Trust
		want  []string
	}{
		{shard.Excepted, []string{"a:inner+"}},
		{shard.Denied, []string{"a=offline:+"}},
		{shard.Trusted, []string{"a=online:public+"}},
		{shard.Stranger, nil},
	} {
		o.trust("a", "v", step.trust)
		o.deliver(h)
		wantWords(t, v, step.want...)
	}
}

// TestLaterSubscribe: without status it leaves a subscription as it is, and with it makes it one.
func TestLaterSubscribe(t *testing.T) {
	o, h := newTestHub(MaxWatched)
	o.set("a", say(plain(shard.Online, 0), "hi", "hi"))
	v := h.NewViewer("v", func() {})
	subscribe(t, v, "a")
	o.becomes(h, "a", say(plain(shard.Online, 0), "ho", "ho"))
	wantWords(t, v)
	if got := full(t, v, "a"); got[0] != "ho" {
		t.Errorf("snapshot %q", got)
	}
	o.becomes(h, "a", say(plain(shard.Online, 0), "hm", "hm"))
	subscribe(t, v, "a") // whose snapshot doesn't tell the change
	wantWords(t, v, "a:hm+")
	v.Unsubscribe(list("a"))
	subscribe(t, v, "b", "a")
	o.becomes(h, "a", say(plain(shard.Online, 0), "at last", "at last"))
	wantWords(t, v)
}

// TestAnswerToWhoDidntAsk: it has no statuses, which doesn't mean that there are none.
func TestAnswerToWhoDidntAsk(t *testing.T) {
	o, h := newTestHub(MaxWatched)
	o.set("a", say(plain(shard.Online, 0), "hi", "hi"))
	v, other := h.NewViewer("v", func() {}), h.NewViewer("w", func() {})
	full(t, v, "a")
	o.answerTo = map[string]shard.View{"a": plain(shard.Idle, o.order+1)}
	subscribe(t, other, "a")
	wantWords(t, v, "a=idle+")
}

// TestStatusesAreWeighed: one that has a text takes the room of several states.
func TestStatusesAreWeighed(t *testing.T) {
	o, h := newTestHub(MaxWatched)
	v := h.NewViewer("v", func() {})
	ids := []string{"a", "b", "c", "d"}
	full(t, v, ids...)
	for _, id := range ids {
		o.becomes(h, id, say(plain(shard.Offline, 0), "hi", "hi"))
	}
	for _, want := range []int{2, 2, 0} {
		changes, more := v.Drain(nil, statusWeight+1)
		if len(changes) != want || more != (len(v.dirty) > 0) {
			t.Errorf("told %d, and more: %t; want %d", len(changes), more, want)
		}
	}
}

// TestStatusFrames: those who watch with status share one message, and those without another.
func TestStatusFrames(t *testing.T) {
	o, h := newTestHub(MaxWatched)
	var fullers, plains [2]*Viewer
	for i := range 2 {
		fullers[i], plains[i] = h.NewViewer("v", func() {}), h.NewViewer("v", func() {})
		full(t, fullers[i], "a")
		subscribe(t, plains[i], "a")
	}
	for _, step := range []struct {
		view shard.View
		full string
	}{
		{say(plain(shard.Online, 0), "hi", "hi"), "a=online 7 &{hi  0}"},
		{say(plain(shard.Online, 0), "ho", "ho"), "a=online 6 &{ho  0}"},
		{say(plain(shard.Idle, 0), "ho", "ho"), "a=idle 5 <nil>"},
		{plain(shard.Idle, 0), "a=idle 6 <nil>"},
	} {
		was := o.look("a").Public
		o.becomes(h, "a", step.view)
		x, y := drain(fullers[0], 1), drain(fullers[1], 1)
		if string(x[0].Frame) != step.full || &x[0].Frame[0] != &y[0].Frame[0] {
			t.Errorf("with status: %q and %q, want %q for both", x[0].Frame, y[0].Frame, step.full)
		}
		told := drain(plains[0], 1)
		if step.view.Public == was && len(told) != 0 {
			t.Errorf("without: told %q", told[0].Frame)
		}
		if step.view.Public != was && string(told[0].Frame) != "a="+step.view.Public.String() {
			t.Errorf("without: %q", told[0].Frame)
		}
	}
}

// TestSelfSayings: the participant is told of each member that changes, and of no other.
func TestSelfSayings(t *testing.T) {
	o, h := newTestHub(MaxWatched)
	v := h.NewViewer("me", func() {})
	v.WatchSelf(context.Background())
	v.DrainSelf()
	said := func(change func(s *shard.Sayings)) shard.View {
		view := plain(shard.Offline, 0)
		view.Sayings = &shard.Sayings{
			InnerStatus: shard.Status{Text: "hi"}, OverrideUntil: 5, Claims: []shard.Claim{{Source: "calendar", Until: 7}},
		}
		change(view.Sayings)
		return view
	}
	for _, step := range []struct {
		what   string
		change func(s *shard.Sayings)
		tells  bool
	}{
		{"all at once", func(*shard.Sayings) {}, true},
		{"the same", func(*shard.Sayings) {}, false},
		{"a status for strangers", func(s *shard.Sayings) { s.PublicStatus.Text = "ho" }, false},
		{"a claim's end", func(s *shard.Sayings) { s.Claims[0].Until = 9 }, false},
		{"a claim", func(s *shard.Sayings) { s.Claims = nil }, true},
		{"an end", func(s *shard.Sayings) { s.Claims, s.OverrideUntil = nil, 6 }, true},
		{"a status", func(s *shard.Sayings) { *s = shard.Sayings{OverrideUntil: 6} }, true},
	} {
		view := said(step.change)
		o.becomes(h, "me", view)
		self, told := v.DrainSelf()
		if told != step.tells || told && !self.same(&Self{State: shard.Offline, Sayings: view.Sayings}) {
			t.Errorf("%s: told %t, %+v", step.what, told, self)
		}
	}
	v.Close()
	if left := h.Stats(); left.Topics != 0 {
		t.Errorf("left: %+v", left)
	}
}

// shown is what a viewer should know of one id: with status or not.
type shown struct {
	state shard.State
	full  bool
	text  string
}

// TestStatusesAgainstModel: any order of operations, one at a time, ends in what a plain map says.
func TestStatusesAgainstModel(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		o, h := newTestHub(MaxWatched)
		viewers := []*Viewer{h.NewViewer("a", func() {}), h.NewViewer("w", func() {}), h.NewViewer("", func() {})}
		models := []map[string]shown{{}, {}, {}}
		id, ids := rapid.SampledFrom(someIDs), rapid.SliceOfN(rapid.SampledFrom(someIDs), 1, 4)
		who := rapid.IntRange(0, len(viewers)-1)
		t.Repeat(map[string]func(*rapid.T){
			"change": func(t *rapid.T) { o.set(id.Draw(t, "id"), drawSaying(t)) },
			"trust": func(t *rapid.T) {
				o.trust(id.Draw(t, "id"), "w", shard.Trust(rapid.IntRange(0, 3).Draw(t, "trust")))
			},
			"deliver": func(t *rapid.T) { o.deliver(h) },
			"subscribe": func(t *rapid.T) {
				n, with := who.Draw(t, "viewer"), shard.With(rapid.IntRange(0, 1).Draw(t, "with"))
				s, err := viewers[n].Subscribe(context.Background(), list(ids.Draw(t, "ids")...), with)
				if err != nil {
					t.Fatal(err)
				}
				learn(models[n], &s)
			},
			"unsubscribe": func(t *rapid.T) {
				n, gone := who.Draw(t, "viewer"), ids.Draw(t, "ids")
				viewers[n].Unsubscribe(list(gone...))
				for _, id := range gone {
					delete(models[n], id)
				}
			},
			"drain": func(t *rapid.T) {
				n := who.Draw(t, "viewer")
				hearAll(t, models[n], drain(viewers[n], rapid.IntRange(1, 9).Draw(t, "limit")))
			},
			"": func(*rapid.T) {},
		})
		o.deliver(h)
		for n, v := range viewers {
			hearAll(t, models[n], drain(v, 100))
			for id, was := range models[n] {
				if want := shownOf(o, id, v.key.ID, was.full); was != want {
					t.Fatalf("viewer %d believes %s to be %+v, it is %+v", n, id, was, want)
				}
			}
			v.Close()
		}
	})
}

func drawSaying(t *rapid.T) shard.View {
	texts := rapid.SampledFrom([]string{"", "x", "y"})
	v := drawView(t)
	if rapid.Bool().Draw(t, "says") {
		v = say(v, texts.Draw(t, "public"), texts.Draw(t, "inner"))
	}
	return v
}

func shownOf(o *owner, id, viewer string, full bool) shown {
	v, trust := o.look(id), o.trusts[[2]string{id, viewer}]
	s := shown{state: v.For(id, viewer, trust), full: full}
	if full {
		s.text = v.StatusFor(id, viewer, trust).Text
	}
	return s
}

// learn takes a snapshot. Without statuses it leaves those that are known.
func learn(m map[string]shown, s *Snapshot) {
	for i, id := range s.List.Keys() {
		now := m[id]
		if now.state = s.States[i]; s.Statuses != nil {
			now.full, now.text = true, textOf(s.Statuses[i])
		}
		m[id] = now
	}
}

// hearAll takes changes, and fails where one is about an id that isn't watched so, or says nothing
// new.
func hearAll(t *rapid.T, m map[string]shown, changes []Change) {
	for _, c := range changes {
		was, watched := m[c.Of.ID()]
		now := was
		if c.Parts&StateChanged != 0 {
			now.state = c.State
		}
		if c.Parts&StatusChanged != 0 {
			now.text = textOf(c.Status)
		}
		if !watched || was == now || was.full != (c.Parts&WithStatus != 0) || now.state == shard.Unknown {
			t.Fatalf("told %+v; watched %t, was %+v", c, watched, was)
		}
		m[c.Of.ID()] = now
	}
}
