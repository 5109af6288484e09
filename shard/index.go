package shard

// index finds a slot by hash: open addressing with linear probing. A cell holds eight bits of the
// hash and the slot, so that nearly every wrong candidate is passed over without a look at its id.
// The id itself is compared by the caller. The hash isn't kept: growing and removing ask for it
// again.
type index struct {
	cells []uint32 // 0: empty; else tag<<24 | slot+1
	count int
}

const (
	slotBits = 24
	slotMask = 1<<slotBits - 1
	none     = ^uint32(0)
)

func cellOf(hash uint64, slot uint32) uint32 { return tagOf(hash) | (slot + 1) }

// tagOf uses bits that neither the choice of the partition nor home uses.
func tagOf(hash uint64) uint32 { return uint32(hash>>20) << slotBits }

func (x *index) home(hash uint64) uint32 {
	return uint32((hash >> 32) * uint64(len(x.cells)) >> 32)
}

func (x *index) next(i uint32) uint32 {
	if i++; int(i) < len(x.cells) {
		return i
	}
	return 0
}

// candidate is the first slot at or after cell i whose tag fits, and its cell; none when there is
// none.
func (x *index) candidate(hash uint64, i uint32) (slot, cell uint32) {
	tag := tagOf(hash)
	for {
		c := x.cells[i]
		if c == 0 {
			return none, i
		}
		if c&^slotMask == tag {
			return c&slotMask - 1, i
		}
		i = x.next(i)
	}
}

// all goes through the slots. None may come or go meanwhile.
func (x *index) all(yield func(slot uint32) bool) {
	for _, c := range x.cells {
		if c != 0 && !yield(c&slotMask-1) {
			return
		}
	}
}

// full reports whether the next slot needs more cells. Then all are hashed.
func (x *index) full() bool { return (x.count+1)*20 > len(x.cells)*17 }

// add puts a slot that is not there yet.
func (x *index) add(hash uint64, slot uint32, hashOf func(slot uint32) uint64) {
	if x.full() {
		x.resize(x.count+x.count/10+8, hashOf)
	}
	x.put(hash, slot)
	x.count++
}

func (x *index) put(hash uint64, slot uint32) {
	i := x.home(hash)
	for x.cells[i] != 0 {
		i = x.next(i)
	}
	x.cells[i] = cellOf(hash, slot)
}

// resize makes room for n slots at the load of growth.
func (x *index) resize(n int, hashOf func(slot uint32) uint64) {
	old := x.cells
	x.cells = room[uint32](n * 20 / 17)
	x.cells = x.cells[:cap(x.cells)]
	for _, c := range old {
		if c != 0 {
			slot := c&slotMask - 1
			x.put(hashOf(slot), slot)
		}
	}
}

// room returns an empty slice with space for at least n elements, and for as many more as the
// allocator's size class holds: make would waste them.
func room[T any](n int) []T { return append([]T(nil), make([]T, n)...)[:0] }

// remove takes a slot out and closes the gap, so that no probe ends early.
func (x *index) remove(hash uint64, slot uint32, hashOf func(slot uint32) uint64) {
	gap := x.home(hash)
	for x.cells[gap] != cellOf(hash, slot) {
		gap = x.next(gap)
	}
	x.count--
	for i := x.next(gap); x.cells[i] != 0; i = x.next(i) {
		if home := x.home(hashOf(x.cells[i]&slotMask - 1)); !between(gap, home, i) {
			x.cells[gap] = x.cells[i]
			gap = i
		}
	}
	x.cells[gap] = 0
}

// between reports whether home lies in the ring after gap, up to and including i: then the entry
// at i may stay.
func between(gap, home, i uint32) bool {
	if gap <= i {
		return gap < home && home <= i
	}
	return gap < home || home <= i
}
