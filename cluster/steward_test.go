package cluster

import (
	"context"
	"fmt"
	"net"
	"testing"
	"time"

	"github.com/scaiwave/presence/cluster/gossip"
	"github.com/scaiwave/presence/cluster/link"
	"github.com/scaiwave/presence/cluster/message"
	"github.com/scaiwave/presence/cluster/view"
	"github.com/scaiwave/presence/shard"
	"github.com/scaiwave/presence/shard/codec"
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
	n, err := New(Config{NodeID: "n0", Partitions: 16, Settings: DefaultSettings(), Peers: &Peers{Role: "all", Listener: l}})
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
	empty, _ := n.host.Snapshot(2)
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
	s.take(v, one, 2, empty, true)
	role("with one push to come", host.Held)
	s.take(v, two, 2, empty, true)
	role("when all has come", host.Serving)

	n.host.Hold(2)
	n.view.Store(view.New(v.Members, n.partitions, v))
	role("under a view that has gone", host.Held)
}

// TestLatePushEndsNoRound: a push that was on its way when the view changed is merged, and the round of the new view goes on.
func TestLatePushEndsNoRound(t *testing.T) {
	n := stillNode(t)
	s, v := n.steward, n.view.Load()
	next := view.New(v.Members, n.partitions, v)
	n.view.Store(next)
	r := s.begin(next)
	empty, _ := n.host.Snapshot(2)
	if !s.take(v, link.Name{ID: "n1", Boot: "1"}, 2, empty, true) || n.host.Role(2) != host.Held {
		t.Errorf("it is not taken: %v", n.host.Role(2))
	}
	if s.round != r {
		t.Error("the round under the new view has ended")
	}
}

// TestTakesOnlyUnderItsKey: who pushes must see the same members, or the partition may be another's in a moment.
func TestTakesOnlyUnderItsKey(t *testing.T) {
	n := stillNode(t)
	key := n.view.Load().Key
	for what, tc := range map[string]struct {
		key  uint64
		want byte
	}{"another key": {key + 1, 0}, "the same key": {key, 1}} {
		snapshot, _ := n.host.Snapshot(1)
		b := codec.AppendBytes(append(message.AppendUint16(message.AppendUint64(nil, tc.key), 1), 1), snapshot)
		reply, err := n.steward.takePush(t.Context(), link.Name{ID: "n1", Boot: "1"}, message.NewReader(b))
		if err != nil || len(reply) != 1 || reply[0] != tc.want {
			t.Errorf("%s: answered %v, %v", what, reply, err)
		}
	}
}

// TestWhatIsOwed: the last copy of an owner that has gone is pushed, also one that was left behind before: it may be the last.
func TestWhatIsOwed(t *testing.T) {
	n := stillNode(t)
	v := n.view.Load()
	empty, _ := n.host.Snapshot(0)
	for p, source := range []uint64{view.SourceOf(n.name), 42, 43} {
		if err := n.host.Fill(p, source, empty, true); err != nil {
			t.Fatal(err)
		}
	}
	n.host.Stale(2)
	for p, want := range []bool{false, true, true, false} {
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
	for owner, _ := v.Owner(p); owner == n.name || backupOf(v, p) == n.name; owner, _ = v.Owner(p) {
		p++
	}
	name, _ := v.Owner(p)
	owner := b.node(name)
	await(t, "nobody has what it doesn't need", func() bool { return n.steward.tidy(t.Context(), v) == 0 })
	leaveCopy(t, n, owner, p)
	owner.replica.Release(p)
	if n.steward.tidy(t.Context(), v); n.host.Role(p) != host.Copy {
		t.Errorf("while the backup lacks it, partition %d is %v", p, n.host.Role(p))
	}
	owner.replica.Assign(p, backupOf(v, p))
	await(t, "the copy is dropped", func() bool {
		n.steward.tidy(t.Context(), v)
		return n.host.Role(p) == host.Absent
	})
}

func backupOf(v *view.View, p int) link.Name {
	name, _ := v.Backup(p)
	return name
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

// TestAsksAgainAfterAStop: what came, or was said, before the process stood still doesn't count for what it serves afterwards.
func TestAsksAgainAfterAStop(t *testing.T) {
	n := stillNode(t)
	s, v := n.steward, n.view.Load()
	peer := link.Name{ID: "n1", Boot: "1"}
	empty, _ := n.host.Snapshot(2)
	r := s.begin(v)
	r.asked = true
	if s.take(v, peer, 2, empty, true); n.host.Role(2) != host.Serving {
		t.Fatalf("pushed: %v", n.host.Role(2))
	}
	n.host.Hold(2)
	again := func(what string) {
		t.Helper()
		r := s.begin(v)
		s.note(r, peer, holdingsOf{held: []int{2, 3}})
		r.asked = true
		if s.serve(r, 2); n.host.Role(2) == host.Serving {
			t.Errorf("%s: served, while somebody holds it", what)
		}
	}
	again("held again")
	if s.take(v, peer, 2, empty, true); n.host.Role(2) != host.Serving {
		t.Fatalf("pushed again: %v", n.host.Role(2))
	}
	r = s.begin(v)
	for _, name := range []link.Name{peer, {ID: "n2", Boot: "1"}} {
		s.note(r, name, holdingsOf{held: []int{3}})
	}
	s.take(v, peer, 3, empty, true) // and n2's is still to come
	s.doubt()
	r = s.begin(v)
	s.note(r, peer, holdingsOf{held: []int{3}})
	r.asked = true
	if s.serve(r, 3); n.host.Role(3) == host.Serving {
		t.Error("served after a stop, by what was pushed before it")
	}
	if err := n.host.Fill(4, 42, empty, true); err != nil {
		t.Fatal(err)
	}
	r = s.begin(v)
	r.asked = true
	s.doubt()
	if s.serve(r, 4); n.host.Role(4) != host.Copy {
		t.Errorf("on answers from before a stop a copy became %v", n.host.Role(4))
	}
	r = s.begin(v)
	r.asked = true
	if s.serve(r, 3); n.host.Role(3) != host.Serving {
		t.Errorf("asked after the stop, and held by nobody else, it is %v", n.host.Role(3))
	}
}

// viewOf makes a node see others, to none of which there is a link.
func viewOf(n *Node, others ...string) *view.View {
	members := []gossip.Member{{Name: n.name, Role: n.role, State: gossip.Serving}}
	for _, id := range others {
		members = append(members, gossip.Member{Name: link.Name{ID: id, Boot: "1"}, Role: n.role, State: gossip.Serving})
	}
	v := view.New(members, n.partitions, n.view.Load())
	n.view.Store(v)
	return v
}

// TestCopiesFitTheView: a backup takes what the owner sends it, nobody else, and only if it is the backup in its own eyes. What was
// decided under an older view changes no copy.
func TestCopiesFitTheView(t *testing.T) {
	n := stillNode(t)
	v := viewOf(n, "n1", "n2")
	empty, _ := n.host.Snapshot(0)
	taken := 0
	for p := range n.partitions {
		owner, _ := v.Owner(p)
		for _, m := range v.Members {
			want := m.Name == owner && backupOf(v, p) == n.name
			if got := n.steward.TakeReplica(m.Name, 1, whole(p, empty)); got != want {
				t.Errorf("partition %d of %s, sent by %s: taken %v", p, owner.ID, m.Name.ID, got)
			}
			if want {
				taken++
			}
		}
	}
	if taken == 0 {
		t.Fatal("this node is nobody's backup: other names are needed")
	}
	old := viewOf(n, "n1", "n2", "n3", "n4", "n5")
	n.view.Store(v)
	n.steward.leaveBehind(t.Context(), old)
	for p := range n.partitions {
		if n.host.Role(p) != host.Copy {
			continue
		}
		if _, follows := n.host.Source(p); !follows {
			t.Errorf("partition %d was left behind by a view that has gone", p)
		}
		n.host.Stale(p)
		if n.steward.dropCopy(old, p) {
			t.Errorf("partition %d was dropped by a view that has gone", p)
		}
	}
}

// TestRefusedIsServedOn: what the owner doesn't take is answered for where it is.
func TestRefusedIsServedOn(t *testing.T) {
	b := newBand(t, 2)
	n, other := b.nodes[0], b.nodes[1]
	p := n.partitionOf(b.ownedBy(n))
	v := *n.view.Load()
	v.Key++ // the other one sees other members
	n.view.Store(&v)
	if err := n.steward.push(t.Context(), &v, other.name, []int{p}); err != nil {
		t.Fatal(err)
	}
	if role := n.host.Role(p); role != host.Serving {
		t.Errorf("refused, it is %v", role)
	}
}

// TestSilentOwnerIsNotWaitedFor for long: there are others to push to.
func TestSilentOwnerIsNotWaitedFor(t *testing.T) {
	n := stillNode(t)
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	if n.steward.agrees(ctx, n.view.Load(), link.Name{ID: "n1", Boot: "1"}) || ctx.Err() != nil {
		t.Error("somebody who isn't there agrees, or is waited for")
	}
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
	n.steward.tidy(t.Context(), n.view.Load())
	await(t, "the copy follows again", func() bool {
		_, follows := n.host.Source(p)
		return follows
	})
}

// TestTheLastCopyCounts: when the owner goes before its new backup has anything, what the former backup has is used, and who may be
// missing in it is unknown.
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
	former.steward.tidy(t.Context(), v)
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

// TestSaysNothingUnderAnotherKey: who sees other members may mean another backup.
func TestSaysNothingUnderAnotherKey(t *testing.T) {
	n := stillNode(t)
	v := n.view.Load()
	n.host.Serve(1)
	n.replica.Assign(1, link.Name{})
	for what, tc := range map[string]struct {
		key  uint64
		want byte
	}{"another key": {v.Key + 1, 0}, "the same key": {v.Key, 1}} {
		reply, err := n.steward.aboutPartitions(message.NewReader(message.AppendPartitions(message.AppendUint64(nil, tc.key), []int{1})), n.steward.isSettled)
		if err != nil || len(reply) != 1 || reply[0] != tc.want {
			t.Errorf("%s: %v, %v", what, reply, err)
		}
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

// TestNewUntilFormed: what nobody has served is new, also after the process stood still in the
// midst of its first round; from the end of that on, it is lost.
func TestNewUntilFormed(t *testing.T) {
	n := stillNode(t)
	s, v := n.steward, n.view.Load()
	serve := func(p int) shard.State {
		r := s.begin(v)
		r.asked = true
		s.serve(r, p)
		states := make([]shard.State, 1)
		n.host.States("", []string{somebodyIn(n, p)}, states, shard.Busy)
		return states[0]
	}
	if got := serve(0); got != shard.Offline {
		t.Errorf("in a new cluster somebody is %v", got)
	}
	s.doubt()
	if got := serve(1); got != shard.Offline {
		t.Errorf("after a stop before it formed somebody is %v", got)
	}
	s.stage.Store(formed)
	if got := serve(2); got != shard.Unknown {
		t.Errorf("of a partition that was lost somebody is %v", got)
	}
}

// somebodyIn is somebody in a partition.
func somebodyIn(n *Node, partition int) string {
	for i := 0; ; i++ {
		if id := fmt.Sprint("b", i); n.partitionOf(id) == partition {
			return id
		}
	}
}
