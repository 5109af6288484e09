package watch

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"

	"go.uber.org/goleak"

	"github.com/scaiwave/presence/cluster/gossip"
	"github.com/scaiwave/presence/cluster/link"
	"github.com/scaiwave/presence/cluster/message"
	"github.com/scaiwave/presence/cluster/protocol"
	"github.com/scaiwave/presence/cluster/view"
	"github.com/scaiwave/presence/shard"
	"github.com/scaiwave/presence/shard/host"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const partitions = 16

// stage is the feed of node n0 with a host that serves all partitions. Other nodes have no links,
// and answer what the test has them answer.
type stage struct {
	*Feed
	t      testing.TB
	host   *host.Host
	views  atomic.Pointer[view.View]
	sink   *notebook
	warmed []int

	mu      sync.Mutex
	answers map[link.Name]func(q host.Question) host.Sight // none: it answers nothing
}

func newStage(t testing.TB, nodes ...string) *stage {
	t.Helper()
	s := &stage{t: t, sink: newNotebook(), answers: make(map[link.Name]func(host.Question) host.Sight)}
	s.look(nodes...)
	var err error
	s.host, err = host.New(host.Config{Partitions: partitions, Node: 1, Settings: host.DefaultSettings()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.host.Close)
	s.Feed, err = New(Config{
		Self: named("n0"), Partitions: partitions, Host: s.host, Views: &s.views,
		Speaks: func(link.Name) int { return protocol.Spoken.Highest },
		Call:   s.call, Spread: s.spread, Warm: func(p int) { s.warmed = append(s.warmed, p) },
	})
	if err != nil {
		t.Fatal(err)
	}
	s.SetSink(s.sink)
	return s
}

func named(id string) link.Name { return link.Name{ID: id, Boot: "1"} }

// look makes a view of n0 and others, and returns it with the one before.
func (s *stage) look(others ...string) (old, v *view.View) {
	members := []gossip.Member{{Name: named("n0"), Role: gossip.All, State: gossip.Serving}}
	for _, id := range others {
		members = append(members, gossip.Member{Name: named(id), Role: gossip.All, State: gossip.Serving})
	}
	old = s.views.Load()
	v = view.New(members, partitions, old)
	s.views.Store(v)
	return old, v
}

// ownedBy is an id whose partition a node owns, with n0 for its backup or, if another is named,
// that one.
func (s *stage) ownedBy(owner string, backup ...string) string {
	other := append(backup, "n0")[0]
	v := s.views.Load()
	for i := 0; ; i++ {
		id := fmt.Sprint("q", i)
		p := s.host.PartitionOf(id)
		o, _ := v.Owner(p)
		if b, _ := v.Backup(p); o == named(owner) && b == named(other) {
			return id
		}
	}
}

// answer has a node answer so from now on; nil: not at all.
func (s *stage) answer(at string, f func(q host.Question) host.Sight) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.answers[named(at)] = f
}

// call is a Call that reaches the other nodes by the bytes of messages.
func (s *stage) call(
	_ context.Context, to link.Name, _ link.Class, _ byte, payload []byte, take func(reply []byte) error,
) error {
	s.mu.Lock()
	f := s.answers[to]
	s.mu.Unlock()
	if f == nil {
		return errors.New("silent")
	}
	questions, err := readRequest(message.NewReader(payload), FormSayings)
	if err != nil {
		s.t.Error(err)
	}
	var sights []host.Sight
	for _, q := range questions {
		sights = append(sights, f(q))
	}
	return take(appendSights(questions, sights, FormSayings))
}

// spread is a Spread that asks once, one id at a time.
func (s *stage) spread(ctx context.Context, b *Batch) (left []int) {
	v := s.views.Load()
	for i := range b.Questions {
		done := false
		one, answer := b.Questions[i:i+1], make([]host.Sight, 1)
		for _, find := range b.Finders(v) {
			place, ok := find(s.host.PartitionOf(b.ID(&one[0])))
			if ok && !done && b.Ask(ctx, v.Members[place].Name, one, answer) == nil && b.Counts(&answer[0]) {
				b.Answers[i], done = answer[0], true
			}
		}
		if !done {
			left = append(left, i)
		}
	}
	return left
}

// watch watches an id for the sink.
func (s *stage) watch(id string) (unknown int) {
	s.sink.watch(id)
	sights := make([]host.Sight, 1)
	unknown = s.Watch(s.t.Context(), []host.Question{{ID: id}}, sights)
	s.sink.Deliver([]host.Update{{ID: id, View: sights[0].View}})
	return unknown
}

// run runs the feed in virtual time until the test calls stop.
func (s *stage) run() (stop func()) {
	ctx, cancel := context.WithCancel(s.t.Context())
	done := make(chan struct{})
	go func() {
		defer close(done)
		s.Run(ctx)
	}()
	synctest.Wait()
	return func() { cancel(); <-done }
}

// dueIs reports whether a partition is to be watched again, and forgets it then.
func (s *stage) dueIs(p int) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.Feed.mu.Lock()
	defer s.Feed.mu.Unlock()
	now := s.due.cut()
	_, is := now.partitions[p]
	return is
}

// sees is an answer with a view in which all see one state.
func sees(state shard.State, order uint64, a host.Answer) host.Sight {
	return host.Sight{View: shard.View{Public: state, Inner: state, Self: state, Order: order}, Answer: a}
}
