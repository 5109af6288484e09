package cluster

import (
	"fmt"
	"net"
	"testing"

	"github.com/scaiwave/presence/cluster/gossip"
	"github.com/scaiwave/presence/cluster/link"
	"github.com/scaiwave/presence/cluster/view"
	"github.com/scaiwave/presence/shard"
	"github.com/scaiwave/presence/shard/host"
)

// stillNode is a node with peers whose loops don't run.
func stillNode(t testing.TB) *Node {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	n, err := New(Config{
		NodeID: "n0", Partitions: 16, Settings: DefaultSettings(),
		Peers: &Peers{Role: "all", Listener: l},
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = n.Close() })
	return n
}

func backupOf(v *view.View, p int) link.Name {
	name, _ := v.Backup(p)
	return name
}

// unneeded is how many copies a node has of what it isn't the backup of.
func unneeded(n *Node) (count int) {
	v := n.view.Load()
	for p := range n.partitions {
		if n.host.Role(p) == host.Copy && backupOf(v, p) != n.name {
			count++
		}
	}
	return count
}

// leaveCopy gives a node a copy of what an owner has, and leaves it behind.
func leaveCopy(t *testing.T, to, owner *Node, p int) {
	t.Helper()
	snapshot, whole := owner.host.Snapshot(p)
	if err := to.host.Fill(p, view.SourceOf(owner.name), snapshot, whole); err != nil {
		t.Fatal(err)
	}
	to.host.Stale(p)
}

// viewOf makes a node see others, to none of which there is a link.
func viewOf(n *Node, others ...string) *view.View {
	members := []gossip.Member{{Name: n.name, Role: n.role, State: gossip.Serving}}
	for _, id := range others {
		members = append(members, gossip.Member{
			Name: link.Name{ID: id, Boot: "1"}, Role: n.role,
			State: gossip.Serving,
		})
	}
	v := view.New(members, n.partitions, n.view.Load())
	n.view.Store(v)
	return v
}

// TestBehindIsFilled: a backup whose copy doesn't follow, whatever the reason, asks for everything.
func TestBehindIsFilled(t *testing.T) {
	b := newBand(t, 2)
	n, owner := b.nodes[0], b.nodes[1]
	id := b.ownedBy(owner)
	p := n.partitionOf(id)
	n.host.Stale(p)
	if err := n.host.Apply(p, view.SourceOf(owner.name), nil); err != nil {
		t.Fatal(err)
	}
	await(t, "the copy follows again", func() bool {
		_, follows := n.host.Source(p)
		return follows
	})
}

// TestTheLastCopyCounts: when the owner goes before its new backup has anything, what the former
// backup has is used, and who may be missing in it is unknown.
func TestTheLastCopyCounts(t *testing.T) {
	b := newBand(t, 3)
	owner := b.nodes[0]
	v := owner.view.Load()
	var id string
	for i := 0; id == "" || ownerOf(v, owner, id) != owner.name; i++ {
		id = fmt.Sprint("x", i)
	}
	p := owner.partitionOf(id)
	pick(t, owner, id, shard.OverrideBusy)
	next := b.node(backupOf(v, p))
	former := b.nodes[1]
	if former == next {
		former = b.nodes[2]
	}
	leaveCopy(t, former, owner, p)
	next.host.Stale(p)
	next.host.DropCopy(p)
	b.crash(owner)
	b.agree()
	r, err := former.Inspect(t.Context(), id, id, false)
	if err != nil || r.Override != shard.OverrideBusy || r.State != shard.Unknown {
		t.Errorf("%+v, %v", r, err)
	}
}

func ownerOf(v *view.View, n *Node, id string) link.Name {
	name, _ := v.Owner(n.partitionOf(id))
	return name
}

// TestPreviousOwners: while one change is carried out there may be another.
func TestPreviousOwners(t *testing.T) {
	n := stillNode(t)
	first := viewOf(n, "n1")
	viewOf(n, "n1", "n2")
	third := viewOf(n, "n1", "n2", "n3")
	moved := 0
	for p := range n.partitions {
		owner, _ := first.Owner(p)
		now, _ := third.Owner(p)
		got, ok := third.Previous(1)(p)
		if ok != (owner != now) || ok && third.Members[got].Name != owner {
			t.Errorf("partition %d: %v, %v; it was %v's, and is %v's", p, got, ok, owner, now)
		}
		if ok {
			moved++
		}
	}
	if moved == 0 {
		t.Error("nothing has moved: more partitions are needed")
	}
}

// TestMinority: a view of half of those who were there before, or fewer, may be one side of a cut.
func TestMinority(t *testing.T) {
	n := stillNode(t)
	for _, tc := range []struct {
		others []string
		want   bool
	}{
		{[]string{"n1", "n2"}, false},
		{[]string{"n1"}, false},
		{nil, true},
		{[]string{"n1", "n2"}, false},
		{[]string{"n1", "n2", "n3"}, false},
		{[]string{"n1"}, true},
	} {
		if got := viewOf(n, tc.others...).IsMinority(); got != tc.want {
			t.Errorf("with %v: %v", tc.others, got)
		}
	}
}
