package shard

import "math/bits"

// slots says which slots of pages are taken. The lowest free one is taken first, so the last pages
// empty when there are fewer records. An empty page is not there.
type slots struct {
	free  []freeSlots // by page
	first int         // no page before it has a free slot
	used  int         // slots taken
	there int         // pages that are there
}

const (
	pageBits  = 9
	pageSlots = 1 << pageBits
)

// freeSlots has a bit for each slot of a page that is free.
type freeSlots struct {
	bits [pageSlots / 64]uint64
	used int
}

var allFree = func() (f freeSlots) {
	for i := range f.bits {
		f.bits[i] = ^uint64(0)
	}
	return f
}()

// claim takes the lowest free slot of pages that have each, pageSlots at most. It reports whether
// the page is new.
func (s *slots) claim(each int) (page int, slot uint32, fresh bool) {
	for s.first < len(s.free) && s.free[s.first].used == each {
		s.first++
	}
	page = s.first
	if page == len(s.free) {
		s.free = append(s.free, allFree)
	}
	if fresh = s.free[page].used == 0; fresh {
		s.there++
	}
	s.used++
	return page, s.free[page].take(), fresh
}

// release frees a slot, and reports whether its page is gone with it. The pages behind the last
// that is there are forgotten: see len(s.free).
func (s *slots) release(page int, slot uint32) (gone bool) {
	s.free[page].bits[slot/64] |= 1 << (slot % 64)
	s.free[page].used--
	s.used--
	s.first = min(s.first, page)
	if s.free[page].used > 0 {
		return false
	}
	s.there--
	for last := len(s.free); last > 0 && s.free[last-1].used == 0; last-- {
		s.free = s.free[:last-1]
	}
	return true
}

// take takes the lowest free slot. There must be one.
func (f *freeSlots) take() uint32 {
	for i, b := range f.bits {
		if b != 0 {
			f.bits[i] = b & (b - 1)
			f.used++
			return uint32(i*64 + bits.TrailingZeros64(b))
		}
	}
	panic("shard: no free slot in the page")
}

// isSparse reports whether three quarters of the slots are free, of several pages.
func (s *slots) isSparse(each int) bool { return s.there > 1 && s.used < s.there*each/4 }
