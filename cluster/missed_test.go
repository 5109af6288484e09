package cluster

import (
	"fmt"
	"slices"
	"testing"

	"github.com/scaiwave/presence/cluster/link"
	"github.com/scaiwave/presence/cluster/message"
	"github.com/scaiwave/presence/shard"
	"github.com/scaiwave/presence/shard/codec"
	"github.com/scaiwave/presence/shard/host"
)

// TestStoodDownHasMissed: a node that was left out, and is the last one, doesn't show as it last
// knew them those who may have hidden since.
func TestStoodDownHasMissed(t *testing.T) {
	t.Parallel() // it waits for most of its time
	f := newFenced(&band{t: t}, 2)
	f.cut(0, 1, true)
	var out, in *Node
	await(t, "one is left out", func() bool {
		i := slices.IndexFunc(f.nodes, func(n *Node) bool { return n.view.Load().IsOut(n.name) })
		if i >= 0 {
			out, in = f.nodes[i], f.nodes[1-i]
		}
		return i >= 0
	})
	id := ""
	await(t, "it answers for nothing", func() bool { return out.host.Stats().Partitions == 0 })
	for i := 0; id == ""; i++ {
		if some := fmt.Sprint("h", i); out.host.Role(out.partitionOf(some)) == host.Held {
			id = some
		}
	}
	await(t, "the other one serves it", func() bool {
		return in.SetOverride(t.Context(), id, shard.OverrideAppearOffline) == nil
	})
	f.crash(in)
	await(t, "the last one serves all", func() bool { return out.host.Stats().Partitions == testPartitions })
	attach(t, out, id, "tab")
	wantStates(t, out, []string{id}, shard.Unknown)
}

// TestPassedForMembersOnly: no node can pass on a call in the name of itself, of who is asked, or
// of a stranger.
func TestPassedForMembersOnly(t *testing.T) {
	n := stillNode(t)
	v := viewOf(n, "n1", "n2")
	via := v.Members[1].Name
	for from, ok := range map[link.Name]bool{v.Members[2].Name: true, via: false, n.name: false, {ID: "x", Boot: "1"}: false, {ID: "n2", Boot: "0"}: false} {
		_, err := n.handler.answerPassed(t.Context(), via, codec.AppendText([]byte{message.OpFigures}, from.String()))
		if (err == nil) != ok {
			t.Errorf("passed on by %s for %s: %v", via, from, err)
		}
	}
}

// TestDoubtWaitsForWhatIsToCome: two nodes that were alone meet, and the doubt of a partition ends
// when what the other one holds of it has come, not before.
func TestDoubtWaitsForWhatIsToCome(t *testing.T) {
	n := stillNode(t)
	n.steward.doubts.Store(true)
	serveAll(n, nil)
	v := viewOf(n, "n1")
	p := n.steward.open(v)[0]
	serveAll(n, map[string]holdingsOf{"n1": {answered: true, same: true, held: []int{p}}})
	states := make([]shard.State, 1)
	n.host.States("", []string{somebodyIn(n, p)}, states, shard.Busy)
	if states[0] != shard.Unknown {
		t.Errorf("before its push has come somebody is %v, want unknown", states[0])
	}
}

// TestDoubtOutlivesSilence: the first other node that is met is silent. When it speaks, and says
// that the cluster has formed, what was served in doubt is outdated.
func TestDoubtOutlivesSilence(t *testing.T) {
	n := stillNode(t)
	s := n.steward
	s.doubts.Store(true)
	serveAll(n, nil)
	v := viewOf(n, "n1")
	r := s.begin(v)
	s.note(r, v.Members[1].Name, silent(v, v.Members[1].Name))
	r.asked = true
	s.form(r)
	if s.stage.Load() != formed || !s.doubting() {
		t.Fatalf("after a silence it is at stage %d, and doubts: %v", s.stage.Load(), s.doubting())
	}
	s.learn(holdingsOf{answered: true, same: true, stage: formed})
	if s.doubting() || n.host.Stats().Partitions > 0 {
		t.Errorf("it doubts: %v, and serves %d partitions", s.doubting(), n.host.Stats().Partitions)
	}
}
