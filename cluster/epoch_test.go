package cluster

import (
	"testing"

	"github.com/scaiwave/presence/cluster/link"
	"github.com/scaiwave/presence/shard"
	"github.com/scaiwave/presence/shard/host"
)

// TestLateAnswerOfAFormerOwner: it must not end the epoch of the owner, whose changes would be
// dropped until they are watched again.
func TestLateAnswerOfAFormerOwner(t *testing.T) {
	n := stillNode(t)
	v := viewOf(n, "n1", "n2")
	const id = "somebody"
	p := n.partitionOf(id)
	owner, _ := v.Owner(p)
	var former link.Name
	for _, m := range v.Members {
		if m.Name != owner {
			former = m.Name
		}
	}
	answer := func(source link.Name, order uint64) uint64 {
		sights := []Sight{{View: shard.View{Public: shard.Online, Order: order}, Answer: host.Served}}
		n.feed.mu.Lock()
		defer n.feed.mu.Unlock()
		n.feed.adopt(source, []Question{{ID: id}}, sights)
		return sights[0].View.Order
	}
	first := answer(former, 7) // it owned the partition before, and nobody else has answered yet
	if n.feed.epochs[p].source != former {
		t.Fatal("the only answer isn't taken")
	}
	second := answer(owner, 3)
	if n.feed.epochs[p].source != owner || second <= first {
		t.Fatalf("the owner's answer isn't the newer: %x after %x", second, first)
	}
	if late := answer(former, 9); late >= second || n.feed.epochs[p].source != owner {
		t.Errorf("a late answer of the former owner counts as %x, the owner's as %x", late, second)
	}
	if _, dirty := n.feed.dirty[p]; !dirty {
		t.Error("it isn't asked again")
	}
}
