package shard

// An exception belongs to a pair of a participant and a viewer: an open direct-message window, an
// edge that a backend has set, or a block.
//
// Nobody may learn from the time that an answer takes whether a participant hides, or has blocked
// the one who asks. So exceptions are looked up by hash, for one pair at a time, whether they
// matter or not, and that they begin and end is reported whether it matters or not. The list of a
// participant's exceptions is never walked for an answer, and never leaves the partition but with
// all the rest.

// Trust is what a participant has said about one viewer.
type Trust uint8

// The trusts. Of several that apply the greatest counts.
const (
	Stranger Trust = iota // nothing: the participant's audience decides
	Trusted               // an edge allows: it sees what everyone sees where the audience is everyone
	Excepted              // a direct-message window is open: it sees behind appear_offline, too
	Denied                // it is blocked, or an edge denies: the participant looks never seen
)

// trustOf is what each kind of cell means.
var trustOf = [1 << kindBits]Trust{
	cellWindow: Excepted, cellBlocked: Denied, cellAllowed: Trusted, cellDenied: Denied,
}

// trust is what a participant has said about a viewer. It takes as long if that is nothing.
func (p *Partition) trust(who uint32, hash uint64) (t Trust) {
	cells := p.cellsOf(who)
	for i := placeOf(cells, hash); i < len(cells) && cells[i].hash == hash; i++ {
		t = max(t, trustOf[cells[i].kind()])
	}
	if hash == noViewer {
		return Stranger
	}
	return t
}

// MaxViewers is how many viewers one call of Trusts takes.
const MaxViewers = 64

// Trusts are those of some viewers, MaxViewers at most, two bits each.
type Trusts [MaxViewers * 2 / 64]uint64

// Of is the trust of the i-th viewer.
func (t *Trusts) Of(i int) Trust { return Trust(t[i/32] >> (i % 32 * 2) & 3) }

// Set sets the trust of the i-th viewer, which was not set before.
func (t *Trusts) Set(i int, to Trust) { t[i/32] |= uint64(to) << (i % 32 * 2) }

// Trusts tells what k has said about each of some viewers.
func (p *Partition) Trusts(k Key, viewers []Viewer) (all Trusts) {
	who := p.find(k)
	for i, v := range viewers {
		all.Set(i, p.trust(who, v.Hash))
	}
	return all
}

// pairChanged reports what a participant says about a viewer now, if that isn't what it said
// before. Nobody watches a copy.
func (p *Partition) pairChanged(who uint32, hash uint64, before Trust) {
	now := p.trust(who, hash)
	if p.copy || now == before {
		return
	}
	p.order++
	p.changes = append(p.changes, Change{
		ID: p.id(who), Hash: p.hashOf(who), View: View{Order: p.order},
		Pair: true, Viewer: hash, Trust: now,
	})
}
