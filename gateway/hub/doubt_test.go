package hub

import (
	"testing"

	"github.com/scaiwave/presence/cluster"
	"github.com/scaiwave/presence/shard"
)

// lost is an owner that has lost what the one before knew of "a": it can't tell how it looks, and
// has heard of no exception.
func lost(o *owner) {
	o.order++
	o.answerTo = map[string]shard.View{"a": {Order: o.order}}
	clear(o.trusts)
}

// TestAWordBesideAnUnknownView isn't counted: what is known of the pair stands, and a connection of
// which nothing is known sees nothing, though others who watch see what was known last.
func TestAWordBesideAnUnknownView(t *testing.T) {
	o, h := newTestHub(MaxWatched)
	o.trust("a", "denied", shard.Denied)
	o.set("a", plain(shard.Online, 0))
	denied, friend := h.NewViewer("denied", func() {}), h.NewViewer("friend", func() {})
	if got := subscribe(t, denied, "a"); got[0] != shard.Offline {
		t.Fatalf("denied, it sees %v", got[0])
	}
	subscribe(t, friend, "a")
	lost(o)
	for _, again := range []*Viewer{denied, friend, h.NewViewer("denied", func() {}), h.NewViewer("friend", func() {})} {
		want := shard.Unknown
		switch again {
		case denied:
			want = shard.Offline
		case friend:
			want = shard.Online
		}
		if got := subscribe(t, again, "a"); got[0] != want {
			t.Errorf("%s, subscribed again, sees %v, want %v", again.key.ID, got[0], want)
		}
	}
	wantDrained(t, denied)
	wantDrained(t, friend)
}

// TestDeniedBesideAnUnknownView: that it is denied tells a viewer that has seen the participant
// that it is offline. One that has seen nothing is told nothing, until something is known.
func TestDeniedBesideAnUnknownView(t *testing.T) {
	o, h := newTestHub(MaxWatched)
	o.set("a", plain(shard.Online, 0))
	saw, other := h.NewViewer("w", func() {}), h.NewViewer("w", func() {})
	subscribe(t, saw, "a")
	lost(o)
	subscribe(t, other, "a")
	o.order++
	word := cluster.Word{Viewer: viewerOf("w"), Trust: shard.Denied, Order: o.order}
	h.Deliver([]cluster.Update{{ID: "a", Words: []cluster.Word{word}}})
	wantDrained(t, saw, "a=offline")
	wantDrained(t, other)
	o.trusts[[2]string{"a", "w"}], o.answerTo = shard.Denied, nil
	o.become(h, "a", shard.Idle)
	wantDrained(t, other)
	h.Deliver([]cluster.Update{{ID: "a", View: o.look("a"), Words: []cluster.Word{word}}})
	wantDrained(t, other, "a=offline")
	wantDrained(t, saw)
}

// TestADenialOutlastsADoubt: an owner that lost a denial shows the participant before it is known
// whether more was lost.
func TestADenialOutlastsADoubt(t *testing.T) {
	o, h := newTestHub(MaxWatched)
	o.trust("a", "w", shard.Denied)
	o.set("a", plain(shard.Online, 0))
	v := h.NewViewer("w", func() {})
	subscribe(t, v, "a")
	word := cluster.Word{Viewer: viewerOf("w"), Order: o.order + 1}
	view := plain(shard.Idle, o.order+1)
	for _, doubt := range []bool{true, false} {
		view.Doubt = doubt
		h.Deliver([]cluster.Update{{ID: "a", View: view, Words: []cluster.Word{word}}})
		if doubt {
			wantDrained(t, v)
		} else {
			wantDrained(t, v, "a=idle")
		}
	}
}

// TestADenialOutlastsAWordInDoubt: it does so, too, if only the word comes: a window that was opened
// at an owner that lost the denial.
func TestADenialOutlastsAWordInDoubt(t *testing.T) {
	o, h := newTestHub(MaxWatched)
	o.trust("a", "w", shard.Denied)
	o.set("a", plain(shard.Online, 0))
	v := h.NewViewer("w", func() {})
	subscribe(t, v, "a")
	view := plain(shard.Idle, o.order+1)
	view.Doubt = true
	h.Deliver([]cluster.Update{{ID: "a", View: view}})
	word := cluster.Word{Viewer: viewerOf("w"), Trust: shard.Excepted, Order: o.order + 2}
	h.Deliver([]cluster.Update{{ID: "a", Words: []cluster.Word{word}}})
	wantDrained(t, v)
	word.Order, view.Order, view.Doubt = o.order+3, o.order+3, false
	h.Deliver([]cluster.Update{{ID: "a", View: view, Words: []cluster.Word{word}}})
	wantDrained(t, v, "a=idle")
}

// TestClosedOutlastsADoubt: an owner that lost that strangers may not see a participant doesn't show
// it to those who watch it, until the doubt is over.
func TestClosedOutlastsADoubt(t *testing.T) {
	o, h := newTestHub(MaxWatched)
	closed := plain(shard.Online, 0)
	closed.Closed = true
	o.set("a", closed)
	v := h.NewViewer("w", func() {})
	if got := subscribe(t, v, "a"); got[0] != shard.Offline {
		t.Fatalf("a stranger sees %v", got[0])
	}
	view := plain(shard.Idle, o.order+1)
	for _, doubt := range []bool{true, false} {
		view.Doubt = doubt
		h.Deliver([]cluster.Update{{ID: "a", View: view}})
		if doubt {
			wantDrained(t, v)
		} else {
			wantDrained(t, v, "a=idle")
		}
	}
}

// TestStatusOutlastsADoubt: an owner that lost what was said takes it from nobody before the doubt is
// over. But that there is nothing any more counts, and so does a denial.
func TestStatusOutlastsADoubt(t *testing.T) {
	for _, known := range []bool{false, true} {
		o, h := newTestHub(MaxWatched)
		o.set("a", say(plain(shard.Online, 0), "hi", "hi"))
		v, denied := h.NewViewer("v", func() {}), h.NewViewer("w", func() {})
		full(t, v, "a")
		full(t, denied, "a")
		view := plain(shard.Online, o.order+1)
		if view.Doubt = true; known {
			view = say(view, "", "")
		}
		word := cluster.Word{Viewer: viewerOf("w"), Trust: shard.Denied, Order: o.order + 1}
		h.Deliver([]cluster.Update{{ID: "a", View: view, Words: []cluster.Word{word}}})
		wantWords(t, denied, "a=offline:+")
		if known {
			wantWords(t, v, "a:+")
			continue
		}
		wantWords(t, v)
		h.Deliver([]cluster.Update{{ID: "a", View: plain(shard.Online, o.order+2)}})
		wantWords(t, v, "a:+")
	}
}

// TestUnsureStatusOutlastsADoubt: of two statuses one may be known in doubt. What isn't known stays as
// it was told, and of an override the end is that of the same view.
func TestUnsureStatusOutlastsADoubt(t *testing.T) {
	o, h := newTestHub(MaxWatched)
	old := say(plain(shard.Online, 0), "public", "inner")
	old.Version, old.Sayings.OverrideUntil = 1, 5
	o.set("a", old)
	o.trust("a", "friend", shard.Excepted)
	stranger, friend := h.NewViewer("v", func() {}), h.NewViewer("friend", func() {})
	full(t, stranger, "a")
	full(t, friend, "a")
	view := plain(shard.Online, o.order+1)
	view.Doubt, view.Version = true, 2
	view.Sayings = &shard.Sayings{UnsurePublic: true, UnsureInner: true}
	h.Deliver([]cluster.Update{{ID: "a", View: view}})
	wantWords(t, stranger)
	wantWords(t, friend)
	if p := h.Picked("a"); p.Version != 2 || p.Until != 0 {
		t.Errorf("picked is %+v", p)
	}
	view.Order++
	view.Sayings = &shard.Sayings{UnsurePublic: true, InnerStatus: shard.Status{Text: "new"}}
	h.Deliver([]cluster.Update{{ID: "a", View: view}})
	wantWords(t, stranger)
	wantWords(t, friend, "a:new+")
	h.Deliver([]cluster.Update{{ID: "a", View: plain(shard.Online, view.Order+1)}})
	wantWords(t, stranger, "a:+")
	wantWords(t, friend, "a:+")
}

// TestOfflineInDoubt: what comes and hides, or leaves, while nobody can say who is offline, is told
// to those who saw it, and is nothing new to the others until the doubt is over. A question of a
// moment before doesn't count.
func TestOfflineInDoubt(t *testing.T) {
	o, h := newTestHub(MaxWatched)
	saw, queued, fresh := h.NewViewer("w", func() {}), h.NewViewer("x", func() {}), h.NewViewer("y", func() {})
	o.set("a", plain(shard.Online, 0))
	subscribe(t, saw, "a")
	o.answerTo = map[string]shard.View{"a": {}}
	o.silent = true
	subscribe(t, queued, "a")
	words := func(v shard.View) cluster.Update {
		return cluster.Update{ID: "a", View: v, Words: []cluster.Word{{Viewer: viewerOf("x"), Order: v.Order}}}
	}
	come, gone := plain(shard.Online, 10), plain(shard.Offline, 11)
	come.Doubt, gone.Doubt = true, true
	h.Deliver([]cluster.Update{words(come)})
	h.Deliver([]cluster.Update{words(gone)}) // before queued was told that it has come
	o.silent, o.answerTo = false, map[string]shard.View{"a": gone}
	if got := subscribe(t, fresh, "a"); got[0] != shard.Unknown {
		t.Errorf("a new subscription sees %v", got[0])
	}
	wantDrained(t, saw, "a=offline")
	wantDrained(t, queued)
	if p := h.Picked("a"); p.Version != 0 {
		t.Errorf("it is known to have picked something, of version %d", p.Version)
	}
	h.Deliver([]cluster.Update{{ID: "a", View: plain(shard.Offline, 12)}})
	wantDrained(t, saw)
	wantDrained(t, queued, "a=offline")
	wantDrained(t, fresh, "a=offline")
}
