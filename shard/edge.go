package shard

// Allowance is what an edge says.
type Allowance uint8

// The allowances. Forget is a value with a version like the others, not an absence.
const (
	Forget Allowance = iota
	Allow
	Deny
)

// kindOfEdge is the kind of the cell of each allowance.
var kindOfEdge = [...]int{Forget: cellForgotten, Allow: cellAllowed, Deny: cellDenied}

// Edge is what a backend says about a pair.
type Edge struct {
	Allow Allowance
	Until int64 // Unix milliseconds of its end; 0: it has none
}

// SetEdge stores what a backend says about a viewer, if version is newer than what is known.
func (p *Partition) SetEdge(now Tick, k Key, viewer Viewer, e Edge, version Version) Outcome {
	in := incomingEdge{viewer.Hash, wordOf(version, kindOfEdge[e.Allow]), e.Until}.asOf(p.settings.Time(now))
	if who := p.find(k); p.isFull(k, who) && !p.hasAny(who, viewer.Hash, isEdge) {
		return fullUnless(!in.live())
	}
	who, out := p.findOrAdd(k)
	if out != Done {
		return out
	}
	if in.live() && !p.hasAny(who, viewer.Hash, isLiveEdge) && !p.makeRoom(who) {
		return TooManyExceptions
	}
	p.mergeEdge(who, in)
	p.file(who)
	return Done
}

// incomingEdge is an edge from elsewhere.
type incomingEdge struct {
	hash  uint64 // of the viewer
	word  uint64 // of its cell
	until int64  // Unix milliseconds of its end; 0: it has none
}

// asOf is what an edge is at a Unix time in milliseconds: one that is over is forgotten.
func (e incomingEdge) asOf(millis int64) incomingEdge {
	if e.until != 0 && e.until <= millis {
		e.word, e.until = wordOf(e.version(), cellForgotten), 0
	}
	return e
}

func (e incomingEdge) version() Version { return Version(e.word &^ kindMask) }

func (e incomingEdge) live() bool { return e.word&kindMask != cellForgotten }

// next is when something happens to it.
func (e incomingEdge) next(p *Partition) int64 {
	if e.live() {
		return e.until
	}
	return p.forgetAt(e.version())
}

func isEdge(c cell) bool { return c.kind() >= cellAllowed && c.kind() <= cellDenied }

func isLiveEdge(c cell) bool { return c.kind() == cellAllowed || c.kind() == cellDenied }

// mergeEdge takes in an edge if its word is greater. Of one version the stricter counts, whenever
// the two come, and in whichever order:
//
//	allowed < allowed, ends earlier < forgotten, or over < denied < denied, ends later
//
// One that is over is forgotten. So an allowance stays over that ended before a longer one came. A
// denial still counts that comes after a shorter one has ended.
func (p *Partition) mergeEdge(who uint32, in incomingEdge) {
	l := p.makeList(who)
	before := p.trust(who, in.hash)
	place, found := p.cells.first(l, in.hash, isEdge)
	if found && (p.cells.in(l)[place].word > in.word ||
		p.cells.in(l)[place].word == in.word && !in.isStricter(p.untilOf(l, place))) {
		return
	}
	if found {
		p.dropEdge(who, l, place)
	}
	p.addEdge(who, l, in)
	p.noteCell(who, in.hash)
	p.await(who, in.next(p))
	p.limitStones(who, l)
	p.crowdOut(who)
	p.pairChanged(who, in.hash, before)
}

// isStricter reports whether an edge is stricter than the same one with another end.
func (e incomingEdge) isStricter(until int64) bool {
	switch e.word & kindMask {
	case cellAllowed:
		return outlasts(until, e.until)
	case cellDenied:
		return outlasts(e.until, until)
	default:
		return false // it has no end
	}
}

// outlasts reports whether one end is later than another; 0 is never.
func outlasts(a, b int64) bool { return b != 0 && (a == 0 || a > b) }

func (p *Partition) addEdge(who uint32, l *list, in incomingEdge) {
	c := cell{in.hash, in.word}
	p.cells.insert(l, c)
	p.countCell(who, l, c, 1)
	if in.until != 0 && in.live() {
		p.cells.insert(l, cell{in.hash, uint64(in.until)<<kindBits | cellEnd})
	}
}

// dropEdge takes out an edge, and its end.
func (p *Partition) dropEdge(who uint32, l *list, place int) {
	c := p.cells.in(l)[place]
	p.countCell(who, l, c, -1)
	if p.untilOf(l, place) != 0 {
		p.cells.remove(l, place+1)
	}
	p.cells.remove(l, place)
}

// untilOf is the end of the edge at a place; 0: it has none.
func (p *Partition) untilOf(l *list, place int) int64 {
	cells := p.cells.in(l)
	if next := place + 1; next < len(cells) && cells[next].hash == cells[place].hash && cells[next].kind() == cellEnd {
		return int64(cells[next].word >> kindBits)
	}
	return 0
}
