package shard

import "testing"

// TestJudged: what a backend says of a pair shows what the same edge shows, in a partition that is
// whole, that warms, and that has lost something; a block and a window beside it count as ever.
func TestJudged(t *testing.T) {
	for name, doubt := range map[string]func(p *Partition){
		"whole": func(*Partition) {}, "warming": func(p *Partition) { p.Warm(Origin) },
		"partial": func(p *Partition) { p.SetWhole(false); p.Warm(Origin) },
	} {
		for _, audience := range []Audience{AudienceEveryone, AudienceAllowed} {
			set := testSettings()
			set.Audience = audience
			v := versionAt(set, Origin)
			p, k := sayer(set)
			p.Heartbeat(Origin, KeyOf("eve"), "phone", ActivityIdle, 1)
			p.SetOverride(Origin, KeyOf("eve"), OverrideAppearOffline, v)
			p.OpenWindow(Origin, KeyOf("eve"), KeyOf("pal"), set.Time(Origin))
			p.SetBlock(k, viewerNamed("bad"), true, v)
			for allow, said := range map[Allowance]Trust{Allow: Trusted, Deny: Denied} {
				like := viewerNamed(map[Allowance]string{Allow: "allowed", Deny: "denied"}[allow])
				for _, id := range []string{"ada", "eve"} {
					p.SetEdge(Origin, KeyOf(id), like, Edge{Allow: allow}, v)
				}
				doubt(p)
				for _, id := range []string{"ada", "eve"} {
					k := KeyOf(id)
					if got, want := p.JudgedState(k, viewerNamed("ben"), said), p.State(k, like); got != want {
						t.Errorf("%s: %s said of %d is %v, by an edge %v", name, id, said, got, want)
					}
					got, want := p.JudgedRecord(Origin, k, viewerNamed("ben"), said, false), p.Record(Origin, k, like, false)
					if got.State != want.State || got.LastSeen != want.LastSeen {
						t.Errorf("%s: record of %s said of %d is %+v, by an edge %+v", name, id, said, got, want)
					}
				}
				never := KeyOf("never")
				if got := p.JudgedState(never, like, said); got != p.State(never, Viewer{}) {
					t.Errorf("%s: one that was never seen is %v", name, got)
				}
			}
			if got, want := p.JudgedState(k, viewerNamed("bad"), Trusted), p.State(k, viewerNamed("bad")); got != want {
				t.Errorf("%s: blocked and allowed is %v, want %v", name, got, want)
			}
			if got, want := p.JudgedState(KeyOf("eve"), viewerNamed("pal"), Trusted), p.State(KeyOf("eve"), viewerNamed("pal")); got != want {
				t.Errorf("%s: with a window and allowed it is %v, want %v", name, got, want)
			}
			if got := p.JudgedState(k, viewerNamed("ada"), Denied); got != p.State(k, viewerNamed("ada")) {
				t.Errorf("%s: itself sees %v", name, got)
			}
		}
	}
}

// TestTies: of one that denies a viewer it is said what is said of an id that was never seen.
func TestTies(t *testing.T) {
	set := testSettings()
	p, ada := sayer(set)
	v := versionAt(set, Origin)
	bot, human := KeyOf(set.AIPrefixes[0]+"x"), KeyOf(set.AIPrefixes[0]+"human")
	p.SetKind(human, KindHuman, v)
	p.SetKind(KeyOf("bot"), KindModel, v)
	p.SetEdge(Origin, ada, viewerNamed("allowed"), Edge{Allow: Allow}, v)
	p.SetEdge(Origin, ada, viewerNamed("denied"), Edge{Allow: Deny}, v)
	p.OpenWindow(Origin, ada, KeyOf("blocked"), set.Time(Origin))
	p.SetBlock(ada, viewerNamed("blocked"), true, v)
	p.OpenWindow(Origin, human, KeyOf("pal"), set.Time(Origin))
	p.SetBlock(human, viewerNamed("blocked"), true, v)
	p.SetBlock(KeyOf("bot"), viewerNamed("blocked"), true, v)
	for _, tc := range []struct {
		k      Key
		viewer string
		want   Tie
	}{
		{ada, "stranger", Untied},
		{ada, "allowed", Tied},
		{ada, "denied", Untied},
		{ada, "blocked", Untied},
		{bot, "stranger", Tied},
		{human, "stranger", Untied},
		{human, "pal", Tied},
		{human, "blocked", Tied},
		{KeyOf("bot"), "stranger", Tied},
		{KeyOf("bot"), "blocked", Untied},
		{KeyOf("never"), "stranger", Untied},
	} {
		if got := p.Tie(tc.k, viewerNamed(tc.viewer)); got != tc.want {
			t.Errorf("%s with %s: %d, want %d", tc.viewer, tc.k.ID, got, tc.want)
		}
	}
}
