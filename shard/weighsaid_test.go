package shard

import (
	"fmt"
	"strings"
	"testing"
)

// speakers are the ways to say something that stays, each with a newer version.
func speakers(set *Settings, p *Partition) []func(k Key, n int) Outcome {
	next, until := stamps(set, Origin), set.Time(Origin+100)
	longest := Status{Text: strings.Repeat("x", MaxStatusText), Emoji: strings.Repeat("e", MaxStatusEmoji), Until: until}
	return []func(k Key, n int) Outcome{
		func(k Key, _ int) Outcome { return p.SetStatus(Origin, k, longest, false, next()) },
		func(k Key, n int) Outcome {
			return p.SetClaim(Origin, k, strings.Repeat("c", MaxSource-1)+fmt.Sprint(n%MaxClaims), until, next())
		},
	}
}

// fillWithSayings has participants of a tenant say all that they may, until no more is taken. They
// hide, so that each keeps two statuses. It returns how many they are.
func fillWithSayings(t *testing.T, set *Settings, p *Partition, tenant string, from int) (people int) {
	t.Helper()
	speak, next := speakers(set, p), stamps(set, Origin)
	for ; p.weight < 2*set.MaxWeight; people++ {
		k := KeyOf(heavyIn(tenant, from+people))
		p.Heartbeat(Origin, k, "phone", ActivityOnline, 1)
		outcomes := []Outcome{speak[0](k, 0), p.SetOverride(Origin, k, OverrideAppearOffline, next()), speak[0](k, 0)}
		for n := range MaxClaims {
			outcomes = append(outcomes, speak[1](k, n))
		}
		for _, o := range outcomes {
			if o == Full {
				return people + 1
			} else if o != Done {
				t.Fatal(people, o)
			}
		}
	}
	t.Fatalf("%d participants, and there is room", people)
	return 0
}

// TestWhatIsSaidCanBeSent: a partition takes no more statuses and claims than fit into a message,
// of one tenant no more than half of that. What is there can be ended, a claim renewed, and anybody
// can hide.
func TestWhatIsSaidCanBeSent(t *testing.T) {
	set := large()
	set.MaxWeight = 1 << 20
	p := New(set, NewMemory(set), 0, Origin)
	people := fillWithSayings(t, set, p, "a", 0)
	size := func() int { return len(p.Snapshot(Origin, 1)) + len(p.Extras(Origin, nil)) }
	if got, most := size(), set.MaxWeight/2+people*alone(set); got > most || got < set.MaxWeight/4 {
		t.Errorf("a snapshot has %d bytes; want %d at most, and not less than a quarter", got, most)
	}
	if err := p.Check(); err != nil {
		t.Fatal(err)
	}
	speak := speakers(set, p)
	full := func(k Key, want Outcome) {
		t.Helper()
		for i, f := range speak {
			if o := f(k, 0); o != want {
				t.Errorf("%d of %q: %d", i, k.ID, o)
			}
		}
	}
	full(KeyOf(heavyIn("a", 1e7)), Full)
	full(KeyOf(heavyIn("b", 1e7)), Done)
	full(KeyOf("ada"), Done)
	people += fillWithSayings(t, set, p, "b", 0)
	for _, tenant := range []string{"c", "d"} {
		people += fillWithSayings(t, set, p, tenant, 0)
	}
	if got, most := size(), set.MaxWeight+(people+10)*alone(set); got > most {
		t.Errorf("a snapshot has %d bytes; want %d at most", got, most)
	}
	testAtTheLimit(t, set, p)
	if err := p.Check(); err != nil {
		t.Fatal(err)
	}
}

// testAtTheLimit looks at what a full partition takes.
func testAtTheLimit(t *testing.T, set *Settings, p *Partition) {
	next, until := stamps(set, Origin+1), set.Time(Origin+200)
	there, other := KeyOf(heavyIn("a", 0)), KeyOf("nobody")
	source := strings.Repeat("c", MaxSource-1) + "0"
	for what, tt := range map[string][2]Outcome{
		"a status":            {p.SetStatus(Origin, other, Status{Text: "x"}, false, next()), Full},
		"a claim":             {p.SetClaim(Origin, other, "call", until, next()), Full},
		"the end of none":     {p.SetStatus(Origin, other, Status{}, false, next()), Done},
		"the end of no claim": {p.SetClaim(Origin, other, "call", 0, next()), Done},
		"a renewal":           {p.SetClaim(Origin, there, source, until, next()), Done},
		"a longer status":     {p.SetStatus(Origin, there, Status{Text: "x"}, false, next()), Full},
		"the end of a status": {p.SetStatus(Origin, there, Status{}, false, next()), Done},
		"the end of a claim":  {p.SetClaim(Origin, there, source, 0, next()), Done},
	} {
		if tt[0] != tt[1] {
			t.Errorf("%s: %d, want %d", what, tt[0], tt[1])
		}
	}
	if p.find(other) != none {
		t.Error("what was refused made a record")
	}
	if o := p.SetOverrideUntil(Origin, other, OverrideAppearOffline, until, next()); o != Done {
		t.Errorf("hiding for a while: %d", o)
	}
	if h := p.Account(Origin, there); h.Status != (KeptStatus{}) || len(h.Claims) != MaxClaims-1 {
		t.Errorf("%+v", h)
	}
}

// TestWeightOfWhatIsSaidGoes: what is over, erased or too much weighs nothing any longer.
func TestWeightOfWhatIsSaidGoes(t *testing.T) {
	set := large()
	set.MaxWeight, set.FactTTL = 1<<20, 500
	p := New(set, NewMemory(set), 0, Origin)
	people := fillWithSayings(t, set, p, "a", 0)
	for i := range people / 2 {
		k := KeyOf(heavyIn("a", i))
		p.Erase(k, lastOf(set.OriginMillis), set.OriginMillis)
		for n := range 100 {
			p.SetClaim(Origin, k, fmt.Sprint("old", n), 0, lastOf(set.OriginMillis)+Version(1+n))
		}
	}
	if err := p.Check(); err != nil {
		t.Fatal(err)
	}
	for now := Origin; now < Origin+3*set.FactTTL; now += 50 {
		p.Advance(now)
	}
	next := stamps(set, Origin+3*set.FactTTL)
	for i := range people {
		p.SetOverride(Origin+3*set.FactTTL, KeyOf(heavyIn("a", i)), OverrideAuto, next())
	}
	for now := Origin + 3*set.FactTTL; now < Origin+6*set.FactTTL; now += 50 {
		p.Advance(now)
	}
	if err := p.Check(); err != nil || p.weight != 0 {
		t.Errorf("%d bytes of nothing: %v", p.weight, err)
	}
}
