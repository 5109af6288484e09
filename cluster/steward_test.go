package cluster

import (
	"net"
	"testing"

	"github.com/scaiwave/presence/cluster/link"
	"github.com/scaiwave/presence/shard/host"
)

// stillNode is a node with peers whose loops don't run.
func stillNode(t *testing.T) *Node {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	n, err := New(Config{NodeID: "n0", Partitions: 4, Settings: DefaultSettings(), Peers: &Peers{Role: "all", Listener: l}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = n.Close() })
	return n
}

// TestServesWhenAllHasCome: what somebody else holds is waited for, from all who hold it, and under this view only.
func TestServesWhenAllHasCome(t *testing.T) {
	n := stillNode(t)
	s, v := n.steward, n.view.Load()
	one, two := link.Name{ID: "n1", Boot: "1"}, link.Name{ID: "n2", Boot: "1"}
	r := s.begin(v)
	s.note(r, one, holdingsOf{held: []int{2}})
	s.note(r, two, holdingsOf{held: []int{2}})
	empty := n.host.Snapshot(2)
	role := func(what string, want host.Role) {
		t.Helper()
		s.serve(r, 2)
		if got := n.host.Role(2); got != want {
			t.Errorf("%s: %v, want %v", what, got, want)
		}
	}
	role("before everybody was asked", host.Absent)
	r.asked = true
	role("with two pushes to come", host.Absent)
	s.take(v, one, 2, empty)
	role("with one push to come", host.Held)
	s.take(v, two, 2, empty)
	role("when all has come", host.Serving)

	n.host.Hold(2)
	n.view.Store(newView(v.members, n.partitions, v))
	role("under a view that has gone", host.Held)
}
