package host

import (
	"testing"
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
