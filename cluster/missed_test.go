package cluster

import (
	"fmt"
	"slices"
	"testing"
	"time"

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
		return in.SetOverride(t.Context(), id, shard.OverrideAppearOffline, time.Time{}) == nil
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
	for from, ok := range map[link.Name]bool{
		v.Members[2].Name: true, via: false, n.name: false,
		{ID: "x", Boot: "1"}: false, {ID: "n2", Boot: "0"}: false,
	} {
		_, err := n.handler.answerPassed(t.Context(), via, codec.AppendText([]byte{message.OpFigures}, from.String()))
		if (err == nil) != ok {
			t.Errorf("passed on by %s for %s: %v", via, from, err)
		}
	}
}
