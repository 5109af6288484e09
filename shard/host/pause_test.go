package host

import (
	"testing"
	"time"

	"github.com/scaiwave/presence/shard"
)

// TestPause: nobody expires while the host is paused, and everybody has afterwards what they had
// left. Heartbeats count meanwhile.
func TestPause(t *testing.T) {
	inPair(t, func(t *testing.T, p *pair) {
		beats := []Heartbeat{{"ada", "phone", shard.ActivityOnline}, {"ben", "phone", shard.ActivityOnline}}
		p.a.Heartbeats(beats, make([]shard.Outcome, 2))
		time.Sleep(60 * time.Second)
		p.a.Pause()
		time.Sleep(10 * time.Minute)
		p.a.Pause()
		wantText(t, "paused", states(p.a, "ada", "ben"), "[online online] 0")
		p.a.Heartbeats([]Heartbeat{{"ben", "phone", shard.ActivityOnline}}, make([]shard.Outcome, 1))
		p.a.Resume()
		p.a.Resume()
		time.Sleep(4 * time.Second)
		wantText(t, "resumed", states(p.a, "ada", "ben"), "[online online] 0")
		time.Sleep(2 * time.Second)
		wantText(t, "a deadline in all", states(p.a, "ada", "ben"), "[offline online] 0")
		if seen := inspect(p.a, "", "ben", false).LastSeen; time.Since(seen) > 7*time.Second {
			t.Errorf("ben was last seen %v ago, want 6 s", time.Since(seen))
		}
		if p.gaps != 0 {
			t.Errorf("%d gaps in a pause", p.gaps)
		}
	})
}

// TestFrozenStaysInAPause: when somebody who hides was last seen doesn't move by a pause.
func TestFrozenStaysInAPause(t *testing.T) {
	inPair(t, func(t *testing.T, p *pair) {
		p.a.Attach("ada", "tab", shard.ActivityOnline)
		p.a.SetOverride("ada", shard.OverrideAppearOffline)
		hidden := inspect(p.a, "", "ada", false).LastSeen
		p.a.Pause()
		time.Sleep(10 * time.Second)
		p.a.Resume()
		if seen := inspect(p.a, "", "ada", false).LastSeen; !seen.Equal(hidden) {
			t.Errorf("last seen %v, and %v after a pause", hidden, seen)
		}
	})
}

// TestGapInAPause is noticed: others may have taken over.
func TestGapInAPause(t *testing.T) {
	inPair(t, func(t *testing.T, p *pair) {
		p.a.Pause()
		p.a.time.last.Add(int64(-5 * time.Minute)) // as if it hadn't looked for as long
		wantText(t, "after", states(p.a, "ada"), "[unknown] 1")
		if p.gaps != 1 {
			t.Errorf("%d gaps, want 1", p.gaps)
		}
	})
}
