package host

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/scaiwave/presence/shard"
)

// TestDoubt: while others may know more, an absent participant is unknown, for as long as somebody
// says so, and a present one is shown: nothing is missing here. Trust ends it at once.
func TestDoubt(t *testing.T) {
	inPair(t, func(t *testing.T, p *pair) {
		doubt := func() {
			for i := range partitions {
				p.a.Hold(i)
				p.a.Doubt(i)
			}
		}
		doubt()
		p.a.Attach("ada", "tab", shard.ActivityOnline)
		wantText(t, "doubted", states(p.a, "ada", "ben", "model:cleo"), "[online unknown online] 0")
		time.Sleep(60 * time.Second)
		p.a.StayWarm()
		time.Sleep(60 * time.Second)
		wantText(t, "still doubted", states(p.a, "ben"), "[unknown] 0")
		p.note.take()
		watch(p.a, p.sink, "ben")
		p.a.Trust([]int{p.a.PartitionOf("ben")})
		wantText(t, "trusted", states(p.a, "ben"), "[offline] 0")
		time.Sleep(time.Second)
		if told := p.note.take(); told == "" {
			t.Error("nobody was told to look again")
		}
		if !p.a.Whole(0) {
			t.Error("something is missing after a doubt")
		}
		doubt()
		time.Sleep(66 * time.Second)
		wantText(t, "a deadline later", states(p.a, "ben"), "[offline] 0")
		doubt()
		p.a.Outdate()
		if p.a.Whole(0) || p.a.Role(0) != Held {
			t.Errorf("others have served, and it is %v, whole: %v", p.a.Role(0), p.a.Whole(0))
		}
	})
}

// TestDoubtEndsByMerge: what comes whole from others is what they know.
func TestDoubtEndsByMerge(t *testing.T) {
	inPair(t, func(t *testing.T, p *pair) {
		n := p.a.partitionOf(shard.KeyOf("ben"))
		snapshot, _ := p.a.Snapshot(n)
		p.a.Hold(n)
		p.a.Doubt(n)
		if err := p.a.Merge(n, 2, snapshot, false); err != nil {
			t.Fatal(err)
		}
		wantText(t, "a part has come", states(p.a, "ben"), "[unknown] 0")
		if err := p.a.Merge(n, 2, snapshot, true); err != nil {
			t.Fatal(err)
		}
		wantText(t, "all has come", states(p.a, "ben"), "[offline] 0")
	})
}

// TestOutdatedUnlessTold: others have served. What is held is outdated, but for what one of them has
// told of since.
func TestOutdatedUnlessTold(t *testing.T) {
	for _, whole := range []bool{false, true} {
		inPair(t, func(t *testing.T, p *pair) {
			snapshot, _ := p.a.Snapshot(0)
			p.a.Hold(0)
			p.a.Doubt(0)
			p.a.HoldDoubted()
			if p.a.Role(0) != Held || !p.a.Whole(0) {
				t.Fatalf("it is %v, whole: %v", p.a.Role(0), p.a.Whole(0))
			}
			if err := p.a.Merge(0, 2, snapshot, whole); err != nil {
				t.Fatal(err)
			}
			p.a.Outdate()
			if p.a.Whole(0) != whole {
				t.Errorf("told by one that has all: %v, whole: %v", whole, p.a.Whole(0))
			}
			p.a.Serve(0)
			p.a.Hold(0)
			p.a.Outdate()
			if p.a.Whole(0) {
				t.Error("it was told before it was served, and still counts")
			}
		})
	}
}

// TestGlimpse: a glimpse is what a watch shows, and nobody is told of changes by it.
func TestGlimpse(t *testing.T) {
	inPair(t, func(t *testing.T, p *pair) {
		p.a.Attach("ada", "tab", shard.ActivityOnline)
		views, answers := glimpse(p.a, "ada", "ben")
		if views[0].Public != shard.Online || views[1].Public != shard.Offline ||
			answers[0] != Glimpsed || answers[1] != Glimpsed {
			t.Errorf("%v, %v", views, answers)
		}
		p.a.SignOut("ada", "tab")
		time.Sleep(time.Second)
		wantText(t, "told", p.note.take(), "")
		if st := p.a.Stats(); st.Watched != 0 {
			t.Errorf("%d are watched", st.Watched)
		}
		order := views[0].Order
		views, _ = glimpse(p.a, "ada")
		if views[0].Public != shard.Offline || views[0].Order <= order {
			t.Errorf("after a change: %v, whose order was %d", views[0], order)
		}
		n := p.a.partitionOf(shard.KeyOf("ada"))
		p.a.Hold(n)
		if _, answers := glimpse(p.a, "ada"); answers[0] != Missing {
			t.Errorf("of what isn't served: %v", answers[0])
		}
	})
}

// TestDistrust: of what is distrusted nobody is told who is there, until others have told.
func TestDistrust(t *testing.T) {
	inPair(t, func(t *testing.T, p *pair) {
		n := p.a.partitionOf(shard.KeyOf("ada"))
		p.a.Hold(n)
		p.a.Distrust(n)
		p.a.Attach("ada", "tab", shard.ActivityOnline)
		p.a.SetOverride("ada", shard.OverrideBusy)
		wantText(t, "distrusted", states(p.a, "ada"), "[unknown] 0")
		if !p.a.Whole(n) {
			t.Error("something is missing that was acknowledged here")
		}
		p.a.Trust([]int{n})
		wantText(t, "trusted", states(p.a, "ada"), "[busy] 0")
	})
}

// TestCopyOfADoubt: a copy would answer without the doubt of its owner. So it isn't whole.
func TestCopyOfADoubt(t *testing.T) {
	inPair(t, func(t *testing.T, p *pair) {
		for what, begin := range map[string]func(int){"doubted": p.a.Doubt, "distrusted": p.a.Distrust} {
			p.a.Hold(0)
			begin(0)
			if _, whole := p.a.Snapshot(0); whole {
				t.Errorf("%s, and whole", what)
			}
			p.a.SnapshotInto(0, func(_ []byte, whole bool) {
				if !whole {
					t.Errorf("%s, and on disk something is missing", what)
				}
			})
			p.a.Trust([]int{0})
			if _, whole := p.a.Snapshot(0); !whole {
				t.Errorf("%s, and trusted, and something is missing", what)
			}
		}
	})
}

// TestLapsed: what a disk had is that until something whole has come to it, or it is served.
func TestLapsed(t *testing.T) {
	inPair(t, func(t *testing.T, p *pair) {
		snapshot, _ := p.a.Snapshot(0)
		h := newMember(t, 3, newPipe(), nil)
		for i := range 3 {
			snapshot, _ := p.a.Snapshot(i)
			if err := h.LoadSnapshot(i, time.Now(), snapshot, true); err != nil {
				t.Fatal(err)
			}
		}
		h.Lapse()
		if h.Lapsed(3) || !h.Lapsed(0) {
			t.Error("lapsed is not what the disk had")
		}
		h.Serve(1)
		h.Hold(1)
		for _, whole := range []bool{false, true} {
			if err := h.Merge(0, 1, snapshot, whole); err != nil {
				t.Fatal(err)
			}
			if h.Lapsed(0) == whole {
				t.Errorf("something has come, whole: %t, and it is lapsed: %t", whole, !whole)
			}
		}
		if h.Lapsed(1) || !h.Lapsed(2) {
			t.Error("what was served is as the disk had it")
		}
	})
}

// TestLapsedNoLonger: what a disk had, and another node has taken over, is that node's since. When it
// has gone, nothing is missing here that it has sent.
func TestLapsedNoLonger(t *testing.T) {
	for what, take := range map[string]func(h *Host, snapshot []byte) error{
		"claimed":         func(h *Host, _ []byte) error { h.Claim(0); return nil },
		"merged with one": func(h *Host, snapshot []byte) error { return h.Merge(0, 8, snapshot, false) },
	} {
		inPair(t, func(t *testing.T, p *pair) {
			snapshot, _ := p.a.Snapshot(0)
			h := newMember(t, 3, newPipe(), nil)
			if err := h.LoadSnapshot(0, time.Now(), snapshot, true); err != nil {
				t.Fatal(err)
			}
			h.Lapse()
			h.Yield(0, 7)
			if err := h.Fill(0, 7, snapshot, true); err != nil {
				t.Fatal(err)
			}
			if err := take(h, snapshot); err != nil {
				t.Fatal(err)
			}
			if h.Role(0) != Held || h.Lapsed(0) || !h.Whole(0) {
				t.Errorf("%s: it is %v, lapsed: %t, whole: %t", what, h.Role(0), h.Lapsed(0), h.Whole(0))
			}
		})
	}
}

// TestAskedWhenItIsKnown: a gateway was told no exception of a participant as long as it wasn't
// known how that looks. So it asks anew when it is told how. What was told of a viewer meanwhile
// stays: that it is denied.
func TestAskedWhenItIsKnown(t *testing.T) {
	inPair(t, func(t *testing.T, p *pair) {
		s := &heard{said: make(map[uint64]Word)}
		id, err := p.a.AddSink(s)
		if err != nil {
			t.Fatal(err)
		}
		n := p.a.partitionOf(shard.KeyOf("ada"))
		p.a.Drop(n)
		p.a.Warm(n)
		watch(p.a, id, "ada")
		p.a.OpenWindow("ada", "ben", time.Now().UnixMilli())
		synctest.Wait()
		if len(s.updates) > 0 {
			t.Errorf("told %+v", s.updates)
		}
		p.a.SetBlock("ada", "cleo", true)
		p.a.SetOverride("ada", shard.OverrideAppearOffline)
		p.a.Attach("ada", "tab", shard.ActivityOnline)
		synctest.Wait()
		var words []Word // together, or one after the other
		for _, u := range s.updates {
			words = append(words, u.Words...)
		}
		if u := s.updates[len(s.updates)-1]; len(words) != 1 || words[0].Trust != shard.Denied || u.Ask {
			t.Errorf("told %+v", s.updates)
		}
		n = p.a.partitionOf(shard.KeyOf("eve"))
		p.a.Drop(n)
		p.a.Warm(n)
		watch(p.a, id, "eve")
		p.a.SetOverride("eve", shard.OverrideBusy)
		p.a.Attach("eve", "tab", shard.ActivityOnline)
		synctest.Wait()
		if u := s.updates[len(s.updates)-1]; u.ID != "eve" || !u.Ask || u.View.Public != shard.Busy {
			t.Errorf("told %+v", u)
		}
	})
}
