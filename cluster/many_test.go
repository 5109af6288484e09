package cluster

import (
	"context"
	"fmt"
	"log/slog"
	"net"
	"os"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/scaiwave/presence/cluster/link"
	"github.com/scaiwave/presence/shard"
	"github.com/scaiwave/presence/shard/host"
)

// band is several nodes in this process, over loopback.
type band struct {
	t     *testing.T
	nodes []*Node
	sinks []*notebook
	seed  string
}

// notebook is a sink that remembers what it was told of each id.
type notebook struct {
	mu      sync.Mutex
	watched map[string]bool
	views   map[string]shard.View
	words   map[string]Word // by id and viewer
	loose   []Word          // that came beside an unknown view, and deny nobody
	viewers []shard.Viewer  // of all that is watched
	evicted []Eviction

	displaced int
}

func (s *notebook) Displaced() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.displaced++
}

func (s *notebook) Deliver(updates []Update) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, u := range updates {
		if u.View.Public != shard.Unknown && u.View.Order >= s.views[u.ID].Order {
			s.views[u.ID] = u.View
		}
		for _, w := range u.Words {
			if u.View.Public == shard.Unknown && w.Trust != shard.Denied {
				s.loose = append(s.loose, w)
			}
			if key := fmt.Sprint(u.ID, " ", w.Viewer.Hash); w.Order >= s.words[key].Order {
				s.words[key] = w
			}
		}
	}
}

func newNotebook() *notebook {
	return &notebook{watched: make(map[string]bool), views: make(map[string]shard.View), words: make(map[string]Word)}
}

func (s *notebook) Viewers(string) []shard.Viewer {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.viewers
}

// excepts is what was told last of a pair; ok is false if nothing was.
func (s *notebook) excepts(id, viewer string) (has, ok bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	w, ok := s.words[fmt.Sprint(id, " ", new(shard.Settings).Viewer(viewer).Hash)]
	return w.Trust == shard.Excepted, ok
}

func (s *notebook) Evict(e Eviction) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.evicted = append(s.evicted, e)
}

func (s *notebook) Watched(yield func(id string) bool) {
	s.mu.Lock()
	ids := make([]string, 0, len(s.watched))
	for id := range s.watched {
		ids = append(ids, id)
	}
	s.mu.Unlock()
	for _, id := range ids {
		if !yield(id) {
			return
		}
	}
}

func (s *notebook) Review([]string) {}

func (s *notebook) Picked(id string) (p Picked) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if v, ok := s.views[id]; ok && v.Public != shard.Unknown {
		p.Override, p.Version = v.Override, max(v.Version, shard.NeverPicked)
		if v.Sayings != nil {
			p.Until = v.Sayings.OverrideUntil
		}
	}
	return p
}

// sayings are those of the latest view.
func (s *notebook) sayings(id string) (said shard.Sayings) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if v := s.views[id]; v.Sayings != nil {
		said = *v.Sayings
	}
	return said
}

func (s *notebook) sees(id string) shard.State {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.views[id].Public
}

func (s *notebook) evictions() []Eviction {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]Eviction(nil), s.evicted...)
}

const testPartitions = 64

func newBand(t *testing.T, n int) *band {
	b := &band{t: t}
	for range n {
		b.add()
	}
	b.agree()
	return b
}

func testLogger(id string) *slog.Logger {
	if os.Getenv("PRESENCE_TEST_LOG") == "" {
		return slog.New(slog.DiscardHandler)
	}
	return slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelDebug})).With("node", id)
}

func (b *band) add() *Node {
	b.t.Helper()
	n, err := b.tryAdd()
	if err != nil {
		b.t.Fatal(err)
	}
	return n
}

func (b *band) tryAdd() (*Node, error) { return b.tryAddNamed(fmt.Sprintf("n%d", len(b.nodes))) }

func (b *band) tryAddNamed(id string) (*Node, error) {
	b.t.Helper()
	return b.tryAddWith(id, func(*Peers) {})
}

func (b *band) tryAddWith(id string, change func(p *Peers)) (*Node, error) {
	b.t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		b.t.Fatal(err)
	}
	p := &Peers{
		Role: "all", Listener: l, GossipListen: "127.0.0.1:0", ClusterName: "test", JoinWait: 5 * time.Second,
		FastGossip: true,
	}
	change(p)
	if b.seed != "" {
		p.Seeds = []string{b.seed}
	}
	n, err := New(Config{
		NodeID: id, Partitions: testPartitions, Settings: DefaultSettings(), Peers: p,
		Logger: testLogger(id),
	})
	if err != nil {
		b.t.Fatal(err)
	}
	s := newNotebook()
	n.SetSink(s)
	n.Start()
	if err := n.Join(b.t.Context()); err != nil {
		return n, err
	}
	b.t.Cleanup(func() { b.crash(n) })
	if b.seed == "" {
		b.seed = n.gossip.Address()
	}
	b.nodes, b.sinks = append(b.nodes, n), append(b.sinks, s)
	return n, nil
}

// patience is for how long what must come is waited for, on a machine that may have much else to
// do.
const patience = 2 * time.Minute

// await waits until f is true.
func await(t testing.TB, what string, f func() bool) {
	t.Helper()
	for deadline := time.Now().Add(patience); !f(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("not after %v: %s", patience, what)
		}
	}
}

// pick sends an override again while it is refused: on a busy machine its owner may be too slow.
func pick(t testing.TB, at *Node, id string, o shard.Override) {
	t.Helper()
	await(t, "the override of "+id, func() bool { return at.SetOverride(t.Context(), id, o, time.Time{}) == nil })
}

// agree waits until all nodes have one view, every partition is served by its owner alone, and all
// backups have all.
func (b *band) agree() {
	b.t.Helper()
	await(b.t, "the nodes agree", b.agreed)
}

func (b *band) agreed() bool { return agreed(b.nodes) }

func agreed(nodes []*Node) bool {
	v := nodes[0].view.Load()
	for _, n := range nodes {
		mine := n.view.Load()
		if mine.Key != v.Key || len(mine.Members) != len(nodes) {
			return false
		}
		for p := range n.partitions {
			owner, _ := mine.Owner(p)
			backup, ok := mine.Backup(p)
			role := n.host.Role(p)
			switch {
			case owner == n.name && (role != host.Serving || !n.replica.InMemoryAt(p, backup)):
				return false
			case owner != n.name && (role == host.Serving || role == host.Held):
				return false
			case ok && backup == n.name && role != host.Copy:
				return false
			}
		}
	}
	return true
}

// online beats for n participants through one node, and returns their ids.
func (b *band) online(at *Node, n int) (ids []string) {
	b.t.Helper()
	beats := make([]Heartbeat, n)
	for i := range beats {
		beats[i] = Heartbeat{Participant: fmt.Sprintf("p%d", i), Device: "tab", Activity: shard.ActivityOnline}
		ids = append(ids, beats[i].Participant)
	}
	errs := make([]error, n)
	at.Heartbeats(b.t.Context(), beats, errs)
	for i, err := range errs {
		if err != nil {
			b.t.Fatalf("%s: %v", ids[i], err)
		}
	}
	return ids
}

// wantStates asks a node.
func wantStates(t *testing.T, n *Node, ids []string, want shard.State) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 1500*time.Millisecond)
	defer cancel()
	states := make([]shard.State, len(ids))
	n.States(ctx, "", ids, states)
	wrong := make(map[string]shard.State)
	for i, s := range states {
		if s != want {
			wrong[ids[i]] = s
		}
	}
	if len(wrong) > 0 {
		t.Errorf("asked %s: %d of %d are not %v: %v", n.ID(), len(wrong), len(ids), want, wrong)
	}
}

func (b *band) node(name link.Name) *Node {
	for _, n := range b.nodes {
		if n.name == name {
			return n
		}
	}
	b.t.Fatalf("no node %v", name)
	return nil
}

// crash ends a node without a word, as far as that can be done within a process.
func (b *band) crash(n *Node) {
	i := slices.Index(b.nodes, n)
	if i < 0 {
		return // it was before
	}
	b.nodes, b.sinks = slices.Delete(b.nodes, i, i+1), slices.Delete(b.sinks, i, i+1)
	if err := n.Close(); err != nil {
		b.t.Log(err)
	}
}

func TestEveryNodeAnswersForAll(t *testing.T) {
	b := newBand(t, 3)
	ids := b.online(b.nodes[0], 300)
	for _, n := range b.nodes {
		wantStates(t, n, ids, shard.Online)
	}
}

// TestBackupsFollow compares each owner with its backup.
func TestBackupsFollow(t *testing.T) {
	b := newBand(t, 3)
	ids := b.online(b.nodes[1], 300)
	v := b.nodes[0].view.Load()
	for _, id := range ids {
		p := b.nodes[0].partitionOf(id)
		backup, _ := v.Backup(p)
		state := make([]shard.State, 1)
		if b.node(backup).host.States("", []string{id}, state, shard.Unknown); state[0] != shard.Online {
			owner, _ := v.Owner(p)
			t.Errorf("partition %d of %s: the backup %s says %v", p, owner.ID, backup.ID, state[0])
		}
	}
}

func TestNobodyGoesWithANode(t *testing.T) {
	b := newBand(t, 3)
	ids := b.online(b.nodes[0], 300)
	b.crash(b.nodes[1])
	for !b.agreed() {
		wantStates(t, b.nodes[0], ids, shard.Online)
		wantStates(t, b.nodes[1], ids, shard.Online)
		if t.Failed() {
			return
		}
	}
	wantStates(t, b.nodes[0], ids, shard.Online)
}
