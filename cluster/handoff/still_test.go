package handoff

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"sync/atomic"
	"testing"

	"go.uber.org/goleak"

	"github.com/scaiwave/presence/cluster/gossip"
	"github.com/scaiwave/presence/cluster/link"
	"github.com/scaiwave/presence/cluster/message"
	"github.com/scaiwave/presence/cluster/view"
	"github.com/scaiwave/presence/shard"
	"github.com/scaiwave/presence/shard/codec"
	"github.com/scaiwave/presence/shard/host"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// still is a steward that doesn't run, with a host of its own and other nodes that are made up.
type still struct {
	*Steward
	t       *testing.T
	host    *host.Host
	seen    atomic.Pointer[view.View]
	backups *backups
	saved   shelf
	peers   *peers
}

const partitions = 16

var one, two = link.Name{ID: "n1", Boot: "1"}, link.Name{ID: "n2", Boot: "1"}

func newStill(t *testing.T) *still {
	t.Helper()
	s := &still{t: t, host: newHost(t, 1), backups: &backups{of: make(map[int]link.Name)}, peers: &peers{}}
	settings := host.DefaultSettings()
	s.Steward = New(Config{
		Self: link.Name{ID: "n0", Boot: "1"}, Count: partitions,
		Deadline: settings.Deadline(), Beaten: settings.HeartbeatInterval,
		View: s.seen.Load, Host: s.host, Replica: s.backups, Store: &s.saved, Peers: s.peers,
		Logger: slog.New(slog.DiscardHandler),
	})
	s.sees()
	return s
}

func newHost(t *testing.T, node uint64) *host.Host {
	t.Helper()
	h, err := host.New(host.Config{
		Partitions: partitions, Node: node, Settings: host.DefaultSettings(), Mirror: noMirror{},
	})
	if err != nil {
		t.Fatal(err)
	}
	return h
}

// sees has the node see others.
func (s *still) sees(others ...link.Name) {
	members := []gossip.Member{{Name: s.Self, State: gossip.Serving}}
	for _, name := range others {
		members = append(members, gossip.Member{Name: name, State: gossip.Serving})
	}
	s.see(members)
}

func (s *still) see(members []gossip.Member) {
	s.seen.Store(view.New(members, partitions, s.seen.Load()))
}

// owned is a partition of a node, and ownedBy all of them.
func (s *still) owned(by link.Name) int { return s.ownedBy(by)[0] }

func (s *still) ownedBy(name link.Name) (all []int) {
	for p := range partitions {
		if owner, _ := s.View().Owner(p); owner == name {
			all = append(all, p)
		}
	}
	if all == nil {
		s.t.Fatalf("%s owns nothing: other names are needed", name.ID)
	}
	return all
}

func (s *still) backup(p int) link.Name {
	name, _ := s.View().Backup(p)
	return name
}

// begins has a round begin; what others hold follows by name.
func (s *still) begins(held map[link.Name][]int) instant {
	i := s.now()
	s.at(i, func(b *book) {
		b.askAgain()
		for name, partitions := range held {
			b.answered(name, answer{held: partitions})
		}
	})
	return i
}

// asked is begins, with all answers there.
func (s *still) asked(held map[link.Name][]int) instant {
	i := s.begins(held)
	s.at(i, func(b *book) { b.asked = true })
	return i
}

func (s *still) wantRole(what string, p int, want host.Role) {
	s.t.Helper()
	if got := s.host.Role(p); got != want {
		s.t.Errorf("%s: partition %d is %v, want %v", what, p, got, want)
	}
}

// arrives has another node push a partition.
func (s *still) arrives(from link.Name, p int, snapshot []byte) bool {
	s.t.Helper()
	b := message.AppendUint16(message.AppendUint64(nil, s.View().Key), p)
	b = codec.AppendBytes(append(b, claimWhole), snapshot)
	reply, err := s.Take(s.t.Context(), from, message.NewReader(b))
	if err != nil || len(reply) != 1 {
		s.t.Fatalf("%v, %v", reply, err)
	}
	return reply[0] == 1
}

// fill gives the node a copy.
func (s *still) fill(p int, source uint64, snapshot []byte) {
	s.t.Helper()
	if err := s.host.Fill(p, source, snapshot, true); err != nil {
		s.t.Fatal(err)
	}
}

// looks is how a participant is seen whom nobody knows.
func (s *still) looks(p int) shard.State {
	states := make([]shard.State, 1)
	s.host.States("", []string{idIn(s.host, p)}, states, shard.Busy)
	return states[0]
}

func idIn(h *host.Host, p int) string {
	for i := 0; ; i++ {
		if id := fmt.Sprint("z", i); h.PartitionOf(id) == p {
			return id
		}
	}
}

// empty is a snapshot of a partition that nobody is in.
func empty(t *testing.T, p int) []byte {
	b, _ := newHost(t, 8).Snapshot(p)
	return b
}

// backups remember what they were told.
type backups struct {
	mu       sync.Mutex
	of       map[int]link.Name
	released []int
	refilled []int
	assigned func() // nil: nothing happens then
}

func (b *backups) Assign(p int, backup link.Name) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.of[p] = backup; b.assigned != nil {
		b.assigned()
	}
}

func (b *backups) Release(p int) {
	b.mu.Lock()
	defer b.mu.Unlock()
	delete(b.of, p)
	b.released = append(b.released, p)
}

func (b *backups) Refill(partitions []int) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.refilled = append(b.refilled, partitions...)
}

func (b *backups) InMemoryAt(p int, backup link.Name) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	now, ok := b.of[p]
	return ok && now == backup
}

func (b *backups) Backup(p int) link.Name {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.of[p]
}

type noMirror struct{}

func (noMirror) Put(int, []byte, []byte) {}

// shelf is a Store that remembers what was to be kept.
type shelf []int

func (s *shelf) Save(p int)               { *s = append(*s, p) }
func (*shelf) Forget(int)                 {}
func (*shelf) Shorten()                   {}
func (*shelf) Sync(context.Context) error { return nil }

// peers are the other nodes. Without an answer they are silent.
type peers struct {
	answer func(to link.Name, op byte, d *message.Reader) []byte // under mu
	apart  []link.Name
	mu     sync.Mutex
}

func (p *peers) Call(
	_ context.Context, to link.Name, _ link.Class, op byte, payload []byte, read func(reply []byte) error,
) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.answer == nil {
		return errors.New("silent")
	}
	return read(p.answer(to, op, message.NewReader(payload)))
}

func (p *peers) Reachable(_ *view.View, name link.Name) bool { return !slices.Contains(p.apart, name) }
func (p *peers) Introduce(link.Name)                         {}
