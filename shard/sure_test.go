package shard

import (
	"fmt"
	"testing"
)

// TestNoStatusInDoubt: where something is missing, what is here of a status may have been cleared,
// or be kept from the viewer by what is missing. In that time nobody but the participant itself
// sees it, is answered it, or is told it. One that is set in that time is seen, where it is known
// who may see it.
func TestNoStatusInDoubt(t *testing.T) {
	for name, tc := range map[string]struct {
		begin func(p *Partition)
		new   map[string]string // what a stranger sees of who says something new
	}{
		"partial": {
			func(p *Partition) { p.SetWhole(false); p.Warm(Origin) },
			map[string]string{"ada": "new", "model:bot": "new", "pia": "", "hid": ""},
		},
		"distrusted": {
			func(p *Partition) { p.Distrust(Origin) },
			map[string]string{"ada": "", "model:bot": "", "pia": "", "hid": ""},
		},
	} {
		t.Run(name, func(t *testing.T) {
			set := testSettings()
			set.AIPrefixes = []string{"model:"}
			p, next := New(set, NewMemory(set), 0, Origin), stamps(set, Origin)
			ids := []string{"ada", "model:bot", "pia", "hid"}
			for _, id := range ids {
				k := KeyOf(id)
				p.Heartbeat(Origin, k, "tab", ActivityOnline, 1)
				p.SetOverride(Origin, k, OverrideAuto, next())
				p.SetStatus(Origin, k, Status{Text: "old"}, false, next())
				p.OpenWindow(Origin, k, KeyOf("pal"), set.Time(Origin))
			}
			p.SetBlock(KeyOf("pia"), viewerNamed("enemy"), true, next()) // there may have been more
			p.SetOverride(Origin, KeyOf("hid"), OverrideAppearOffline, next())
			tc.begin(p)
			p.TakeChanges(nil)
			for _, id := range ids {
				p.Heartbeat(Origin, KeyOf(id), "tab", ActivityIdle, 1)
			}
			wantNothingSaid(t, p)
			for _, id := range ids {
				for _, viewer := range []string{"", "ben", "pal", "enemy"} {
					if got := seenOf(p, id, viewer); got != "" {
						t.Errorf("%q sees that %s says %q", viewer, id, got)
					}
				}
			}
			for _, id := range ids {
				p.SetStatus(Origin, KeyOf(id), Status{Text: "new"}, false, next())
			}
			for _, id := range ids {
				if got := seenOf(p, id, "ben"); got != tc.new[id] {
					t.Errorf("a stranger sees that %s says %q, want %q", id, got, tc.new[id])
				}
			}
			p.Cool()
			for _, id := range ids {
				want := map[bool]string{true: "old", false: "new"}[id == "hid"]
				if got := seenOf(p, id, "ben"); got != want {
					t.Errorf("after the doubt a stranger sees that %s says %q, want %q", id, got, want)
				}
			}
		})
	}
}

// seenOf is the status that a viewer sees of an id, in whichever way it asks.
func seenOf(p *Partition, id, viewer string) string {
	k, v := KeyOf(id), viewerNamed(viewer)
	all := []string{
		p.Seen(Origin, k, v, Stranger, WithStatus).Status.Text, p.Record(Origin, k, v, false).Status.Text,
	}
	view := p.View(k)
	if view.Sayings = p.Sayings(k).Over(nil); view.Public != Unknown {
		all = append(all, view.StatusFor(id, viewer, trustIn(p, k, v)).Text)
	}
	for _, text := range all {
		if text != all[0] {
			return fmt.Sprint(all)
		}
	}
	return all[0]
}

// wantNothingSaid wants no change to tell a status.
func wantNothingSaid(t *testing.T, p *Partition) {
	t.Helper()
	p.TakeChanges(func(c Change) {
		k := KeyOf(string(c.ID))
		if p.Complete(k, &c) && textOf(c.View.Sayings) != "?" {
			t.Errorf("of %s is told %+v", k.ID, c.View.Sayings)
		}
	})
}

// TestHiddenInDoubt: a viewer with a window is told what a participant that hides says anew.
// Strangers are told nothing of it, not even that what stood has ended: of one that is absent they
// aren't either.
func TestHiddenInDoubt(t *testing.T) {
	set := testSettings()
	next := stamps(set, Origin)
	p, k := sayer(set)
	p.SetStatus(Origin, k, Status{Text: "old", Until: set.Time(Origin + 5)}, false, next())
	p.SetOverride(Origin, k, OverrideAppearOffline, next())
	p.SetWhole(false)
	p.Warm(Origin)
	p.Advance(Origin + 9)
	p.TakeChanges(nil)
	p.SetStatus(Origin, k, Status{Text: "new"}, false, next())
	told := 0
	p.TakeChanges(func(c Change) {
		if !p.Complete(k, &c) {
			return
		}
		told++
		s := c.View.Sayings.Over(&Sayings{PublicStatus: Status{Text: "old"}, InnerStatus: Status{Text: "old"}})
		if s.PublicStatus.Text != "old" || s.InnerStatus.Text != "new" {
			t.Errorf("told is %+v", s)
		}
	})
	if told != 1 {
		t.Errorf("%d changes", told)
	}
}
