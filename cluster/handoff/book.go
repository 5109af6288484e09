package handoff

import (
	"github.com/scaiwave/presence/cluster/link"
)

// book is all that a plan is made of. Its methods note what has happened, or decide; they call
// nobody, and know neither locks nor clocks.
type book struct {
	self     link.Name
	count    int              // of the partitions
	stage    stage            // of the cluster, see type stage
	doubts   bool             // likewise
	doubting bool             // it doubts, and has for less than waitForOthers
	missed   map[int]struct{} // partitions that were held, as their owners have gone on without this node
	round
}

// round is what is known, under one view, of the partitions that this node owns and doesn't serve
// yet. It ends with the view, and when the process stands still: what was said and came before that
// doesn't count for what is served afterwards.
type round struct {
	ring   ring
	stood  int64       // how often the process had stood still
	asked  bool        // all others have answered, or had the time to
	formed bool        // as one says, or may have said: what nobody holds is lost
	listed map[int]set // whose pushes are to come, by partition
	pushed map[int]set // whose pushes have come
	backed []bool      // by partition: it has been served, and given its backup
}

type set map[link.Name]struct{}

func add(m map[int]set, partition int, name link.Name) {
	if m[partition] == nil {
		m[partition] = make(set)
	}
	m[partition][name] = struct{}{}
}

func newBook(self link.Name, partitions int) *book {
	return &book{
		self: self, count: partitions, missed: make(map[int]struct{}),
	}
}

// enter begins a round, unless it is the present one.
func (b *book) enter(r ring, stood int64) {
	if b.ring == r && b.stood == stood {
		return
	}
	b.round = round{
		ring: r, stood: stood,
		listed: make(map[int]set), pushed: make(map[int]set), backed: make([]bool, b.count),
	}
}

// askAgain begins the asking of a round anew. Pushes that have come have come.
func (b *book) askAgain() {
	b.asked, b.listed = false, make(map[int]set)
	b.formed = b.stage == formed
}

// answered notes what another node holds.
func (b *book) answered(name link.Name, a answer) {
	b.formed = b.formed || a.stage == formed
	for _, p := range a.held {
		if _, came := b.pushed[p][name]; !came {
			add(b.listed, p, name)
		}
	}
}

// came notes a push.
func (b *book) came(partition int, from link.Name) {
	add(b.pushed, partition, from)
	delete(b.listed[partition], from)
}

// began notes that a partition is served. If it is asked for again, what comes then counts.
func (b *book) began(partition int) {
	delete(b.missed, partition)
	delete(b.pushed, partition)
}

// gave notes that the owner of a partition has taken it.
func (b *book) gave(partition int) { delete(b.missed, partition) }

// holds reports whether this node answers an owner that it holds a partition of its.
func (b *book) holds(partition int, owner link.Name, h holding) bool {
	o, _ := b.ring.Owner(partition)
	return o == owner && owes(b.ring, b.self, owner, h)
}
