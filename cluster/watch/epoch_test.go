package watch

import (
	"testing"

	"github.com/scaiwave/presence/cluster/link"
	"github.com/scaiwave/presence/shard"
	"github.com/scaiwave/presence/shard/host"
)

// TestEpochs: what answers and changes of two nodes come to. The owner is n1.
func TestEpochs(t *testing.T) {
	owner, former := named("n1"), named("n2")
	all := make(epochs, 1)
	answer := func(from string, own uint64, a host.Answer, want uint64, then verdict) {
		t.Helper()
		s := sees(shard.Online, own, a)
		if got := all.adopt(0, named(from), owner, &s); got != then || s.View.Order != want {
			t.Errorf("the answer %d of %s is %x, verdict %d; want %x, %d", own, from, s.View.Order, got, want, then)
		}
	}
	change := func(from string, own, want uint64) {
		t.Helper()
		u := host.Update{View: shard.View{Order: own}, Words: []host.Word{{Order: own}}}
		counts := all.place(0, named(from), &u)
		if counts != (want > 0) || counts && (u.View.Order != want || u.Words[0].Order != want) {
			t.Errorf("the change %d of %s counts %t, as %x; want %x", own, from, counts, u.View.Order, want)
		}
	}
	const first, second = 1 << orderBits, 2 << orderBits

	change("n1", 5, 0) // nobody has answered yet
	answer("n1", 5, host.Copied, 5, adopted)
	change("n1", 5, 0) // a copy begins no epoch
	answer("n2", 7, host.Served, first+7, adopted)
	change("n2", 8, first+8)
	change("n1", 9, 0)
	answer("n1", 3, host.Warming, second+3, lost)
	answer("n1", 3, host.Warming, second+3, adopted) // it has heard it
	change("n1", 4, second+4)
	answer("n2", 9, host.Served, 9, late)
	change("n2", 10, 0)
	change("n1", 5, second+5)
	if all[0].source != owner || all[0].source == former {
		t.Errorf("the epoch is that of %v", all[0].source)
	}
}

// TestLateAnswerOfAFormerOwner: it must not end the epoch of the owner, whose changes would be
// dropped until they are watched again.
func TestLateAnswerOfAFormerOwner(t *testing.T) {
	s := newStage(t, "n1", "n2")
	id := s.ownedBy("n1")
	p := s.host.PartitionOf(id)
	answer := func(source string, order uint64) uint64 {
		sights := []host.Sight{sees(shard.Online, order, host.Served)}
		s.adopt(named(source), []host.Question{{ID: id}}, sights)
		return sights[0].View.Order
	}
	first := answer("n2", 7) // it owned the partition before, and nobody else has answered yet
	second := answer("n1", 3)
	if s.epochs[p].source != named("n1") || second <= first {
		t.Fatalf("the owner's answer isn't the newer: %x after %x", second, first)
	}
	if s.dueIs(p) {
		t.Error("it is asked again without a reason")
	}
	if last := answer("n2", 9); last >= second || s.epochs[p].source != named("n1") {
		t.Errorf("a late answer of the former owner counts as %x, the owner's as %x", last, second)
	}
	if !s.dueIs(p) {
		t.Error("it isn't asked again")
	}
}

// TestEpochEndsHere: this node takes itself for the owner, and has ceased to serve. What another one
// answers is newer than what was told here. That of another node's epoch is not.
func TestEpochEndsHere(t *testing.T) {
	s := newStage(t, "n1")
	own, others := s.ownedBy("n0", "n1"), s.ownedBy("n1")
	answer := func(id string, source link.Name, order uint64) uint64 {
		sights := []host.Sight{sees(shard.Online, order, host.Served)}
		s.adopt(source, []host.Question{{ID: id}}, sights)
		return sights[0].View.Order
	}
	told, toldThere := answer(own, s.Self, 9), answer(others, named("n1"), 9)
	localSink{s.Feed}.Moved([]int{s.host.PartitionOf(own), s.host.PartitionOf(others)})
	if got := answer(own, named("n1"), 3); got <= told {
		t.Errorf("the answer counts as %x, and what was told here before as %x", got, told)
	}
	if got := answer(others, s.Self, 10); got >= toldThere {
		t.Errorf("an answer from here counts as %x, and what the owner told as %x", got, toldThere)
	}
}

// TestLostIsAnnounced: an owner that has lost the sockets here hears of them once.
func TestLostIsAnnounced(t *testing.T) {
	s := newStage(t, "n1")
	id := s.ownedBy("n1")
	s.answer("n1", func(host.Question) host.Sight { return sees(shard.Unknown, 1, host.Warming) })
	s.watch(id)
	s.watch(id)
	if len(s.warmed) != 1 || s.warmed[0] != s.host.PartitionOf(id) {
		t.Errorf("announced: %v", s.warmed)
	}
}
