package shard

import (
	"fmt"
	"testing"
)

// stamps are versions from a tick on, each above the one before.
func stamps(set *Settings, t Tick) func() Version {
	clock := NewClock(0)
	return func() Version { return clock.Next(set.Time(t)) }
}

// TestBlocksMoveNames: names move where a block gets one, and its slot has none yet.
func TestBlocksMoveNames(t *testing.T) {
	set := testSettings()
	set.MaxExceptions = 5000
	p, k := sayer(set)
	next := stamps(set, Origin)
	for i := range 3000 {
		viewer := viewerNamed(fmt.Sprintf("viewer-%0100d", i))
		p.SetBlock(k, viewer, true, next())
		p.SetBlock(k, viewer, false, next())
	}
	if err := p.Check(); err != nil {
		t.Error(err)
	}
}

// TestEndsAreOfOnePartition: the slot of a participant that has gone, of which an end that means
// nothing is left, serves another partition, in which something ends at that very time.
func TestEndsAreOfOnePartition(t *testing.T) {
	set := testSettings()
	m := NewMemory(set)
	one, other := New(set, m, 0, Origin), New(set, m, 1, Origin)
	ada, ben, next := KeyOf("ada"), KeyOf("ben"), stamps(set, Origin)
	late := Edge{Deny, set.Time(Origin + 2000)}
	one.SetEdge(Origin, ada, viewerNamed("x"), late, next())
	one.SetEdge(Origin, ada, viewerNamed("y"), Edge{Deny, set.Time(Origin + 50)}, next())
	one.SetEdge(Origin, ada, viewerNamed("x"), Edge{Allow: Forget}, next())
	now := Origin
	for ; one.find(ada) != none; now++ {
		one.Advance(now)
	}
	if len(one.ends) == 0 || one.Next() >= Origin+2005 {
		t.Fatal("no end is left")
	}
	other.Advance(now)
	other.SetEdge(now, ben, viewerNamed("x"), late, stamps(set, now)())
	other.TakeChanges(nil)
	for _, p := range []*Partition{one, other} {
		p.Advance(Origin + 2005)
		if err := p.Check(); err != nil {
			t.Error(err)
		}
	}
	told := 0
	other.TakeChanges(func(Change) { told++ })
	if told != 1 {
		t.Errorf("%d ends are told, want one", told)
	}
}
