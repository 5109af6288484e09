package shard

// cellMemory has the cells of participants, each participant's in one block. Blocks have the sizes
// 1, 2, 3, 4, 6, 8, 12 and so on, so at most a third of one is empty while it grows. Those of one
// size lie in pages of 16 KiB at most; from a thousand cells on each has a page for itself.
type cellMemory struct{ of [cellSizes]cellPages }

// cellPages are the blocks of one size.
type cellPages struct {
	slots
	pages [][]cell // nil: not there
}

const (
	cellSizes  = 46 // the last one has eight million cells
	blockShift = 26 // a reference to a block has its size from here on, and below its place
)

// partsOf is the size of a block, and its place.
func partsOf(block uint32) (size, page int, i uint32) {
	size = int(block >> blockShift)
	bits, place := blockBits(size), block%(1<<blockShift)
	return size, int(place >> bits), place % (1 << bits)
}

// cellsIn is how many cells a block of a size has.
func cellsIn(size int) int {
	switch {
	case size == 0:
		return 1
	case size%2 == 1:
		return 2 << (size / 2)
	default:
		return 3 << (size/2 - 1)
	}
}

// sizeFor is the smallest size with room for n cells.
func sizeFor(n int) (size int) {
	for cellsIn(size) < n {
		size++
	}
	return size
}

// blockBits is the logarithm of how many blocks of a size a page has.
func blockBits(size int) int { return max(pageBits-size/2, 0) }

// at is a block, room for more included.
func (m *cellMemory) at(block uint32) []cell {
	size, page, i := partsOf(block)
	n := cellsIn(size)
	return m.of[size].pages[page][int(i)*n:][:n]
}

// take takes a block of a size.
func (m *cellMemory) take(size int) (block uint32) {
	p, each := &m.of[size], 1<<blockBits(size)
	n, i, fresh := p.claim(each)
	if n == len(p.pages) {
		p.pages = append(p.pages, nil)
	}
	if fresh {
		p.pages[n] = make([]cell, each*cellsIn(size))
	}
	return uint32(size)<<blockShift | uint32(n*each) + i
}

// give gives a block back.
func (m *cellMemory) give(block uint32) {
	size, page, i := partsOf(block)
	if p := &m.of[size]; p.release(page, i) {
		p.pages[page] = nil
		p.pages = p.pages[:len(p.free)]
	}
}

// resize moves the first n cells of a block to one that has room for room.
func (m *cellMemory) resize(block uint32, n, room int) uint32 {
	to := m.take(sizeFor(room))
	copy(m.at(to), m.at(block)[:n])
	m.give(block)
	return to
}

// sparse reports whether three quarters of the blocks of a size are free, of several pages.
func (m *cellMemory) sparse() bool {
	for size := range m.of {
		if m.of[size].isSparse(1 << blockBits(size)) {
			return true
		}
	}
	return false
}

// isHigh reports whether a block would have a page before its own if it moved.
func (m *cellMemory) isHigh(block uint32) bool {
	size, page, _ := partsOf(block)
	return m.of[size].first < page
}
