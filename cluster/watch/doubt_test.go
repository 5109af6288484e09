package watch

import (
	"testing"

	"github.com/scaiwave/presence/cluster/link"
	"github.com/scaiwave/presence/cluster/protocol"
	"github.com/scaiwave/presence/shard"
	"github.com/scaiwave/presence/shard/host"
)

// TestNoWordBesideAnUnknownView: an owner that can't tell how an id looks has lost whom that trusts,
// too. That it denies a viewer is told all the same.
func TestNoWordBesideAnUnknownView(t *testing.T) {
	viewers := viewersOf("stranger", "trusted", "excepted", "denied")
	for state, want := range map[shard.State]int{shard.Online: 4, shard.Unknown: 1} {
		sight := sees(state, 7, host.Warming)
		for i := range viewers {
			sight.Trusts.Set(i, shard.Trust(i))
		}
		_, updates := updatesOf([]host.Question{{ID: "ada", Viewers: viewers}}, []host.Sight{sight})
		words := updates[0].Words
		if len(words) != want || words[len(words)-1].Trust != shard.Denied {
			t.Errorf("beside %v: %+v", state, words)
		}
	}
}

// TestOneFormOfAQuestion: a member that joins while a node is asked may change in which form it
// takes questions. The answer is read in that of the question.
func TestOneFormOfAQuestion(t *testing.T) {
	s := newStage(t, "n1")
	id := s.ownedBy("n1")
	s.answer("n1", func(host.Question) host.Sight { return sees(shard.Online, 1, host.Served) })
	asked := 0
	s.Speaks = func(link.Name) int { asked++; return protocol.Spoken.Highest + 1 - asked }
	sights := make([]host.Sight, 1)
	unknown := s.Watch(t.Context(), []host.Question{{ID: id, Viewers: viewersOf("ben")}}, sights)
	if unknown != 0 || sights[0].View.Public != shard.Online {
		t.Errorf("%d unknown, %+v", unknown, sights)
	}
}
