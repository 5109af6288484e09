package shard

import "math/bits"

// slab keeps records of one kind in pages of one size, which the allocator has without waste. A
// record stays where it is: nothing is copied to grow. An empty page is given back at once.
type slab[T any] struct {
	slots
	pages []*[pageSlots]T // nil: not there
}

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
	n, i, fresh := s.claim(pageSlots)
	if n == len(s.pages) {
		s.pages = append(s.pages, nil)
	}
	if fresh {
		s.pages[n] = new([pageSlots]T)
	}
	clear(s.pages[n][i : i+1])
	return uint32(n)<<pageBits | i, fresh
}

// give gives a slot back, and reports whether its page is gone with it.
func (s *slab[T]) give(slot uint32) (gone bool) {
	n := pageOf(slot)
	if !s.release(n, slot%pageSlots) {
		return false
	}
	s.pages[n] = nil
	s.pages = s.pages[:len(s.free)]
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
func (s *slab[T]) sparse() bool { return s.isSparse(pageSlots) }

// isHigh reports whether a record would have a page before its own if it moved.
func (s *slab[T]) isHigh(slot uint32) bool { return s.first < pageOf(slot) }
