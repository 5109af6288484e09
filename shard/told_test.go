package shard

import "testing"

// TestToldInDoubt: what viewers are told of a participant that comes, hides and leaves while the
// partition warms. Whom it has blocked, and a stranger that it hides from, are told what is told of
// an id that was never seen, which is nothing. Only who has seen it hears that it is offline.
func TestToldInDoubt(t *testing.T) {
	ada := KeyOf("ada")
	const nothing = Unknown
	for name, tc := range map[string]struct {
		do           func(p *Partition)
		trust        Trust
		unseen, seen State // what is told to a viewer that saw nothing yet, and to one that saw it online
	}{
		"it comes":                  {func(*Partition) {}, Stranger, Online, Online},
		"it comes, and denies":      {func(*Partition) {}, Denied, nothing, Offline},
		"it hides":                  {hide, Stranger, nothing, Offline},
		"it hides, from a friend":   {hide, Excepted, Online, Online},
		"it hides, and denies":      {hide, Denied, nothing, Offline},
		"it leaves":                 {leave, Stranger, nothing, Offline},
		"it is closed to strangers": {shut, Stranger, nothing, Offline},
		"it is closed, and allows":  {shut, Trusted, Online, Online},
	} {
		p := New(testSettings(), NewMemory(testSettings()), 0, Origin)
		p.Warm(Origin)
		p.Announce(Origin, Announcement{ada, "tab", ActivityOnline, 5})
		tc.do(p)
		var last Change
		p.TakeChanges(func(c Change) {
			if p.Complete(ada, &c) {
				last = c
			}
		})
		for saw, want := range map[State]State{Unknown: tc.unseen, Online: tc.seen} {
			if got := last.View.Told("ada", "ben", tc.trust, saw); got != want {
				t.Errorf("%s: who saw %v is told %v, want %v", name, saw, got, want)
			}
		}
		v := p.View(ada)
		if got := v.For("ada", "ben", Denied); got != nothing {
			t.Errorf("%s: whom it denies is answered %v", name, got)
		}
		if p.Cool(); p.View(ada).Doubt {
			t.Errorf("%s: in doubt when that is over", name)
		}
	}
}

func hide(p *Partition)  { p.SetOverride(Origin, KeyOf("ada"), OverrideAppearOffline, 6) }
func leave(p *Partition) { p.SignOut(KeyOf("ada"), "tab", 6) }
func shut(p *Partition) {
	p.SetVisibility(KeyOf("ada"), VisibilityChange{Visibility: Visibility{Audience: AudienceAllowed}, SetAudience: true}, 6)
}

// TestAIsInDoubt: an AI by its prefix looks as its id did before it was ever seen, whatever is
// known of it while something may be missing: that it has a device, or whom it denies.
func TestAIsInDoubt(t *testing.T) {
	for _, warm := range []func(p *Partition){
		func(p *Partition) { p.SetWhole(false); p.Warm(Origin) },
		func(p *Partition) { p.Distrust(Origin) },
	} {
		p := New(testSettings(), NewMemory(testSettings()), 0, Origin)
		warm(p)
		never, known := KeyOf("model:never"), KeyOf("model:known")
		p.Announce(Origin, Announcement{known, "tab", ActivityIdle, 5})
		p.SetBlock(known, viewerNamed("ben"), true, 6)
		for _, viewer := range []string{"", "ben", "cleo"} {
			want := p.Record(Origin, never, viewerNamed(viewer), false)
			if got := p.Record(Origin, known, viewerNamed(viewer), false); want.State != Online ||
				got.State != want.State || got.LastSeen != want.LastSeen {
				t.Errorf("%q sees %+v, and of one that was never seen %+v", viewer, got, want)
			}
		}
		views := [2]View{p.View(never), p.View(known)}
		if views[0].Order = views[1].Order; views[0] != views[1] {
			t.Errorf("viewed as %+v, and one that was never seen as %+v", views[1], views[0])
		}
	}
}

// TestSaidInDoubt: what was said may be lost while a partition warms, and then nothing is told of it.
// What is here may have been cleared since. That it is over is known where it is remembered. Where
// it isn't known whether somebody hides, a new status is told to nobody.
func TestSaidInDoubt(t *testing.T) {
	for name, tc := range map[string]struct {
		lost bool // what ada picked, and said before
		do   func(p *Partition)
		want string // how the sayings are told
	}{
		"nothing is known":        {true, func(*Partition) {}, "?"},
		"it picks, until then":    {true, pickFor, "?"},
		"it said something":       {false, func(*Partition) {}, "?"},
		"it clears that":          {false, clearStatus, ""},
		"it says something, lost": {true, sayMore, "?"},
		"it says more":            {false, sayMore, "more"},
	} {
		p := New(testSettings(), NewMemory(testSettings()), 0, Origin)
		ada := KeyOf("ada")
		if !tc.lost {
			p.SetOverride(Origin, ada, OverrideAuto, 3)
			p.SetStatus(Origin, ada, Status{Text: "out"}, false, 4)
		}
		p.SetWhole(false)
		p.Warm(Origin)
		p.Announce(Origin, Announcement{ada, "tab", ActivityOnline, 5})
		tc.do(p)
		p.SignOut(ada, "tab", 9) // which is told at once
		told := "nothing"
		p.TakeChanges(func(c Change) {
			if p.Complete(ada, &c) {
				told = textOf(c.View.Sayings)
			}
		})
		if told != tc.want {
			t.Errorf("%s: told is %q, want %q", name, told, tc.want)
		}
		if s := p.Sayings(ada); textOf(s) != "nil" { // it is absent, which is unknown
			t.Errorf("%s: answered is %q", name, textOf(s))
		}
		if p.Cool(); (p.Sayings(ada) == nil) != (tc.want == "" || name == "nothing is known") {
			t.Errorf("%s: afterwards it says %q", name, textOf(p.Sayings(ada)))
		}
	}
}

func clearStatus(p *Partition) { p.SetStatus(Origin, KeyOf("ada"), Status{}, false, 6) }
func pickFor(p *Partition) {
	p.SetOverrideUntil(Origin, KeyOf("ada"), OverrideBusy, p.settings.Time(Origin+100), 6)
}
func sayMore(p *Partition) { p.SetStatus(Origin, KeyOf("ada"), Status{Text: "more"}, false, 6) }

func textOf(s *Sayings) string {
	switch {
	case s == nil:
		return "nil"
	case s.UnsurePublic && s.UnsureInner:
		return "?"
	default:
		return s.PublicStatus.Text
	}
}
