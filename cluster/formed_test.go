package cluster

import (
	"fmt"
	"testing"
	"time"

	"github.com/scaiwave/presence/cluster/gossip"
	"github.com/scaiwave/presence/cluster/link"
	"github.com/scaiwave/presence/cluster/view"
	"github.com/scaiwave/presence/shard"
	"github.com/scaiwave/presence/shard/host"
)

// serveAll has a node serve all that it owns under its view, in one round in which the others said
// what they hold.
func serveAll(n *Node, others map[string]holdingsOf) {
	s, v := n.steward, n.view.Load()
	open := s.open(v)
	r := s.begin(v)
	for id, h := range others {
		s.learn(h)
		s.note(r, link.Name{ID: id, Boot: "1"}, h)
	}
	r.asked = true
	for _, p := range open {
		s.serve(r, p)
	}
	s.form(r)
}

// seenIn is how somebody looks whom nobody knows, in a partition that a node serves.
func seenIn(n *Node) shard.State {
	for p := range n.partitions {
		if n.host.Role(p) == host.Serving {
			states := make([]shard.State, 1)
			n.host.States("", []string{somebodyIn(n, p)}, states, shard.Busy)
			return states[0]
		}
	}
	return shard.Busy
}

// TestFormed: what is new and what is lost, by what the others say.
func TestFormed(t *testing.T) {
	fresh := holdingsOf{answered: true, same: true}
	has := func(stage int32) holdingsOf { return holdingsOf{answered: true, same: true, stage: stage} }
	for name, tc := range map[string]struct {
		others map[string]holdingsOf
		doubts bool
		want   shard.State
		stage  int32
	}{
		"alone":                               {nil, false, shard.Offline, formed},
		"alone, and was to join others":       {nil, true, shard.Unknown, starting},
		"others start too":                    {map[string]holdingsOf{"n1": fresh, "n2": fresh}, false, shard.Offline, begun},
		"others have begun":                   {map[string]holdingsOf{"n1": has(begun), "n2": fresh}, false, shard.Offline, begun},
		"one has formed":                      {map[string]holdingsOf{"n1": has(formed), "n2": fresh}, false, shard.Unknown, formed},
		"found others that start too":         {map[string]holdingsOf{"n1": fresh}, true, shard.Offline, begun},
		"found the cluster that it was to be": {map[string]holdingsOf{"n1": has(formed)}, true, shard.Unknown, formed},
	} {
		n := stillNode(t)
		n.steward.doubts.Store(tc.doubts)
		if tc.doubts {
			serveAll(n, nil) // for as long as it had met nobody
		}
		ids := []string{}
		for id := range tc.others {
			ids = append(ids, id)
		}
		viewOf(n, ids...)
		serveAll(n, tc.others)
		if got := seenIn(n); got != tc.want {
			t.Errorf("%s: who isn't known is %v, want %v", name, got, tc.want)
		}
		if got := n.steward.stage.Load(); got != tc.stage {
			t.Errorf("%s: stage %d, want %d", name, got, tc.stage)
		}
	}
}

// TestSilentMayHaveFormed, but not one that is still joining.
func TestSilentMayHaveFormed(t *testing.T) {
	members := serving(2)
	members[1].State = gossip.Joining
	v := view.New(members, testPartitions, nil)
	if h := silent(v, members[0].Name); h.stage != formed {
		t.Errorf("of a node that serves: %+v", h)
	}
	if h := silent(v, members[1].Name); h.stage != starting {
		t.Errorf("of a node that joins: %+v", h)
	}
}

// TestFormedIsConfirmed: nodes that start together know after a while that all have begun.
func TestFormedIsConfirmed(t *testing.T) {
	t.Parallel() // it waits for most of its time
	b := newBand(t, 3)
	for _, n := range b.nodes {
		await(t, n.name.ID+" has formed", func() bool { return n.steward.stage.Load() == formed })
	}
	gateway, err := b.tryAddWith("gateway", func(p *Peers) { p.Role = "gateway" })
	if err != nil {
		t.Fatal(err)
	}
	await(t, "the gateway has formed", func() bool { return gateway.steward.stage.Load() == formed })
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
	await(t, "the gateway has formed", func() bool { return gateway.steward.stage.Load() == formed })
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

// TestDoubtsEndInTime: a node that finds nobody says so for an hour.
func TestDoubtsEndInTime(t *testing.T) {
	n := stillNode(t)
	s := n.steward
	s.doubts.Store(true)
	s.since = time.Now()
	serveAll(n, nil)
	v := n.view.Load()
	if !s.staysWarm(v) {
		t.Error("it trusts itself at once")
	}
	s.since = s.since.Add(-waitForOthers)
	if s.staysWarm(v) {
		t.Error("it doubts after an hour")
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
