package cluster

import (
	"net"
	"testing"

	"github.com/scaiwave/presence/cluster/link"
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

// TestTakesOnlyUnderItsKey: who pushes must see the same members, or the partition may be another's in a moment.
func TestTakesOnlyUnderItsKey(t *testing.T) {
	n := stillNode(t)
	key := n.view.Load().key
	for what, tc := range map[string]struct {
		key  uint64
		want byte
	}{"another key": {key + 1, 0}, "the same key": {key, 1}} {
		b := appendBytes(appendUint16(appendUint64(nil, tc.key), 1), n.host.Snapshot(1))
		reply, err := n.takePush(t.Context(), link.Name{ID: "n1", Boot: "1"}, &decoder{b: b})
		if err != nil || len(reply) != 1 || reply[0] != tc.want {
			t.Errorf("%s: answered %v, %v", what, reply, err)
		}
	}
}

// TestWhatIsOwed: the last copy of an owner that has gone is pushed, but not one that was left behind before.
func TestWhatIsOwed(t *testing.T) {
	n := stillNode(t)
	v, empty := n.view.Load(), n.host.Snapshot(0)
	for p, source := range []uint64{sourceOf(n.name), 42, 43} {
		if err := n.host.Fill(p, source, empty); err != nil {
			t.Fatal(err)
		}
	}
	n.host.Stale(2)
	for p, want := range []bool{false, true, false, false} {
		if got := n.steward.owes(v, p, n.host.Role(p)); got != want {
			t.Errorf("partition %d, %v: owed %v", p, n.host.Role(p), got)
		}
	}
}

// TestCopiesStayUntilTheBackupHasAll: a copy that this node doesn't need is kept while its owner's backup lacks something.
func TestCopiesStayUntilTheBackupHasAll(t *testing.T) {
	b := newBand(t, 3)
	n := b.nodes[0]
	v := n.view.Load()
	p := 0
	for owner, _ := v.owner(p); owner == n.name || backupOf(v, p) == n.name; owner, _ = v.owner(p) {
		p++
	}
	name, _ := v.owner(p)
	owner := b.node(name)
	await(t, "nobody has what it doesn't need", func() bool { return n.steward.tidy(t.Context(), v) == 0 })
	if err := n.host.Fill(p, sourceOf(name), owner.host.Snapshot(p)); err != nil {
		t.Fatal(err)
	}
	owner.replica.mu.Lock()
	owner.replica.parts[p].fill = true // and not on its list
	owner.replica.mu.Unlock()
	if n.steward.tidy(t.Context(), v); n.host.Role(p) != host.Copy {
		t.Errorf("while the backup lacks it, partition %d is %v", p, n.host.Role(p))
	}
	owner.replica.refill([]int{p})
	await(t, "the copy is dropped", func() bool {
		n.steward.tidy(t.Context(), v)
		return n.host.Role(p) == host.Absent
	})
}

func backupOf(v *view, p int) link.Name {
	name, _ := v.backup(p)
	return name
}
