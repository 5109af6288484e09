package handoff

import (
	"github.com/scaiwave/presence/cluster/link"
	"github.com/scaiwave/presence/shard/host"
)

// book is all that a plan is made of. Its methods note what has happened, or decide; they call
// nobody, and know neither locks nor clocks.
type book struct {
	self     link.Name
	count    int              // of the partitions
	stage    stage            // of the cluster, see type stage
	unmet    bool             // it was given seeds, and has met nobody: it doubts, see type stage
	knew     bool             // unmet, and it was among others before
	doubting bool             // unmet, and made less than waitForOthers ago
	among    bool             // it was among others before, by its disk, and looks for them
	bare     map[int]struct{} // partitions that began in doubt with nobody in them; none has told of one since
	ripe     bool             // it has formed long ago, see type stage
	old      bool             // the disk was, and the others have not been asked yet, see type stage
	missed   map[int]struct{} // partitions that were held, as their owners have gone on without this node
	left     map[int]leaving  // copies that were left behind
	round
}

// round is what is known, under one view, of the partitions that this node owns and doesn't serve
// yet. It ends with the view, and when the process stands still: what was said and came before that
// doesn't count for what is served afterwards.
type round struct {
	ring   ring
	stood  int64       // how often the process had stood still
	asked  bool        // all others have answered, or had the time to
	silent bool        // of them, one has not answered
	again  bool        // they are asked again for that, though all is served: it doubts
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

// leaving is of a copy that was left behind: of its owner, and for whom; see next.
type leaving struct {
	source uint64
	next   link.Name
}

func newBook(self link.Name, partitions int) *book {
	return &book{
		self: self, count: partitions, missed: make(map[int]struct{}), left: make(map[int]leaving),
		bare: make(map[int]struct{}),
	}
}

// enter begins a round, unless it is the present one.
func (b *book) enter(r ring, stood int64) {
	if b.ring == r && b.stood == stood {
		return
	}
	if b.ring != r {
		b.turn(r)
	}
	b.round = round{
		ring: r, stood: stood,
		listed: make(map[int]set), pushed: make(map[int]set), backed: make([]bool, b.count),
	}
}

// turn forgets who was next after a copy was left behind, where that has changed again.
func (b *book) turn(r ring) {
	for p, l := range b.left {
		now, _ := r.Owner(p)
		if r.IsThere(l.source) {
			now = next(r, p, l.source)
		}
		if now != l.next && now != b.self {
			delete(b.left, p)
		}
	}
}

// askAgain begins the asking of a round anew. Pushes that have come have come.
func (b *book) askAgain() {
	b.asked, b.listed = false, make(map[int]set)
	b.again, b.silent = b.doubting && b.silent, false
	b.formed = b.stage == formed
}

// answered notes what another node holds.
func (b *book) answered(name link.Name, a answer) {
	b.formed = b.formed || a.stage == formed
	b.silent = b.silent || !a.same
	for _, p := range a.held {
		if _, came := b.pushed[p][name]; !came {
			add(b.listed, p, name)
		}
	}
}

// came notes a push, which has been merged with what was here.
func (b *book) came(partition int, from link.Name) {
	delete(b.bare, partition)
	delete(b.left, partition)
	add(b.pushed, partition, from)
	delete(b.listed[partition], from)
}

// began notes that a partition is served. If it is asked for again, what comes then counts.
func (b *book) began(partition int) {
	delete(b.missed, partition)
	delete(b.pushed, partition)
	delete(b.left, partition)
}

// bares notes whether a partition began in doubt with nobody in it.
func (b *book) bares(partition int, bare bool) {
	if bare {
		b.bare[partition] = struct{}{}
	} else {
		delete(b.bare, partition)
	}
}

// gave notes that the owner of a partition has taken it.
func (b *book) gave(partition int) {
	delete(b.bare, partition)
	delete(b.missed, partition)
	delete(b.left, partition)
}

// filled notes that a copy is its owner's again.
func (b *book) filled(partition int) { delete(b.left, partition) }

// outdated reports whether something may be missing in what is held, lapsed: as a disk had it.
// Where the cluster has formed, others have served since that was written.
func (b *book) outdated(lapsed bool) bool { return lapsed && (b.round.formed || b.stage == formed) }

// isBare reports whether nobody was in a partition when it began here, as far as is known.
func (b *book) isBare(partition int, h holding) bool {
	_, bare := b.bare[partition]
	return h.role == host.Absent || bare && h.role != host.Copy
}

// isAway reports whether a partition is at nodes that are missing. Of a cluster each has been on
// two disks, with nobody in it, too. So one that is on none of those that are here is on others.
func (b *book) isAway(partition int, h holding) bool {
	return b.among && b.isBare(partition, h) && !b.round.formed && b.stage != formed
}

// wasAway reports whether a partition that is served, or was, is distrusted as it was away.
func (b *book) wasAway(partition int) bool {
	_, bare := b.bare[partition]
	return bare && b.among
}

// undecided reports whether what is here may still have to be dropped: nothing is merged with it,
// and it goes nowhere.
func (b *book) undecided(lapsed bool) bool { return b.old && lapsed }

// holds reports whether this node answers an owner that it holds a partition of its.
func (b *book) holds(partition int, owner link.Name, h holding) bool {
	o, _ := b.ring.Owner(partition)
	return o == owner && owes(b.ring, b.self, owner, h)
}

// How much of what was acknowledged in a partition a push has.
const (
	claimPartial byte = iota // something may be missing
	claimWhole               // nothing is
	claimLeft                // nothing, if the receiver has not been filled since
	claimBare                // nothing, if the receiver has any of it: nobody was in it here
)

// claimOf is what a push says of itself; left: its copy was left behind for the receiver.
func claimOf(isWhole, isLeft bool) byte {
	switch {
	case isWhole:
		return claimWhole
	case isLeft:
		return claimLeft
	default:
		return claimPartial
	}
}

// isWhole reports whether nothing is missing in a push. A copy that was left behind has everything
// that its owner acknowledged until then. Whatever was acknowledged later, the node that was next
// has: the owner acknowledges nothing before that has been filled, or has taken over. This node is
// the one that was next. If it got anything, that counts by itself. If it didn't, nothing was
// acknowledged later. So the copy counts if this node has no copy, or one that was left behind for
// the sender.
func (b *book) isWhole(partition int, from link.Name, claim byte, h holding) bool {
	switch claim {
	case claimWhole:
		return true
	case claimBare:
		return h.role == host.Held || h.role == host.Serving
	case claimLeft:
		return h.role == host.Absent || h.role == host.Held || h.role == host.Copy && b.left[partition].next == from
	default:
		return false
	}
}
