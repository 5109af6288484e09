package gateway

import "hash/maphash"

// idSet finds repetitions in a list of ids. Its table is as large as the list needs, and only that
// part is cleared: a map that once held 10,000 ids would cost every later request of three.
type idSet struct {
	slots []uint32 // 1 + place in the list of distinct ids; 0: free
}

var idSeed = maphash.MakeSeed()

// distinct drops repetitions from ids, in place, in order.
func (s *idSet) distinct(ids []string) []string {
	slots := s.clear(len(ids))
	mask := uint64(len(slots) - 1)
	out := ids[:0]
	for _, id := range ids {
		i := maphash.String(idSeed, id) & mask
		for slots[i] != 0 && out[slots[i]-1] != id {
			i = (i + 1) & mask
		}
		if slots[i] == 0 {
			out = append(out, id)
			slots[i] = uint32(len(out))
		}
	}
	return out
}

// clear returns a table of free slots, a power of two, at most half of which will be used.
func (s *idSet) clear(n int) []uint32 {
	size := 8
	for size < 2*n {
		size *= 2
	}
	if size > len(s.slots) {
		s.slots = make([]uint32, size)
		return s.slots
	}
	clear(s.slots[:size])
	return s.slots[:size]
}
