package cluster

import (
	"slices"
	"testing"

	"github.com/scaiwave/presence/cluster/protocol"
)

// former is what nodes of the version before speak.
var former = protocol.Range{Lowest: 6, Highest: 7}

// TestFeaturesAreNamedOnceAllKnowThem: a node of the version before takes them away as long as it
// is a member, also if it owns nothing.
func TestFeaturesAreNamedOnceAllKnowThem(t *testing.T) {
	b := newBand(t, 2)
	newest := protocol.Spoken.Highest
	table := []protocol.Feature{{Word: "old", From: 7}, {Word: "new", From: newest}, {Word: "next", From: newest + 1}}
	all := func(want ...string) func() bool {
		return func() bool {
			return !slices.ContainsFunc(b.nodes, func(n *Node) bool { return !slices.Equal(n.Features(), want) })
		}
	}
	for _, n := range b.nodes {
		n.features = table
	}
	await(t, "all nodes know the new one", all("old", "new"))
	before, err := b.tryAddWith("before", func(p *Peers) {
		p.Role, p.Speaks = "gateway", former
	})
	if err != nil {
		t.Fatal(err)
	}
	before.features = table
	await(t, "nobody names what one node doesn't know", all("old"))
	if got := before.Protocol(); got != former.Highest {
		t.Errorf("protocol %d, want %d", got, former.Highest)
	}
	if err := before.Drain(t.Context()); err != nil {
		t.Fatal(err)
	}
	b.crash(before)
	await(t, "all nodes know the new one again", all("old", "new"))
}

// TestFeaturesOfOneNode: a node that is alone knows what it knows.
func TestFeaturesOfOneNode(t *testing.T) {
	n := newNode(t)
	if n.Protocol() != protocol.Spoken.Highest || len(n.Features()) != len(protocol.Features) {
		t.Errorf("protocol %d, features %q", n.Protocol(), n.Features())
	}
}
