package cluster

import (
	"errors"
	"fmt"
	"net"
	"slices"
	"testing"
	"time"

	"github.com/scaiwave/presence/shard"
)

// says is what a node answers a viewer about a participant.
func (b *band) says(n *Node, viewer, id string) shard.State {
	state := make([]shard.State, 1)
	n.States(b.t.Context(), viewer, []string{id}, state)
	return state[0]
}

// setAll has a participant say something of each of some viewers, and returns what each sees of it
// while it is online.
func (b *band) setAll(n *Node, id string) map[string]shard.State {
	b.t.Helper()
	later := time.Now().Add(time.Hour)
	for i, err := range n.SetEdges(b.t.Context(), []Edge{
		{Participant: id, Viewer: "denied", Allow: shard.Deny},
		{Participant: id, Viewer: "allowed", Allow: shard.Allow, Until: later},
		{Participant: id, Viewer: "forgotten", Allow: shard.Deny},
		{Participant: id, Viewer: "forgotten", Allow: shard.Forget},
		{Participant: id, Viewer: "both", Allow: shard.Allow},
	}) {
		if err != nil {
			b.t.Fatalf("edge %d: %v", i, err)
		}
	}
	for _, err := range []error{
		n.SetBlock(b.t.Context(), id, "blocked", true), n.SetBlock(b.t.Context(), id, "both", true),
		n.SetBlock(b.t.Context(), id, "unblocked", true), n.SetBlock(b.t.Context(), id, "unblocked", false),
		n.SetVisibility(b.t.Context(), id, shard.VisibilityChange{
			Visibility: shard.Visibility{Audience: shard.AudienceAllowed}, SetAudience: true,
		}),
	} {
		if err != nil {
			b.t.Fatal(err)
		}
	}
	return map[string]shard.State{
		"denied": shard.Offline, "allowed": shard.Online, "forgotten": shard.Offline, "both": shard.Offline,
		"blocked": shard.Offline, "unblocked": shard.Offline, "": shard.Offline, id: shard.Online,
	}
}

func (b *band) wantSeen(when string, id string, want map[string]shard.State) {
	b.t.Helper()
	for _, n := range b.nodes {
		for viewer, state := range want {
			if got := b.says(n, viewer, id); got != state {
				b.t.Errorf("%s: %s says to %q %v, want %v", when, n.ID(), viewer, got, state)
			}
		}
		blocks, err := n.Blocks(b.t.Context(), id)
		if err != nil || !slices.Equal(blocks, []string{"blocked", "both"}) {
			b.t.Errorf("%s: %s says that %q are blocked, %v", when, n.ID(), blocks, err)
		}
		v, err := n.Visibility(b.t.Context(), id)
		counts := shard.Visibility{Audience: shard.AudienceAllowed, LastSeen: shard.SeenExact}
		if v != counts || err != nil {
			b.t.Errorf("%s: %s says %v, %v", when, n.ID(), v, err)
		}
	}
}

// TestWhoSeesWhom: edges, blocks and an audience are known to all nodes, and stay when their owner
// dies, when the next owner hands over, and when one more comes.
func TestWhoSeesWhom(t *testing.T) {
	b := newBand(t, 3)
	id := b.ownedBy(b.nodes[1])
	b.beat(b.nodes[0], id)
	want := b.setAll(b.nodes[0], id)
	b.wantSeen("at first", id, want)
	b.crash(b.nodes[1])
	b.agree()
	b.wantSeen("after the owner's death", id, want)
	if _, err := b.tryAddNamed("late"); err != nil {
		t.Fatal(err)
	}
	b.agree()
	b.wantSeen("with one more", id, want)
	p := b.nodes[0].partitionOf(id)
	owner, _ := b.nodes[0].view.Load().Owner(p)
	if err := b.node(owner).Drain(t.Context()); err != nil {
		t.Fatal(err)
	}
	b.crash(b.node(owner))
	b.agree()
	b.wantSeen("after a hand-off", id, want)
}

func (b *band) beat(at *Node, id string) {
	b.t.Helper()
	errs := make([]error, 1)
	at.Heartbeats(b.t.Context(), []Heartbeat{{Participant: id, Device: "tab", Activity: shard.ActivityOnline}}, errs)
	if errs[0] != nil {
		b.t.Fatal(errs[0])
	}
}

// TestTrustsAreTold: a gateway hears what a participant says of a viewer, also of one without a
// window, and that its audience has changed.
func TestTrustsAreTold(t *testing.T) {
	b := newBand(t, 2)
	gateway, sink, id := b.nodes[0], b.sinks[0], b.ownedBy(b.nodes[1])
	b.beat(gateway, id)
	subscribe(t, gateway, sink, id)
	told := func(viewer string, want shard.Trust) func() bool {
		return func() bool { got, ok := sink.trusts(id, viewer); return ok && got == want }
	}
	set := func(what string, err error) {
		t.Helper()
		if err != nil {
			t.Fatal(what, err)
		}
	}
	set("block", gateway.SetBlock(t.Context(), id, "ben", true))
	await(t, "the block is told", told("ben", shard.Denied))
	set("unblock", gateway.SetBlock(t.Context(), id, "ben", false))
	await(t, "its end is told", told("ben", shard.Stranger))
	edge := Edge{Participant: id, Viewer: "cleo", Allow: shard.Allow, Until: time.Now().Add(300 * time.Millisecond)}
	set("edge", gateway.SetEdges(t.Context(), []Edge{edge})[0])
	await(t, "the edge is told", told("cleo", shard.Trusted))
	await(t, "its end is told", told("cleo", shard.Stranger))
	set("audience", gateway.SetVisibility(t.Context(), id, shard.VisibilityChange{
		Visibility: shard.Visibility{Audience: shard.AudienceAllowed}, SetAudience: true,
	}))
	await(t, "the audience is told", func() bool {
		sink.mu.Lock()
		defer sink.mu.Unlock()
		return sink.views[id].Closed && sink.views[id].Unseen == shard.Offline && sink.views[id].Public == shard.Online
	})
}

// trusts is what was told last of a pair; ok is false if nothing was.
func (s *notebook) trusts(id, viewer string) (t shard.Trust, ok bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	w, ok := s.words[fmt.Sprint(id, " ", new(shard.Settings).Viewer(viewer).Hash)]
	return w.Trust, ok
}

// TestNeitherGetsTheWindow: where one of the two has no room for it.
func TestNeitherGetsTheWindow(t *testing.T) {
	settings := DefaultSettings()
	settings.MaxExceptions = 2
	n, err := New(Config{NodeID: "n1", Partitions: testPartitions, Settings: settings})
	if err != nil {
		t.Fatal(err)
	}
	n.SetSink(newNotebook())
	n.Start()
	t.Cleanup(func() { _ = n.Close() })
	for _, viewer := range []string{"cleo", "dan"} {
		if err := n.SetBlock(t.Context(), "ada", viewer, true); err != nil {
			t.Fatal(err)
		}
	}
	errs := make([]error, 2)
	at := time.Now()
	n.DirectMessages(t.Context(), []DirectMessage{{A: "ada", B: "ben", At: at}, {A: "ben", B: "ada", At: at}}, errs)
	for i, err := range errs {
		if !errors.Is(err, ErrTooManyEdges) {
			t.Errorf("message %d: %v", i, err)
		}
	}
	if got := n.host.Stats(); got.Windows != 0 || got.Blocks != 2 {
		t.Errorf("there are %d windows and %d blocks", got.Windows, got.Blocks)
	}
	old := at.Add(-settings.DMWindow - time.Minute) // what is over needs no room, and makes none
	n.DirectMessages(t.Context(), []DirectMessage{{A: "ada", B: "ben", At: old}, {A: "ben", B: "ada", At: old}}, errs)
	for i, err := range errs {
		if err != nil {
			t.Errorf("old message %d: %v", i, err)
		}
	}
	errs = n.SetEdges(t.Context(), []Edge{{Participant: "ada", Viewer: "eve", Allow: shard.Deny, Until: old}})
	if got := n.host.Stats(); errs[0] != nil || got.Windows+got.Edges != 0 || got.Blocks != 2 {
		t.Errorf("an edge that is over: %v; there are %d windows, %d edges and %d blocks",
			errs[0], got.Windows, got.Edges, got.Blocks)
	}
	errs = n.SetEdges(t.Context(), []Edge{
		{Participant: "ada", Viewer: "eve", Allow: shard.Allow},
		{Participant: "ben", Viewer: "eve", Allow: shard.Allow},
		{Participant: "ada", Viewer: "fay", Allow: shard.Forget},
	})
	if !errors.Is(errs[0], ErrTooManyEdges) || errs[1] != nil || errs[2] != nil {
		t.Errorf("edges: %v", errs)
	}
}

// TestEdgesOfOnePair: an edge for which a later one of its pair stands has the outcome of that.
func TestEdgesOfOnePair(t *testing.T) {
	set := DefaultSettings()
	set.MaxExceptions = 1
	n, err := New(Config{NodeID: "n1", Partitions: testPartitions, Settings: set})
	if err != nil {
		t.Fatal(err)
	}
	n.Start()
	defer n.Close()
	errs := n.SetEdges(t.Context(), []Edge{
		{Participant: "ada", Viewer: "ben", Allow: shard.Deny},
		{Participant: "ada", Viewer: "eve", Allow: shard.Deny},
		{Participant: "ada", Viewer: "eve", Allow: shard.Allow},
	})
	if errs[0] != nil || !errors.Is(errs[1], ErrTooManyEdges) || !errors.Is(errs[2], ErrTooManyEdges) {
		t.Errorf("%v; want none, and twice %v", errs, ErrTooManyEdges)
	}
}

// TestWhoSeesWhomAfterARestart: what was said about who may see a participant is on the disk, also
// after a compaction.
func TestWhoSeesWhomAfterARestart(t *testing.T) {
	dir, id := t.TempDir(), "ada"
	var want map[string]shard.State
	for start := range 3 {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		n, err := New(Config{
			NodeID: "n1", Partitions: testPartitions, Settings: DefaultSettings(),
			Peers: &Peers{
				Role: "all", Listener: l, GossipListen: "127.0.0.1:0", ClusterName: "test", DataDir: dir,
				FastGossip: true,
			},
			Logger: testLogger("n1"),
		})
		if err != nil {
			t.Fatal(err)
		}
		n.SetSink(newNotebook())
		n.Start()
		if err := n.Join(t.Context()); err != nil {
			t.Fatal(err)
		}
		b := &band{t: t, nodes: []*Node{n}, sinks: []*notebook{newNotebook()}}
		b.agree()
		b.beat(n, id)
		if start == 0 {
			want = b.setAll(n, id)
		}
		b.wantSeen(fmt.Sprint("start ", start), id, want)
		if start == 1 {
			n.store.Save(n.partitionOf(id)) // as a compaction does
		}
		if err := n.Close(); err != nil {
			t.Fatal(err)
		}
	}
}
