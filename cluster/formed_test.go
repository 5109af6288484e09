package cluster

import (
	"fmt"
	"testing"

	"github.com/scaiwave/presence/cluster/gossip"
	"github.com/scaiwave/presence/cluster/link"
	"github.com/scaiwave/presence/cluster/message"
	"github.com/scaiwave/presence/shard"
)

// hasFormed reports whether a node answers others that the cluster has formed.
func hasFormed(t *testing.T, n *Node) bool {
	t.Helper()
	key := message.AppendUint64(nil, n.view.Load().Key)
	reply, err := n.steward.Holdings(t.Context(), n.name, message.NewReader(key))
	if err != nil {
		t.Fatal(err)
	}
	return reply[1] >= 2 // lately, or long ago
}

// TestFormedIsConfirmed: nodes that start together know after a while that all have begun.
func TestFormedIsConfirmed(t *testing.T) {
	t.Parallel() // it waits for most of its time
	b := newBand(t, 3)
	for _, n := range b.nodes {
		await(t, n.name.ID+" has formed", func() bool { return hasFormed(t, n) })
	}
	gateway, err := b.tryAddWith("gateway", func(p *Peers) { p.Role = "gateway" })
	if err != nil {
		t.Fatal(err)
	}
	await(t, "the gateway has formed", func() bool { return hasFormed(t, gateway) })
}

// TestGatewayRemembers: where all that owned something have died, a gateway says that the cluster
// had formed: somebody may be there whom the new owner doesn't know.
func TestGatewayRemembers(t *testing.T) {
	t.Parallel() // it waits for most of its time
	b := newBand(t, 1)
	owner := b.nodes[0]
	gateway, err := b.tryAddWith("gateway", func(p *Peers) { p.Role = "gateway" })
	if err != nil {
		t.Fatal(err)
	}
	await(t, "the gateway has formed", func() bool { return hasFormed(t, gateway) })
	b.seed = gateway.gossip.Address()
	b.crash(owner)
	next, err := b.tryAddNamed("next")
	if err != nil {
		t.Fatal(err)
	}
	await(t, "the next one serves", func() bool { return next.host.Stats().Partitions == testPartitions })
	states := make([]shard.State, 1)
	if next.States(t.Context(), "", []string{"somebody"}, states); states[0] != shard.Unknown {
		t.Errorf("somebody is %v, want unknown", states[0])
	}
}

// serving are members n1 to n<count>, which all serve.
func serving(count int) (members []gossip.Member) {
	for i := range count {
		name := link.Name{ID: fmt.Sprint("n", i+1), Boot: "1"}
		members = append(members, gossip.Member{Name: name, State: gossip.Serving})
	}
	return members
}
