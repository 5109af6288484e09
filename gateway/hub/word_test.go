package hub

import (
	"math"
	"testing"

	"github.com/scaiwave/presence/cluster"
	"github.com/scaiwave/presence/gateway/tenant"
	"github.com/scaiwave/presence/shard"
)

// wordOn tells the hub about the exception of "w" for "a".
func wordOn(h *Hub, has bool, order uint64) {
	word := cluster.Word{Viewer: viewerOf("w"), Trust: trusted(has), Order: order}
	h.Deliver([]cluster.Update{{ID: "a", Words: []cluster.Word{word}}})
}

// trusted is the trust of who has an exception, or hasn't.
func trusted(has bool) shard.Trust {
	if has {
		return shard.Excepted
	}
	return shard.Stranger
}

// TestWordsThatCross: of two words on a pair the one with the higher order counts, whichever comes
// first, also when one of them is an answer, and when orders jump as they do with a new owner, or
// begin anew behind a base.
func TestWordsThatCross(t *testing.T) {
	for _, first := range []uint64{5, 1<<40 | 5, math.MaxUint64 - maxSaid - 100} {
		for _, step := range []uint64{1, keptSaid, maxSaid, maxSaid + 1, 1 << 40} {
			o, h := newTestHub(MaxWatched)
			o.set("a", hiding(shard.Idle))
			o.order = first
			o.except("a", "w", true)
			v := h.NewViewer("w", func() {})
			subscribe(t, v, "a") // answered as of first+1
			wordOn(h, false, first)
			wantDrained(t, v)
			if first+1+step < first {
				continue
			}
			wordOn(h, false, first+1+step)
			wantDrained(t, v, "a=offline")
			wordOn(h, true, first+step)
			wantDrained(t, v)
			wordOn(h, true, first+1)
			wantDrained(t, v)
		}
	}
}

// TestAnAnswerThatIsLate: a word that came while the answer was under way isn't undone by it.
func TestAnAnswerThatIsLate(t *testing.T) {
	o, h := newTestHub(MaxWatched)
	o.set("a", hiding(shard.Idle))
	v := h.NewViewer("w", func() {})
	o.duringW = func() {
		o.except("a", "w", true)
		o.deliver(h)
	}
	subscribe(t, v, "a")
	o.duringW = nil
	if got := v.subs[0].sent; got != shard.Idle {
		t.Errorf("the snapshot has %v", got)
	}
	wantDrained(t, v)
}

// TestNotAnswered: while it isn't known whether a viewer has an exception, nothing is known of the
// id, whether it hides or not, though others who watch it here are told. What the node learns later
// is delivered.
func TestNotAnswered(t *testing.T) {
	for _, hidden := range []bool{false, true} {
		o, h := newTestHub(MaxWatched)
		other, v := h.NewViewer("other", func() {}), h.NewViewer("w", func() {})
		o.except("a", "w", true)
		o.set("a", plain(shard.Idle, 0))
		subscribe(t, other, "a")
		o.silent = true
		subscribe(t, v, "a")
		if hidden {
			o.set("a", hiding(shard.Idle))
		} else {
			o.set("a", plain(shard.Online, 0))
		}
		o.deliver(h)
		if got := v.subs[0].sent; got != shard.Unknown {
			t.Errorf("hidden %t: the snapshot has %v", hidden, got)
		}
		wantDrained(t, v)
		if got := len(drain(other, 2)); got != 1 {
			t.Errorf("hidden %t: the other was told %d changes", hidden, got)
		}
		wordOn(h, true, o.order)
		wantDrained(t, v)
		word := cluster.Word{Viewer: viewerOf("w"), Trust: shard.Excepted, Order: o.order}
		h.Deliver([]cluster.Update{{ID: "a", View: o.look("a"), Words: []cluster.Word{word}}})
		if got := drain(v, 2); len(got) != 1 || got[0].State != stateOf(o, "a", "w") {
			t.Errorf("hidden %t: told %v", hidden, got)
		}
	}
}

// TestViewers: the cluster asks again for those who need an exception.
func TestViewers(t *testing.T) {
	_, h := newTestHub(MaxWatched)
	for _, id := range []tenant.Participant{"w", "", "a", "w", "x"} {
		subscribe(t, h.NewViewer(id, func() {}), "a")
	}
	var got string
	for _, k := range h.Viewers("a") {
		got += k.ID
	}
	if got != "wwx" || len(h.Viewers("b")) > 0 {
		t.Errorf("%s", got)
	}
}

// TestNamesEnd: nothing is kept of viewers that have gone.
func TestNamesEnd(t *testing.T) {
	_, h := newTestHub(MaxWatched)
	a, b := h.NewViewer("w", func() {}), h.NewViewer("w", func() {})
	a.Close()
	if got := h.names.get(viewerOf("w").Hash); len(got) != 1 || got[0] != b {
		t.Errorf("%d are left", len(got))
	}
	b.Close()
	if len(h.names.all) > 0 {
		t.Errorf("left: %v", h.names.all)
	}
}
