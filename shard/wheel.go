package shard

// wheel files things under the tick they are due at: 256 near slots of one tick and 256 far slots of 256 ticks; what is
// due later still is parked in the last far slot. A slot is a chain through the things' own links, so filing allocates
// nothing.
//
// Filing is lazy. Something whose due tick moves away stays where it is: the slot that fires asks for the true due tick
// and files again. Only the owner of a thing that becomes due earlier has to act; see lingers.
type wheel struct {
	now  Tick     // everything due up to here has fired
	near []uint32 // heads by tick; nil until something is filed
	far  []uint32 // heads by tick/256
	size int      // things filed
}

const (
	wheelSlots = 256
	wheelMask  = wheelSlots - 1
	wheelBits  = 8
)

// file puts ref under its due tick, at the next tick if that has passed. link is ref's own.
func (w *wheel) file(ref uint32, link *uint32, due Tick) {
	if w.near == nil {
		w.near, w.far = emptySlots(), emptySlots()
	}
	due = max(due, w.now+1)
	head := &w.near[due&wheelMask]
	if due-w.now >= wheelSlots {
		far := min(due>>wheelBits, w.now>>wheelBits+wheelSlots-1)
		head = &w.far[far&wheelMask]
	}
	*link, *head = *head, ref
	w.size++
}

func emptySlots() []uint32 {
	s := make([]uint32, wheelSlots)
	for i := range s {
		s[i] = none
	}
	return s
}

// take empties a slot and returns its chain.
func take(head *uint32) uint32 {
	chain := *head
	*head = none
	return chain
}

// cascade returns the chain of a far slot when its first tick is the next one. Its things are to be filed again, under
// their true due ticks, before turn: one may be due at that very tick.
func (w *wheel) cascade() (far uint32) {
	if next := w.now + 1; next&wheelMask == 0 {
		return take(&w.far[next>>wheelBits&wheelMask])
	}
	return none
}

// turn enters the next tick and returns the chain that is due.
func (w *wheel) turn() (near uint32) {
	w.now++
	return take(&w.near[w.now&wheelMask])
}
