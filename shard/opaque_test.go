package shard

import (
	"encoding/binary"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// newer is a fact as a newer version writes it.
func newer(kind byte, participant, subkey string, version Version, until int64, rest string) opaque {
	text := participant + subkey + string(binary.AppendUvarint(nil, uint64(until))) + rest
	return opaque{text, version, until, uint8(len(participant)), uint8(len(subkey)), kind}
}

// takeIn has a partition take in facts as extras.
func (p *Partition) takeIn(now Tick, facts ...opaque) error {
	var b []byte
	for _, o := range facts {
		b = o.append(b)
	}
	_, err := p.Apply(now, 0, b, ceiling)
	return err
}

func (w *world) opaque(*rapid.T) {
	id := w.person()
	kind, key := byte(200+rapid.IntRange(0, 1).Draw(w.t, "kind")), rapid.SampledFrom([]string{"", "a"}).Draw(w.t, "subkey")
	version, until := w.stamp(), int64(0)
	if rapid.Bool().Draw(w.t, "ends") {
		until = w.set.Time(w.m.now) + rapid.Int64Range(-1000, 60_000).Draw(w.t, "until")
	}
	m := w.m.person(id)
	known, there := m.opaque[fmt.Sprint(kind, key)]
	if older := rapid.IntRange(-1, 1).Draw(w.t, "older"); there && older >= 0 {
		version = known.version - Version(older)
	}
	in := newer(kind, id, key, version, until, rapid.SampledFrom([]string{"", "x", "y"}).Draw(w.t, "rest"))
	if err := w.p.takeIn(w.m.now, in); err != nil {
		w.t.Fatal(err)
	}
	if !there || in.version > known.version || in.version == known.version && in.tail() > known.tail() {
		m.opaque[fmt.Sprint(kind, key)] = in
	}
	w.m.endOpaque(m)
}

// endOpaque drops what is over.
func (m *model) endOpaque(p *modelPerson) {
	for key, o := range p.opaque {
		if o.until != 0 && m.set.Time(m.now) >= o.until {
			delete(p.opaque, key)
		}
	}
}

func (w *world) compareOpaque(id string) {
	var got, want []string
	if w.p.opaque != nil {
		for _, o := range w.p.opaque.of[KeyOf(id).Hash] {
			got = append(got, string(o.append(nil)))
		}
	}
	for _, o := range w.m.person(id).opaque {
		want = append(want, string(o.append(nil)))
	}
	slices.Sort(got)
	slices.Sort(want)
	if !slices.Equal(got, want) {
		w.t.Fatalf("of %s is held %q, want %q", id, got, want)
	}
}

// TestOpaqueInAnyOrder: of more facts than a participant may have the same are left in any order,
// and however often each comes.
func TestOpaqueInAnyOrder(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		set := testSettings()
		v := versionAt(set, Origin)
		all := rapid.SliceOfN(rapid.Custom(func(t *rapid.T) opaque {
			kind, key := rapid.IntRange(200, 203).Draw(t, "kind"), rapid.IntRange(0, 12).Draw(t, "subkey")
			until := rapid.SampledFrom([]int64{0, set.Time(Origin + 40)}).Draw(t, "until")
			return newer(byte(kind), "ada", fmt.Sprint(key), v+Version(rapid.IntRange(0, 20).Draw(t, "version")),
				until, strings.Repeat("x", rapid.IntRange(0, 2).Draw(t, "rest")))
		}), 1, 80).Draw(t, "facts")
		var left [2]string
		for i := range left {
			p := New(set, NewMemory(set), 0, Origin)
			for _, o := range append(rapid.Permutation(all).Draw(t, "order"), all[:len(all)/2]...) {
				if err := p.takeIn(Origin, o); err != nil {
					t.Fatal(err)
				}
			}
			if err := p.Check(); err != nil {
				t.Fatal(err)
			}
			left[i] = fmt.Sprintf("%q", p.appendOpaque(nil))
		}
		if left[0] != left[1] {
			t.Fatalf("two orders, two results:\n%s\n%s", left[0], left[1])
		}
	})
}

// keeper is a partition that has facts of three participants. Of nobody there is nothing else.
func keeper(t *testing.T, set *Settings) (p *Partition, top Version) {
	t.Helper()
	p, _ = sayer(set)
	p.Mirror(true)
	v := versionAt(set, Origin)
	if err := p.takeIn(
		Origin,
		newer(200, InnerID("acme", "ada"), "status", v+2, 0, ""),
		newer(200, "ada", "", v, 0, "a claim"),
		newer(255, "nobody", strings.Repeat("k", maxSubkey), v+1, set.Time(Origin+999), strings.Repeat("r", maxOpaqueRest)),
	); err != nil {
		t.Fatal(err)
	}
	return p, v + 2
}

// TestOpaqueIsHeld: it is told how much is held. Of a participant of whom nothing else is known no
// record is made.
func TestOpaqueIsHeld(t *testing.T) {
	p, _ := keeper(t, testSettings())
	if held := p.Said(KeyOf("nobody")).Opaque; held.Facts != 1 || held.Bytes < maxSubkey+maxOpaqueRest {
		t.Errorf("of nobody is held %+v", held)
	}
	if held := p.Said(KeyOf("ada")).Opaque; held != (Opaque{1, 1 + 1 + 4 + 1 + 8 + 1 + len("a claim")}) {
		t.Errorf("of ada is held %+v", held)
	}
	if p.find(KeyOf("nobody")) != none || p.Counts().Participants != 1 {
		t.Error("a record was made")
	}
}

// TestOpaqueIsNoted: what is new is written once, if somebody follows.
func TestOpaqueIsNoted(t *testing.T) {
	p, top := keeper(t, testSettings())
	if len(p.TakeExtras(Origin, nil)) == 0 || p.Noted() {
		t.Error("nothing is written, or it isn't over")
	}
	if p.takeIn(Origin, newer(200, "ada", "", top, 0, "")) != nil || !p.Noted() {
		t.Error("nothing is noted")
	}
	if p.Mirror(false); p.Noted() {
		t.Error("what isn't followed is noted")
	}
}

// TestOpaqueIsPassedOn: what a newer version wrote goes through snapshots, records, a promotion, a
// lapse and a demotion as it came.
func TestOpaqueIsPassedOn(t *testing.T) {
	set := testSettings()
	p, top := keeper(t, set)
	want := p.Extras(Origin, nil)
	records, snapshot := p.TakeExtras(Origin, nil), Extended(p.Snapshot(Origin, 1), want)
	for what, read := range map[string]func(q *Partition) (Version, error){
		"applied": func(q *Partition) (Version, error) { return q.Apply(Origin, 0, records, ceiling) },
		"filled":  func(q *Partition) (Version, error) { return q.Fill(Origin, 0, snapshot, ceiling) },
		"merged":  func(q *Partition) (Version, error) { return q.Merge(Origin, snapshot, ceiling) },
	} {
		q := NewCopy(set, NewMemory(set), 0, Origin)
		if got, err := read(q); err != nil || got != top {
			t.Errorf("%s: the highest version is %d, %v", what, got, err)
		}
		q.Promote(Origin)
		q.Advance(Origin + 500)
		q.Demote()
		q.Lapse()
		if got := q.Extras(Origin, nil); string(got) != string(want) {
			t.Errorf("%s: %q, want %q", what, got, want)
		}
		if err := q.Check(); err != nil {
			t.Error(err)
		}
		if q.Next() > Origin+999 {
			t.Errorf("%s: the next tick is %d", what, q.Next()-Origin)
		}
		q.Advance(Origin + 999)
		if held := q.Said(KeyOf("nobody")).Opaque; held.Facts != 0 || q.Next() != never {
			t.Errorf("%s: at its end is held %+v, the next tick is %d", what, held, q.Next())
		}
		left := map[uint64]bool{}
		q.Leave(func(hash uint64) { left[hash] = true })
		for _, id := range []string{"nobody", "ada", InnerID("acme", "ada")} {
			if !left[KeyOf(id).Hash] {
				t.Errorf("%s: %q hasn't left", what, id)
			}
		}
	}
}

// TestOpaqueIsErased: an erasure strikes what isn't newer, here and wherever it turns up while the
// erasure is remembered.
func TestOpaqueIsErased(t *testing.T) {
	set := testSettings()
	p, k := sayer(set)
	v := versionAt(set, Origin+1)
	old, later := newer(200, "ada", "a", v, 0, "old"), newer(200, "ada", "b", v+2, 0, "new")
	other := newer(200, "ben", "a", v, 0, "other")
	if err := p.takeIn(Origin, old, later, other); err != nil {
		t.Fatal(err)
	}
	before := Extended(p.Snapshot(Origin, 1), p.Extras(Origin, nil))
	p.TakeLeft(func(uint64) {})
	e := Erasure{Hash: k.Hash, Sum: sumOf([]byte("ada")), Version: v + 1}
	if !p.Strike(Seek(Erasures{e}, 1), 0) || p.TakeStruck() != 2 { // with her device
		t.Error("not struck")
	}
	for range 2 {
		if got := p.opaque.of[k.Hash]; len(got) != 1 || got[0] != later {
			t.Errorf("left is %+v", got)
		}
		if p.Said(KeyOf("ben")).Opaque.Facts != 1 {
			t.Error("another participant's is struck")
		}
		if _, err := p.Merge(Origin, before, ceiling); err != nil {
			t.Fatal(err)
		}
	}
	left := 0
	p.TakeLeft(func(hash uint64) { left += count(hash == k.Hash) })
	if left == 0 {
		t.Error("files may have the name, and it isn't said")
	}
	alone, _ := sayer(set)
	if err := alone.takeIn(Origin, newer(200, "cleo", "", v, 0, "")); err != nil {
		t.Fatal(err)
	}
	if alone.Erase(KeyOf("cleo"), v+1, set.Time(Origin)); alone.Said(KeyOf("cleo")).Opaque.Facts != 0 {
		t.Error("of one of whom nothing else is known it is still held")
	}
}

// TestOverOnItsWay: a fact that is over when it comes isn't kept, and the older one isn't either.
func TestOverOnItsWay(t *testing.T) {
	set := testSettings()
	p, k := sayer(set)
	v := versionAt(set, Origin)
	older, over := newer(200, "ada", "", v, 0, ""), newer(200, "ada", "", v+1, set.Time(Origin), "")
	if err := p.takeIn(Origin, older, over); err != nil || p.Said(k).Opaque.Facts != 0 {
		t.Errorf("%+v, %v", p.Said(k).Opaque, err)
	}
}

// TestOldestOpaqueMakesRoom: of too many facts those with the highest versions stay, of equal ones
// the last by kind and subkey. Other participants' don't count.
func TestOldestOpaqueMakesRoom(t *testing.T) {
	set := testSettings()
	var all []opaque
	for i := range maxOpaque + 5 {
		all = append(all, newer(200, "ada", fmt.Sprintf("%02d", i), Version(100+i/4), 0, ""))
	}
	backward := slices.Clone(all)
	slices.Reverse(backward)
	for _, order := range [][]opaque{all, backward} {
		p, k := sayer(set)
		ben := newer(200, "ben", "", 1, 0, "")
		p.opaque = &opaques{of: map[uint64][]opaque{k.Hash: {ben}}} // as if he had her hash
		for _, o := range order {
			if err := p.takeIn(Origin, o); err != nil {
				t.Fatal(err)
			}
		}
		if got := p.opaque.of[k.Hash]; !slices.Equal(got, append(slices.Clone(all[5:]), ben)) {
			t.Errorf("left are %+v", got)
		}
	}
}

// TestOpaqueEnds: each fact goes at its tick, whatever the order of their ends.
func TestOpaqueEnds(t *testing.T) {
	set := testSettings()
	p, k := sayer(set)
	for i, ticks := range []Tick{10, 40, 20, 30} {
		o := newer(200, "ada", fmt.Sprint(i), Version(i+1), set.Time(Origin+ticks), "")
		if err := p.takeIn(Origin, o); err != nil {
			t.Fatal(err)
		}
	}
	for now := Origin; now <= Origin+40; now++ {
		p.Advance(now)
		if err := p.Check(); err != nil {
			t.Fatal(err)
		}
		if got, want := p.Said(k).Opaque.Facts, 4-int(now-Origin)/10; got != want {
			t.Fatalf("at %d %d are left, want %d", now-Origin, got, want)
		}
	}
}

// TestOpaqueRefused: one that can't be is refused with all that came with it, and said so.
func TestOpaqueRefused(t *testing.T) {
	set := testSettings()
	v := versionAt(set, Origin)
	good := newer(200, "ada", "key", v, 0, "rest").append(nil)
	short := slices.Clone(good)
	short[1] = 1 + 3 + 1 + 3 + 8 // without until
	for says, b := range map[string][]byte{
		"has 65 bytes, most is 64":      newer(200, "ada", strings.Repeat("k", 65), v, 0, "").append(nil),
		"has 1025 bytes, most is 1024":  newer(200, "ada", "", v, 0, strings.Repeat("r", 1025)).append(nil),
		"has no version":                newer(200, "ada", "", 0, 0, "").append(nil),
		"end of an opaque fact":         newer(200, "ada", "", v, maxMillis+1, "").append(nil),
		"end of an opaque fact is cut":  short[:2+short[1]],
		"participant id":                newer(200, "a b", "", v, 0, "").append(nil),
		"21 bytes wanted, 20 left":      good[:len(good)-1],
		"version is ahead of the clock": newer(200, "ada", "", ceiling, 0, "").append(nil),
	} {
		c := NewCopy(set, NewMemory(set), 0, Origin)
		_, err := c.Apply(Origin, 0, append(newer(200, "ada", "", v, 0, "").append(nil), b...), v+1)
		if !errors.Is(err, ErrSnapshot) || !strings.Contains(err.Error(), says) || c.opaque != nil {
			t.Errorf("%v, want one that says %q", err, says)
		}
	}
}

// TestOpaqueTakesMemory: what is held is in what a partition says that it takes.
func TestOpaqueTakesMemory(t *testing.T) {
	set := testSettings()
	p, _ := sayer(set)
	before := p.Bytes()
	if err := p.takeIn(Origin, newer(200, "ada", "", 1, 0, strings.Repeat("r", 1000))); err != nil {
		t.Fatal(err)
	}
	if more := p.Bytes().Said - before.Said; more < 1040 || more > 1200 {
		t.Errorf("%d bytes more", more)
	}
}

// TestManyOverOnTheirWay: facts that are over when they come cost no more where others have many.
func TestManyOverOnTheirWay(t *testing.T) {
	set := testSettings()
	p := New(set, NewMemory(set), 0, Origin)
	v := versionAt(set, Origin)
	const many = 20_000
	var others, over []opaque
	for i := range many {
		others = append(others, newer(200, fmt.Sprint("other", i), "", v, 0, ""))
		over = append(over, newer(200, fmt.Sprint("over", i), "", v, set.Time(Origin), ""))
	}
	began := time.Now()
	if err := p.takeIn(Origin, append(others, over...)...); err != nil {
		t.Fatal(err)
	}
	if took := time.Since(began); took > 5*time.Second || len(p.opaque.of) != many {
		t.Errorf("it took %v, and %d are left; want %d", took, len(p.opaque.of), many)
	}
	if err := p.Check(); err != nil || p.Next() != never {
		t.Errorf("%v, the next tick is %d", err, p.Next())
	}
}
