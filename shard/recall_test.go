package shard

import "testing"

// TestARecalledPickHidesWhatWasSaid: a node knows that ada hides, and what she said since. A
// gateway tells it that she picked that again meanwhile. What she said is for strangers no more
// than before.
func TestARecalledPickHidesWhatWasSaid(t *testing.T) {
	for _, again := range []int64{0, 100} {
		set := testSettings()
		next := stamps(set, Origin)
		p, k := sayer(set)
		p.SetStatus(Origin, k, Status{Text: "stood"}, false, next())
		p.SetOverride(Origin, k, OverrideAppearOffline, next())
		p.SetStatus(Origin, k, Status{Text: "hidden"}, false, next())
		until := again
		if again != 0 {
			until = set.Time(Origin + Tick(again))
		}
		p.RecallOverride(Origin, k, OverrideAppearOffline, until, next())
		for viewer, want := range map[string]string{"ben": "stood", "ada": "hidden"} {
			if got := p.Record(Origin, k, viewerNamed(viewer), false).Status.Text; got != want {
				t.Errorf("%s sees %q, want %q", viewer, got, want)
			}
		}
		if h := p.Account(Origin, k); h.OverrideUntil != until {
			t.Errorf("it ends at %d, want %d", h.OverrideUntil, until)
		}
		if err := p.Check(); err != nil {
			t.Error(err)
		}
	}
}
