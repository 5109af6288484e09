package shard

import "math/bits"

// wheel files things under the tick they are due at: 256 near slots of one tick and 64 far slots of
// 256 ticks; what is due later still is parked in the last far slot. A slot is a chain through the
// things' own links, so filing allocates nothing.
//
// Filing is lazy. Something whose due tick moves away stays where it is: the slot that fires asks
// for the true due tick and files again. Only the owner of a thing that becomes due earlier has to
// act; see lingers.
type wheel struct {
	now      Tick     // everything due up to here has fired
	next     Tick     // nothing happens before; never when nothing is filed
	phase    Tick     // moves the bounds of the far slots, so that a host's partitions don't all cascade at once
	near     []uint32 // heads by tick; nil until something is filed
	far      []uint32 // heads by (tick+phase)/256
	occupied [wheelSlots / 64]uint64
	size     int // things filed
	parked   int // of these, far ones
}

const (
	wheelSlots = 256
	wheelMask  = wheelSlots - 1
	wheelBits  = 8

	farSlots = 64
	farMask  = farSlots - 1
)

func newWheel(now, phase Tick) wheel { return wheel{now: now, next: never, phase: phase & wheelMask} }

// file puts ref under its due tick, at the next tick if that has passed. link is ref's own.
func (w *wheel) file(ref uint32, link *uint32, due Tick) {
	if w.near == nil {
		w.near, w.far = emptySlots(wheelSlots), emptySlots(farSlots)
	}
	w.size++
	due = max(due, w.now+1)
	if due-w.now > wheelSlots {
		w.park(ref, link, due)
		return
	}
	slot := due & wheelMask
	*link, w.near[slot] = w.near[slot], ref
	w.occupied[slot/64] |= 1 << (slot % 64)
	w.next = min(w.next, due)
}

func (w *wheel) park(ref uint32, link *uint32, due Tick) {
	far := min((due+w.phase)>>wheelBits, (w.now+w.phase)>>wheelBits+farMask)
	head := &w.far[far&farMask]
	*link, *head = *head, ref
	w.parked++
	w.next = min(w.next, w.boundary())
}

func emptySlots(n int) []uint32 {
	s := make([]uint32, n)
	for i := range s {
		s[i] = none
	}
	return s
}

// boundary is the next tick at which a far slot begins.
func (w *wheel) boundary() Tick { return (w.now+w.phase)&^wheelMask + wheelSlots - w.phase }

// cascade goes to just before tick next and returns the chain of the far slot that begins there, if
// one does. Its things are to be filed again, under their true due ticks, before turn: one may be
// due at that very tick.
func (w *wheel) cascade() (far uint32) {
	w.now = w.next - 1
	if w.next != w.boundary() {
		return none
	}
	return take(&w.far[(w.next+w.phase)>>wheelBits&farMask])
}

// turn enters tick next and returns the chain that is due.
func (w *wheel) turn() (near uint32) {
	w.now++
	slot := w.now & wheelMask
	w.occupied[slot/64] &^= 1 << (slot % 64)
	return take(&w.near[slot])
}

// take empties a slot and returns its chain.
func take(head *uint32) uint32 {
	chain := *head
	*head = none
	return chain
}

// seek finds the next tick at which something happens.
func (w *wheel) seek() {
	w.next = never
	if w.parked > 0 {
		w.next = w.boundary()
	}
	if slot := w.firstOccupied((w.now + 1) & wheelMask); slot != never {
		w.next = min(w.next, w.now+1+(slot-w.now-1)&wheelMask)
	}
}

// firstOccupied is the first near slot in use at or, around the ring, after from; never when all
// are empty.
func (w *wheel) firstOccupied(from Tick) Tick {
	word := from / 64
	if ahead := w.occupied[word] >> (from % 64); ahead != 0 {
		return from + Tick(bits.TrailingZeros64(ahead))
	}
	for i := Tick(1); i <= Tick(len(w.occupied)); i++ {
		at := (word + i) % Tick(len(w.occupied))
		if w.occupied[at] != 0 {
			return at*64 + Tick(bits.TrailingZeros64(w.occupied[at]))
		}
	}
	return never
}
