package shard

import "slices"

// list is what a participant has said about who may see it: 32 bytes, and its cells.
type list struct {
	next    int64  // Unix milliseconds at which to look at it; 0: never; see ends.go
	block   uint32 // its cells, in their order; none: it has no cells
	cells   uint32 // how many
	tree    uint32 // its windows, by age; none: it has none; see ages.go
	windows int32
	others  int32 // edges that say something, and blocks
	stones  int32 // edges and blocks that were forgotten
}

// listOf is the exceptions of a participant, or nil.
func (p *Partition) listOf(who uint32) *list {
	if who == none {
		return nil
	}
	if f := p.factOf(who); f != nil && f.list != none {
		return p.lists.at(f.list)
	}
	return nil
}

func (p *Partition) makeList(who uint32) *list {
	f := p.makeFact(who)
	if f.list == none {
		f.list, _ = p.lists.take()
		*p.lists.at(f.list) = list{block: none, tree: none}
		p.listed++
	}
	return p.lists.at(f.list)
}

// dropEmptyList drops a list that says nothing.
func (p *Partition) dropEmptyList(f *fact) {
	if f.list == none || p.lists.at(f.list).cells > 0 {
		return
	}
	p.lists.give(f.list)
	f.list = none
	p.listed--
}

// giveList gives back a list and its cells. Their records are gone already.
func (p *Partition) giveList(slot uint32) {
	if slot == none {
		return
	}
	if l := p.lists.at(slot); l.cells > 0 {
		p.cells.give(l.block)
	}
	p.lists.give(slot)
}

// allLists goes through the participants that have exceptions. None may come or go meanwhile.
func (p *Partition) allLists(yield func(who uint32, l *list) bool) {
	if p.listed == 0 {
		return
	}
	for who := range p.index.all {
		if l := p.listOf(who); l != nil && !yield(who, l) {
			return
		}
	}
}

// cellsOf are the cells of a participant's list; without one they are nobody's.
func (p *Partition) cellsOf(who uint32) []cell {
	if l := p.listOf(who); l != nil && l.cells > 0 {
		return p.cells.in(l)
	}
	return nobody[:]
}

// in are the cells of a list that has some.
func (m *cellMemory) in(l *list) []cell { return m.at(l.block)[:l.cells] }

// find is where a list has a cell of a hash and kind; found is false if there is none.
func (m *cellMemory) find(l *list, hash uint64, kind int) (place int, found bool) {
	if l.cells == 0 {
		return 0, false
	}
	cells := m.in(l)
	for place = placeOf(cells, hash); place < len(cells) && cells[place].hash == hash; place++ {
		if k := cells[place].kind(); k >= kind {
			return place, k == kind
		}
	}
	return place, false
}

// first is where a list has the first cell of a hash for which is is true.
func (m *cellMemory) first(l *list, hash uint64, is func(c cell) bool) (place int, found bool) {
	if l.cells == 0 {
		return 0, false
	}
	cells := m.in(l)
	for place = placeOf(cells, hash); place < len(cells) && cells[place].hash == hash; place++ {
		if is(cells[place]) {
			return place, true
		}
	}
	return place, false
}

// insert puts a cell into its place in a list.
func (m *cellMemory) insert(l *list, c cell) {
	place, _ := m.find(l, c.hash, c.kind())
	n := int(l.cells)
	switch {
	case n == 0:
		l.block = m.take(0)
	case n == len(m.at(l.block)):
		l.block = m.resize(l.block, n, n+1)
	}
	l.cells++
	cells := m.in(l)
	copy(cells[place+1:], cells[place:])
	cells[place] = c
}

// remove takes a cell out of a list.
func (m *cellMemory) remove(l *list, place int) {
	cells := m.in(l)
	copy(cells[place:], cells[place+1:])
	l.cells--
	m.shrink(l)
}

// keep takes all cells out of a list for which stays is false.
func (m *cellMemory) keep(l *list, stays func(c cell) bool) {
	if l.cells == 0 {
		return
	}
	l.cells = uint32(len(slices.DeleteFunc(m.in(l), func(c cell) bool { return !stays(c) })))
	m.shrink(l)
}

// shrink changes a block of which most is empty for a smaller one.
func (m *cellMemory) shrink(l *list) {
	switch n := int(l.cells); {
	case n == 0:
		m.give(l.block)
		l.block = none
	case 2*n < len(m.at(l.block)):
		l.block = m.resize(l.block, n, n+1)
	}
}

// versionOf is the version of an edge or a block, the low bits cleared.
func (p *Partition) versionOf(c cell) Version {
	if isBlocked(c) {
		return p.blocks.at(c.slot()).version
	}
	return Version(c.word &^ kindMask)
}

func (p *Partition) nameOfBlock(c cell) []byte { return p.names.name(p.blocks.at(c.slot()).name) }
