package handoff

import (
	"sync"
	"sync/atomic"
	"time"

	"github.com/scaiwave/presence/cluster/link"
	"github.com/scaiwave/presence/cluster/view"
	"github.com/scaiwave/presence/shard/host"
	"github.com/scaiwave/presence/shard/wake"
)

// Steward carries out what the book plans. See the package comment.
type Steward struct {
	// static
	Config
	Counters
	since time.Time // when it was made

	wake  wake.Signal
	alarm wake.Signal  // the process has stood still
	stops atomic.Int64 // how often it has

	unreached map[link.Name]time.Time // Run only: members that cannot be reached, and since when

	// copies makes what is done to a copy fit the view it is done for. A caller that takes, merges
	// or fills holds it for reading, one that marks or drops for writing.
	copies sync.RWMutex

	mu      sync.Mutex // after copies
	book    *book
	formed  time.Time // when the cluster was seen to have; zero: it has not
	pushing int       // partitions on their way out
}

// Counters count since the start.
type Counters struct{ Promoted, Lost, HandedOver, Refused atomic.Int64 }

// New makes a steward; Run has it work.
func New(c Config) *Steward {
	return &Steward{
		Config: c, since: time.Now(), wake: wake.New(), alarm: wake.New(),
		unreached: make(map[link.Name]time.Time), book: newBook(c.Self, c.Count),
	}
}

// instant is what a decision rests on: a view, and how often the process had stood still. What was
// decided at one is done only while it lasts.
type instant struct {
	*view.View
	stood int64
}

func (s *Steward) now() instant { return instant{s.View(), s.stops.Load()} }

// at does what was decided at an instant, if that lasts: there is no other view, and the process
// hasn't stood still since. It reports whether it lasted until do had ended. do must not wait.
func (s *Steward) at(i instant, do func(b *book)) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.now() != i {
		return false
	}
	s.book.enter(i.View, i.stood)
	s.book.doubting = s.stillDoubts()
	s.ripen()
	do(s.book)
	return s.now() == i
}

// atOrHold is at for what may begin to serve a partition. If the instant ends as that begins, the
// partition is held: another node may serve it, too.
func (s *Steward) atOrHold(i instant, partition int, do func(b *book) (began bool)) {
	began := false
	if !s.at(i, func(b *book) { began = do(b) }) && began {
		s.Host.Hold(partition)
	}
}

// StoodStill is called when the process has stood still. The host holds everything, and others may
// have taken it over: what was asked before doesn't count any more. It doesn't wait.
func (s *Steward) StoodStill() {
	s.stops.Add(1)
	s.alarm.Raise()
	s.wake.Raise()
}

// Follow acts on a new view. The copies that it leaves behind are marked at once: there may be the
// next view before Run comes to it. What is served in doubt ceases to be at once: other nodes may
// ask already. All else Run does.
func (s *Steward) Follow() {
	i := s.now()
	todo, _ := s.plan(i, s.meets)
	for _, a := range todo.of(leave) {
		s.leave(i, a)
	}
	s.wake.Raise()
}

// plan is what has to be done about all partitions, if the instant lasts; before is noted first.
func (s *Steward) plan(i instant, before func(b *book)) (todo actions, lasts bool) {
	lasts = s.at(i, func(b *book) {
		before(b)
		for p := range s.Count {
			todo = append(todo, b.plan(p, s.holding(p))...)
		}
	})
	return todo, lasts
}

func (s *Steward) holding(partition int) holding {
	h := holding{role: s.Host.Role(partition), lapsed: s.Host.Lapsed(partition)}
	if h.role == host.Copy {
		h.source, h.follows = s.Host.Source(partition)
	}
	return h
}

// callTimeout is for one call without snapshots.
const callTimeout = time.Second

// waitForOthers is for as long as gossip looks for lost members. What is lost with most of them is
// unknown for that time.
const waitForOthers = time.Hour

// stillDoubts is doubting. s.mu is held.
func (s *Steward) stillDoubts() bool { return s.book.unmet && time.Since(s.since) < waitForOthers }
