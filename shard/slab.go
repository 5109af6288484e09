package shard

import "math/bits"

// slab keeps records of one kind in pages of one size, which the allocator has without waste. A
// record stays where it is: nothing is copied to grow. The lowest free slot is taken first, so the
// last pages empty when there are fewer records. An empty page is given back at once.
type slab[T any] struct {
	pages []*[pageSlots]T // nil: not there
	free  []freeSlots     // by page
	first int             // no page before it has a free slot
	used  int             // slots taken
	there int             // pages that are there
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

func pageOf(slot uint32) int { return int(slot >> pageBits) }

// at is the record in a slot that is taken.
func (s *slab[T]) at(slot uint32) *T { return &s.pages[slot>>pageBits][slot%pageSlots] }

// atIf is at, or nil if there is no page for the slot.
func (s *slab[T]) atIf(slot uint32) *T {
	if n := pageOf(slot); n < len(s.pages) && s.pages[n] != nil {
		return &s.pages[n][slot%pageSlots]
	}
	return nil
}

// take takes the lowest free slot, and reports whether its page is new. The record is zero.
func (s *slab[T]) take() (slot uint32, fresh bool) {
	for s.first < len(s.pages) && s.free[s.first].used == pageSlots {
		s.first++
	}
	n := s.first
	if n == len(s.pages) {
		s.pages, s.free = append(s.pages, nil), append(s.free, allFree)
	}
	if fresh = s.pages[n] == nil; fresh {
		s.pages[n] = new([pageSlots]T)
		s.there++
	}
	slot = uint32(n)<<pageBits | s.free[n].take()
	clear(s.pages[n][slot%pageSlots : slot%pageSlots+1])
	s.used++
	return slot, fresh
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

// give gives a slot back, and reports whether its page is gone with it.
func (s *slab[T]) give(slot uint32) (gone bool) {
	n, i := pageOf(slot), slot%pageSlots
	s.free[n].bits[i/64] |= 1 << (i % 64)
	s.free[n].used--
	s.used--
	s.first = min(s.first, n)
	if s.free[n].used > 0 {
		return false
	}
	s.pages[n] = nil
	s.there--
	for last := len(s.pages); last > 0 && s.pages[last-1] == nil; last-- {
		s.pages, s.free = s.pages[:last-1], s.free[:last-1]
	}
	return true
}

// all goes through the slots that are taken. Records may change meanwhile, but none may come or go.
func (s *slab[T]) all(yield func(slot uint32) bool) {
	for n := range s.free {
		for i, b := range s.free[n].bits {
			for taken := ^b; taken != 0; taken &= taken - 1 {
				if !yield(uint32(n<<pageBits + i*64 + bits.TrailingZeros64(taken))) {
					return
				}
			}
		}
	}
}

// sparse reports whether three quarters of the slots are free, of several pages.
func (s *slab[T]) sparse() bool { return s.there > 1 && s.used < s.there*pageSlots/4 }

// isHigh reports whether a record would have a page before its own if it moved.
func (s *slab[T]) isHigh(slot uint32) bool { return s.first < pageOf(slot) }
