package shard

import (
	"fmt"
	"math/rand/v2"
	"reflect"
	"strings"
	"testing"
)

// tenants are partitions that share a memory, and beside each the same one with a memory of its
// own.
type tenants struct {
	t      *testing.T
	set    *Settings
	memory *Memory
	now    Tick
	shared []*Partition
	alone  []*Partition
	refs   map[string]Ref // the latest handles in the shared memory
}

func newTenants(t *testing.T, n int) *tenants {
	set := testSettings()
	s := &tenants{t: t, set: set, memory: NewMemory(set), now: Origin, refs: map[string]Ref{}}
	for i := range n {
		s.shared = append(s.shared, New(set, s.memory, i, Origin))
		s.alone = append(s.alone, New(set, NewMemory(set), i, Origin))
	}
	return s
}

// both does something with a partition and with its twin.
func (s *tenants) both(n int, do func(p *Partition) Outcome) {
	s.t.Helper()
	if a, b := do(s.shared[n]), do(s.alone[n]); a != b {
		s.t.Fatalf("outcome %d, alone %d", a, b)
	}
}

// step does one thing at random with one of many participants.
func (s *tenants) step(r *rand.Rand, people int) {
	n, i := r.IntN(len(s.shared)), r.IntN(people)
	k, dev := KeyOf(fmt.Sprint("participant-", n, "-", i)), fmt.Sprint("device-", r.IntN(3))
	pick := OverrideAuto
	if i%50 == 0 {
		pick = OverrideBusy // which is remembered
	}
	stamp := Version(uint64(s.set.Time(s.now)-versionEpochMillis) << versionLowBits)
	switch r.IntN(8) {
	case 0:
		s.both(n, func(p *Partition) Outcome { return p.SetOverride(s.now, k, pick, stamp) })
	case 1:
		s.both(n, func(p *Partition) Outcome { return p.SignOut(k, dev, stamp) })
	case 2:
		peer := KeyOf(fmt.Sprint("peer-", i%7))
		s.both(n, func(p *Partition) Outcome { return p.OpenWindow(s.now, k, peer, s.set.Time(s.now)) })
	case 3:
		s.both(n, func(p *Partition) Outcome { return p.Close(s.now, k, dev, stamp) })
	case 4:
		s.both(n, func(p *Partition) Outcome {
			ref, _, o := p.Announce(s.now, Announcement{k, dev, ActivityIdle, stamp})
			if p == s.shared[n] && o == Done {
				s.refs[k.ID+dev] = ref
			}
			return o
		})
	default:
		s.both(n, func(p *Partition) Outcome { return p.Heartbeat(s.now, k, dev, ActivityOnline, stamp) })
	}
}

func (s *tenants) advance(by Tick) {
	s.now += by
	for n := range s.shared {
		s.shared[n].Advance(s.now)
		s.alone[n].Advance(s.now)
		s.shared[n].TakeChanges(nil)
		s.alone[n].TakeChanges(nil)
	}
}

// replace puts a successor in the place of a partition that leaves.
func (s *tenants) replace(n int) {
	for _, all := range [][]*Partition{s.shared, s.alone} {
		next := New(s.set, all[n].Memory, n, s.now)
		if _, err := next.Merge(s.now, all[n].Snapshot(s.now, 3), ceiling); err != nil {
			s.t.Fatal(err)
		}
		all[n].Leave(func(uint64) {})
		all[n] = next
	}
	for of, ref := range s.refs {
		if strings.HasPrefix(of, fmt.Sprint("participant-", n, "-")) && s.shared[n].Touch(s.now, ref) != Moved {
			s.t.Fatalf("the handle of %s fits after its partition was replaced", of)
		}
	}
}

// compare wants all to be known in the shared memory that is known to the twins.
func (s *tenants) compare(people int) {
	s.t.Helper()
	for n := range s.shared {
		if err := s.shared[n].Check(); err != nil {
			s.t.Fatal(err)
		}
		for i := range people {
			k := KeyOf(fmt.Sprint("participant-", n, "-", i))
			if got, want := s.shared[n].Account(s.now, k), s.alone[n].Account(s.now, k); !reflect.DeepEqual(got, want) {
				s.t.Fatalf("%s is %+v, alone %+v", k.ID, got, want)
			}
		}
	}
}

// TestPartitionsShareAMemory: what one does isn't noticed by another, while a crowd comes, most of
// it leaves, and partitions are replaced. What is left then has hardly more memory than it needs.
func TestPartitionsShareAMemory(t *testing.T) {
	const people = 2000
	s, r := newTenants(t, 3), rand.New(rand.NewPCG(1, 2))
	for round := range 40 {
		for range people {
			s.step(r, people)
		}
		s.advance(Tick(r.IntN(5)) + 1)
		if round%10 == 3 {
			s.replace(r.IntN(3))
		}
		if round%8 == 0 {
			s.compare(people)
		}
	}
	s.compare(people)
	full := s.memory.people.there
	s.advance(10 * s.set.FactTTL)
	for range 20 {
		s.step(r, people)
		s.advance(1)
	}
	s.compare(people)
	m := s.memory
	for kind, pages := range map[string]int{
		"people": m.people.there, "extras": m.extras.there, "windows": m.windows.there, "facts": m.facts.there,
		"lists": m.lists.there, "refs": m.refs.there, "names": m.names.both.written / namesPage,
	} {
		if pages > 2 {
			t.Errorf("%s have %d pages; there were %d of people", kind, pages, full)
		}
	}
}

// TestHandlesOutliveNoPage gives back a page of slots, and has it made again.
func TestHandlesOutliveNoPage(t *testing.T) {
	p, now := New(testSettings(), NewMemory(testSettings()), 0, Origin), Origin
	k := KeyOf("ada")
	for round := range 3 {
		ref, _, o := p.Announce(now, Announcement{k, "phone", ActivityOnline, Version(round + 5)})
		if o != Done || p.Touch(now, ref) != Done {
			t.Fatalf("round %d: outcome %d", round, o)
		}
		now += 1000
		if p.Advance(now); p.people.there != 0 || p.Touch(now, ref) != Moved {
			t.Fatalf("round %d: %d pages are left, or the handle fits", round, p.people.there)
		}
		p.Announce(now, Announcement{k, "phone", ActivityOnline, Version(round + 50)})
		if p.Touch(now, ref) != Moved {
			t.Fatalf("round %d: the handle fits another device", round)
		}
		now += 1000
		p.Advance(now)
	}
}

// TestNamesLongerThanAPage gives a participant more names than a page holds.
func TestNamesLongerThanAPage(t *testing.T) {
	set := testSettings()
	set.MaxDevices = 1000
	p, ada := New(set, NewMemory(set), 0, Origin), KeyOf("ada")
	name := func(i int) string { return fmt.Sprintf("%064d", i) }
	for i := range 700 {
		p.Heartbeat(Origin, KeyOf(name(i)), "phone", ActivityOnline, 1)
		if o := p.Heartbeat(Origin, ada, name(i), ActivityOnline, Version(i+1)); o != Done {
			t.Fatalf("device %d: %d", i, o)
		}
		if i%100 == 0 {
			p.purge()
		}
	}
	if err := p.Check(); err != nil {
		t.Fatal(err)
	}
	for i, d := range p.Account(Origin, ada).Devices {
		if d.ID != name(i) {
			t.Fatalf("device %d is %s", i, d.ID)
		}
	}
	for i := range 700 {
		p.SignOut(ada, name(i), Version(10_000+i))
	}
	p.Advance(Origin + 10_000)
	if err := p.Check(); err != nil || p.names.both.written != p.names.both.dead {
		t.Errorf("left are %+v; %v", p.names.both, err)
	}
}
