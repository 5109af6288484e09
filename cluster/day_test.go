package cluster

import (
	"fmt"
	"net"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/scaiwave/presence/shard"
)

// stopped is three nodes with disks in dir that were stopped, and the gossip addresses that they
// had.
type stopped struct {
	*band
	dir   string
	seeds []string
	ids   []string // a participant of each pair of owner and backup, with an override and a block
}

func stopAll(t *testing.T) *stopped {
	b, dir := diskBand(t)
	s := &stopped{band: b, dir: dir}
	for i, n := range b.nodes {
		s.seeds = append(s.seeds, n.gossip.Address())
		s.ids = append(s.ids, keptBy(n, b.nodes[(i+1)%3]))
	}
	for _, id := range s.ids {
		s.says(b.nodes[0], id)
	}
	return s
}

func (s *stopped) says(at *Node, id string) {
	s.t.Helper()
	pick(s.t, at, id, shard.OverrideAppearOffline)
	if err := at.SetBlock(s.t.Context(), id, "ben", true); err != nil {
		s.t.Fatal(err)
	}
}

// startADayLater starts some of the nodes at once.
func (s *stopped) startADayLater(numbers ...int) {
	s.t.Helper()
	var all sync.WaitGroup
	started := make([]*Node, len(numbers))
	for at, number := range numbers {
		all.Go(func() { started[at] = s.start(number) })
	}
	all.Wait()
	for _, n := range started {
		if n == nil {
			s.t.FailNow()
		}
		s.nodes, s.sinks = append(s.nodes, n), append(s.sinks, newNotebook())
		s.t.Cleanup(func() { s.crash(n) })
	}
	s.agree()
}

// start is nil if the node can't be started.
func (s *stopped) start(number int) *Node {
	id := fmt.Sprint("n", number)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		s.t.Error(err)
		return nil
	}
	n, err := New(Config{
		NodeID: id, Partitions: testPartitions, Settings: DefaultSettings(), Logger: testLogger(id),
		Clock: func() time.Time { return time.Now().Add(25 * time.Hour) },
		Peers: &Peers{
			Role: "all", Listener: l, GossipListen: s.seeds[number], Seeds: s.seeds, ClusterName: "test",
			JoinWait: 5 * time.Second, FastGossip: true, DataDir: filepath.Join(s.dir, id),
		},
	})
	if err != nil {
		s.t.Error(err)
		return nil
	}
	n.SetSink(newNotebook())
	n.Start()
	if err := n.Join(s.t.Context()); err != nil {
		s.t.Error(err)
	}
	return n
}

// wantAll: what was acknowledged is there.
func (s *stopped) wantAll() {
	s.t.Helper()
	for _, id := range s.ids {
		r, err := s.nodes[0].Inspect(s.t.Context(), id, id, false)
		if err != nil || r.Override != shard.OverrideAppearOffline {
			s.t.Errorf("%s has picked %v (%v)", id, r.Override, err)
		}
		if blocks, err := s.nodes[0].Blocks(s.t.Context(), id); err != nil || len(blocks) != 1 {
			s.t.Errorf("%s has blocked %v (%v)", id, blocks, err)
		}
	}
}

// TestStoppedForADay: all nodes were stopped for over a day, and are started together.
func TestStoppedForADay(t *testing.T) {
	s := stopAll(t)
	for len(s.nodes) > 0 {
		s.crash(s.nodes[0])
	}
	s.startADayLater(0, 1, 2)
	s.wantAll()
}

// TestLastOneStartsLast: so it is where the others serve already when the one starts that was
// stopped last, and alone has what was acknowledged then.
func TestLastOneStartsLast(t *testing.T) {
	t.Parallel() // it waits for most of its time
	s := stopAll(t)
	last := s.nodes[2]
	for len(s.nodes) > 1 {
		s.crash(s.nodes[0])
	}
	await(t, "the last one serves", func() bool { return last.host.Stats().Partitions == testPartitions })
	for number := range 10 {
		id := fmt.Sprint("late", number)
		s.ids = append(s.ids, id)
		s.says(last, id)
	}
	s.crash(last)
	s.startADayLater(0, 1)
	for _, n := range s.nodes {
		await(t, n.name.ID+" has formed", func() bool { return hasFormed(t, n) })
	}
	s.startADayLater(2)
	s.wantAll()
}
