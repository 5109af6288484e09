package host

import "math/bits"

// interest says which gateways watch an id, by a hash of the id: there is no pointer in it for the
// collector to follow. An id with the same hash costs a gateway updates that it drops, and the end
// of its watch would end the other's too; so the hash has a secret seed, and nobody can look for
// such an id.
type interest map[uint64]sinkSet

type sinkSet [MaxSinks / 64]uint64

// remove ends a gateway's interest in an id.
func (m interest) remove(key uint64, id SinkID) {
	set, watched := m[key]
	if set.remove(id); set != (sinkSet{}) {
		m[key] = set
	} else if watched {
		delete(m, key)
	}
}

func (s *sinkSet) add(id SinkID)    { s[id/64] |= 1 << (id % 64) }
func (s *sinkSet) remove(id SinkID) { s[id/64] &^= 1 << (id % 64) }

// each calls f for every gateway of the set.
func (s sinkSet) each(f func(id SinkID)) {
	for i, word := range s {
		for ; word != 0; word &= word - 1 {
			f(SinkID(i*64 + bits.TrailingZeros64(word)))
		}
	}
}
