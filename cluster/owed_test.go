package cluster

import (
	"bytes"
	"fmt"
	"log/slog"
	"net"
	"runtime"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/scaiwave/presence/cluster/gossip"
	"github.com/scaiwave/presence/cluster/link"
	"github.com/scaiwave/presence/cluster/replica"
	"github.com/scaiwave/presence/cluster/view"
	"github.com/scaiwave/presence/shard"
	"github.com/scaiwave/presence/shard/host"
)

// busyIn is a snapshot of a partition in which somebody, who is returned, has picked busy.
func busyIn(t *testing.T, n *Node, p int) (id string, snapshot []byte) {
	t.Helper()
	h, err := host.New(host.Config{Partitions: n.partitions, Node: 9, Settings: n.settings})
	if err != nil {
		t.Fatal(err)
	}
	id = idIn(n, p)
	if o := h.SetOverride(id, shard.OverrideBusy); o != shard.Done {
		t.Fatal(o)
	}
	snapshot, _ = h.Snapshot(p)
	return id, snapshot
}

// idIn is somebody of a partition.
func idIn(n *Node, p int) string {
	for i := 0; ; i++ {
		if id := fmt.Sprint("z", i); n.partitionOf(id) == p {
			return id
		}
	}
}

// nothing is a snapshot of a partition that nobody is in.
func nothing(t *testing.T, n *Node, p int) []byte {
	t.Helper()
	h, err := host.New(host.Config{Partitions: n.partitions, Node: 8, Settings: n.settings})
	if err != nil {
		t.Fatal(err)
	}
	b, _ := h.Snapshot(p)
	return b
}

// whole is a shipment of all there is of a partition.
func whole(p int, snapshot []byte) replica.Shipment {
	return replica.Shipment{Partition: p, Kind: replica.Whole, Bytes: snapshot}
}

func pickedHere(n *Node, id string) shard.Override {
	r, _ := n.host.Inspect(id, id, false)
	return r.Override
}

// backedUpHere is a node that is the backup of a partition, and that partition's owner.
func backedUpHere(t *testing.T) (n *Node, v *view.View, p int, owner link.Name) {
	t.Helper()
	n = stillNode(t)
	v = viewOf(n, "n1", "n2")
	for backupOf(v, p) != n.name {
		p++
	}
	owner, _ = v.Owner(p)
	return n, v, p, owner
}

// TestOwedIsNotReplaced: the copy of an owner that has gone may be the last. The new owner gets it
// before it replaces it.
func TestOwedIsNotReplaced(t *testing.T) {
	n, _, p, owner := backedUpHere(t)
	id, busy := busyIn(t, n, p)
	if err := n.host.Fill(p, 42, busy, true); err != nil {
		t.Fatal(err)
	}
	if n.arrived.TakeReplica(owner, 1, whole(p, nothing(t, n, p))) || pickedHere(n, id) != shard.OverrideBusy {
		t.Errorf("the last copy was replaced; picked is now %v", pickedHere(n, id))
	}
	n.host.Claim(p)
	n.host.Yield(p, view.SourceOf(owner)) // it has been pushed
	if !n.arrived.TakeReplica(owner, 2, whole(p, busy)) {
		t.Error("after its owner has it, a fill is refused")
	}
}

// TestOlderShipmentIsRefused: a call that was given up, and arrives after the next one, undoes
// nothing.
func TestOlderShipmentIsRefused(t *testing.T) {
	n, _, p, owner := backedUpHere(t)
	id, busy := busyIn(t, n, p)
	first := nothing(t, n, p)
	if !n.arrived.TakeReplica(owner, 7, whole(p, busy)) {
		t.Fatal("not taken")
	}
	if n.arrived.TakeReplica(owner, 6, whole(p, first)) || pickedHere(n, id) != shard.OverrideBusy {
		t.Errorf("what was sent before was taken after; picked is now %v", pickedHere(n, id))
	}
	if !n.arrived.TakeReplica(owner, 8, whole(p, first)) {
		t.Error("what was sent later is refused")
	}
}

// TestOwedIsNotTidied: what its owner doesn't have is not dropped, however settled that is.
func TestOwedIsNotTidied(t *testing.T) {
	b := newBand(t, 3)
	n := b.nodes[0]
	v := n.view.Load()
	p := 0
	for owner, _ := v.Owner(p); owner == n.name || backupOf(v, p) == n.name; owner, _ = v.Owner(p) {
		p++
	}
	await(t, "it has nothing that it doesn't need", func() bool { return unneeded(n) == 0 })
	id, busy := busyIn(t, n, p)
	if err := n.host.Fill(p, 42, busy, true); err != nil {
		t.Fatal(err)
	}
	n.host.Stale(p)
	await(t, "the owner has what was owed", func() bool {
		r, err := n.Inspect(t.Context(), id, id, false)
		return err == nil && r.Override == shard.OverrideBusy
	})
}

// TestClocksOfThoseWhoAnswer: who doesn't answer has no clock, and no good one.
func TestClocksOfThoseWhoAnswer(t *testing.T) {
	t.Parallel()
	n := stillNode(t)
	j := joining{local: &link.Local{
		Name: n.name, Handler: n.handler, Logger: n.log, Stats: &n.links, Pulses: link.NewPulses(),
	}}
	silent := []gossip.Member{
		{Name: link.Name{ID: "n1", Boot: "1"}, Peer: "127.0.0.1:1"},
		{Name: link.Name{ID: "n2", Boot: "1"}, Peer: "127.0.0.1:1"},
	}
	if skews := j.skews(t.Context(), silent); len(skews) > 0 {
		t.Errorf("those who don't answer are ahead by %v", skews)
	}
}

// TestLateShipmentIsRefused: a shipment that waited for the one before it is of a view that has
// gone by then. Taken all the same it would replace what the owner of now has sent meanwhile.
func TestLateShipmentIsRefused(t *testing.T) {
	n, _, p, owner := backedUpHere(t)
	id, busy := busyIn(t, n, p)
	first := nothing(t, n, p)
	latest := &n.arrived.latest[p]
	latest.mu.Lock()
	late := make(chan bool)
	go func() { late <- n.arrived.TakeReplica(owner, 1, whole(p, first)) }()
	awaitStuck(t, "TakeReplica")
	others := slices.DeleteFunc([]string{"n1", "n2", "n3", "n4"}, func(id string) bool { return id == owner.ID })
	v := viewOf(n, others[:1]...)
	for next := 2; backupOf(v, p) != n.name; next++ {
		v = viewOf(n, others[:next]...)
	}
	now, _ := v.Owner(p)
	latest.mu.Unlock()
	if <-late {
		t.Errorf("%s is the owner, and a shipment of %s was taken", now.ID, owner.ID)
	}
	if !n.arrived.TakeReplica(now, 1, whole(p, busy)) || pickedHere(n, id) != shard.OverrideBusy {
		t.Errorf("picked is now %v", pickedHere(n, id))
	}
}

// awaitStuck waits until a goroutine waits for a mutex in a function.
func awaitStuck(t *testing.T, function string) {
	t.Helper()
	await(t, function+" waits", func() bool {
		stacks := make([]byte, 1<<20)
		stacks = stacks[:runtime.Stack(stacks, true)]
		for g := range bytes.SplitSeq(stacks, []byte("\n\n")) {
			if bytes.Contains(g, []byte("[sync.Mutex.Lock")) && bytes.Contains(g, []byte(function)) {
				return true
			}
		}
		return false
	})
}

// TestPartialOnDisk: what wasn't whole before a restart isn't after it.
func TestPartialOnDisk(t *testing.T) {
	dir := t.TempDir()
	start := func() *Node {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = l.Close() })
		n, err := New(Config{
			NodeID: "n0", Partitions: 16, Settings: DefaultSettings(),
			Peers: &Peers{Role: "all", Listener: l, DataDir: dir},
		})
		if err != nil {
			t.Fatal(err)
		}
		return n
	}
	n := start()
	v := viewOf(n, "n1", "n2")
	want := make(map[int]bool)
	for p := range n.partitions {
		if backupOf(v, p) != n.name {
			continue
		}
		owner, _ := v.Owner(p)
		_, busy := busyIn(t, n, p)
		s := whole(p, busy)
		if len(want)%2 == 0 {
			s.Kind = replica.Partial
		}
		if !n.arrived.TakeReplica(owner, 1, s) {
			t.Fatal("not taken")
		}
		want[p] = s.Kind == replica.Whole
	}
	if err := n.Close(); err != nil {
		t.Fatal(err)
	}
	n = start()
	defer n.Close()
	for p, whole := range want {
		if n.host.Role(p) != host.Held || n.host.Whole(p) != whole {
			t.Errorf("partition %d: %v, whole %v, want %v", p, n.host.Role(p), n.host.Whole(p), whole)
		}
	}
	n.host.Outdate()
	for p := range want {
		if n.host.Whole(p) {
			t.Errorf("partition %d is whole, though others have served since", p)
		}
	}
}

// TestTwinIsNamed: of two processes with one id that meet after both have joined, the one that
// doesn't count any more says so; one that has just been started again says nothing of its former
// boot.
func TestTwinIsNamed(t *testing.T) {
	n := stillNode(t)
	var log bytes.Buffer
	m := members{local: &link.Local{Name: n.name}, joined: &n.joined, log: slog.New(slog.NewTextHandler(&log, nil))}
	here, there := viewOf(n), view.New([]gossip.Member{{Name: link.Name{ID: "n0", Boot: "z"}, State: gossip.Serving}},
		n.partitions, nil)
	if m.sayTwin(here, there); log.Len() > 0 {
		t.Errorf("while joining: %s", &log)
	}
	n.joined.Store(new(gossip.Gossip))
	m.sayTwin(here, there)
	m.sayTwin(there, there)
	if got := log.String(); strings.Count(got, "level=ERROR") != 1 || !strings.Contains(got, "counts=z") {
		t.Errorf("with a twin: %q", got)
	}
}

// TestGapWhileLoading: a disk that pauses while a data directory is read stops nothing, and what
// was read is whole.
func TestGapWhileLoading(t *testing.T) {
	dir := t.TempDir()
	start := func(step time.Duration) *Node {
		var ahead atomic.Int64
		clock := func() time.Time { return time.Now().Add(time.Duration(ahead.Add(int64(step)))) }
		n, err := New(Config{
			NodeID: "n0", Partitions: 16, Settings: DefaultSettings(), Clock: clock,
			Peers: &Peers{Role: "all", DataDir: dir},
		})
		if err != nil {
			t.Fatal(err)
		}
		return n
	}
	n := start(0)
	v := viewOf(n, "n1", "n2")
	var kept []int
	for p := range n.partitions {
		if backupOf(v, p) != n.name {
			continue
		}
		owner, _ := v.Owner(p)
		_, busy := busyIn(t, n, p)
		if !n.arrived.TakeReplica(owner, 1, whole(p, busy)) {
			t.Fatal("not taken")
		}
		kept = append(kept, p)
	}
	if err := n.Close(); err != nil {
		t.Fatal(err)
	}
	n = start(2 * time.Second)
	defer n.Close()
	if n.host.Stats().Stalls == 0 {
		t.Error("no gap")
	}
	for _, p := range kept {
		if n.host.Role(p) != host.Held || !n.host.Whole(p) {
			t.Errorf("partition %d: %v, whole %v", p, n.host.Role(p), n.host.Whole(p))
		}
	}
}
