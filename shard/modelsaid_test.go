package shard

import (
	"fmt"
	"maps"
	"slices"

	"pgregory.net/rapid"
)

// modelSaid is what was said of somebody.
type modelSaid struct {
	status, stood Status // stood means something while its participant hides
	until         int64  // of the override
	claims        map[string]int64
	beats         bool
}

// endSaid ends what is over.
func (m *model) endSaid(p *modelPerson) {
	over := func(until int64) bool { return until != 0 && m.set.Time(m.now) >= until }
	for _, s := range []*Status{&p.said.status, &p.said.stood} {
		if over(s.Until) {
			*s = Status{}
		}
	}
	if over(p.said.until) {
		m.endOverride(p)
	}
	maps.DeleteFunc(p.said.claims, func(_ string, until int64) bool { return over(until) })
}

func (m *model) endOverride(p *modelPerson) { p.override, p.said.until = OverrideAuto, 0 }

// status is what a viewer sees.
func (m *model) status(id, viewer string) Status {
	p := m.person(id)
	switch {
	case !m.maySee(id, viewer):
		return Status{}
	case id != viewer && p.override == OverrideAppearOffline && !m.windowOpen(id, viewer):
		return p.said.stood
	default:
		return p.said.status
	}
}

// sayings is what everybody sees of what was said of somebody.
func (m *model) sayings(id string) (all string) {
	for _, v := range append(testPeople, "") {
		all += fmt.Sprintf(" %v", m.status(id, v))
	}
	p := m.person(id)
	return all + fmt.Sprint(" ", p.said.until, m.claims(p))
}

func (m *model) claims(p *modelPerson) (all []Claim) {
	for _, source := range slices.Sorted(maps.Keys(p.said.claims)) {
		all = append(all, Claim{source, p.said.claims[source]})
	}
	return all
}

// sayingsIn is model.sayings of a partition, by its views.
func sayingsIn(p *Partition, id string) (all string) {
	k := KeyOf(id)
	v := p.View(k)
	if v.Sayings = p.Sayings(k); v.Sayings == nil {
		v.Sayings = &Sayings{}
	}
	for _, viewer := range append(testPeople, "") {
		all += fmt.Sprintf(" %v", v.StatusFor(id, viewer, trustIn(p, k, viewerNamed(viewer))))
	}
	return all + fmt.Sprint(" ", v.Sayings.OverrideUntil, v.Sayings.Claims)
}

// until is an end, or none.
func (w *world) until() int64 {
	if rapid.Bool().Draw(w.t, "ends") {
		return w.set.Time(w.m.now) + rapid.Int64Range(1, 90_000).Draw(w.t, "until")
	}
	return 0
}

func (w *world) pick(*rapid.T) {
	id, until := w.person(), w.until()
	o := Override(rapid.IntRange(1, 2).Draw(w.t, "override"))
	w.same("pick", w.p.SetOverrideUntil(w.m.now, KeyOf(id), o, until, w.stamp()), Done)
	w.m.setOverride(id, o)
	w.m.person(id).said.until = until
}

func (w *world) status(*rapid.T) {
	id, public := w.person(), rapid.Bool().Draw(w.t, "public")
	s := Status{Text: rapid.SampledFrom([]string{"", "out", "in"}).Draw(w.t, "text")}
	if s.Text != "" {
		s.Until, s.Emoji = w.until(), rapid.SampledFrom([]string{"", "🚆"}).Draw(w.t, "emoji")
	}
	w.same("status", w.p.SetStatus(w.m.now, KeyOf(id), s, public, w.stamp()), Done)
	p := w.m.person(id)
	if p.said.status = s; public {
		p.said.stood = s
	}
}

func (w *world) claim(*rapid.T) {
	id, until := w.person(), w.until()
	source := fmt.Sprint("s", rapid.IntRange(0, MaxClaims+1).Draw(w.t, "source"))
	p := w.m.person(id)
	want := Done
	if _, live := p.said.claims[source]; until != 0 && !live && len(p.said.claims) == MaxClaims {
		want = TooManyClaims
	}
	w.same("claim", w.p.SetClaim(w.m.now, KeyOf(id), source, until, w.stamp()), want)
	switch {
	case want != Done:
	case until == 0:
		delete(p.said.claims, source)
	default:
		p.said.claims[source] = until
	}
}

func (w *world) availability(*rapid.T) {
	id, a := w.person(), Availability(rapid.IntRange(1, 2).Draw(w.t, "availability"))
	w.same("availability", w.p.SetAvailability(w.m.now, KeyOf(id), a, w.stamp()), Done)
	w.m.person(id).said.beats = a == UntilSilent
}

// compareSaid compares what one viewer sees of what was said of somebody.
func (w *world) compareSaid(id, viewer string) {
	k, v := KeyOf(id), viewerNamed(viewer)
	r := w.p.Record(w.m.now, k, v, true)
	seen := w.p.Seen(w.m.now, k, v, Stranger, WithStatus|WithLastSeen)
	if want := w.m.status(id, viewer); r.Status != want || seen.Status != want {
		w.t.Fatalf("status of %s for %q: %v and %v, want %v", id, viewer, r.Status, seen.Status, want)
	}
	p := w.m.person(id)
	if r.OverrideUntil != p.said.until || !slices.Equal(r.Claims, w.m.claims(p)) {
		w.t.Fatalf("record of %s: %+v, want the end %d and %v", id, r, p.said.until, p.said.claims)
	}
	lastSeen := int64(0)
	if r.LastSeen != 0 {
		lastSeen = w.set.Time(r.LastSeen)
	}
	if r.Coarse {
		lastSeen -= lastSeen % millisPerDay
	}
	if want := (Seen{r.State, r.Status, lastSeen, r.Coarse}); seen != want {
		w.t.Fatalf("%s sees of %s %+v, want %+v", viewer, id, seen, want)
	}
}
