package shard

// wheel files things under the tick they are due at. What is due within wheelSpan ticks is near,
// and in order. The rest is far, in slots of wheelSpan ticks; what is due later still is parked in
// the last slot. A far slot is a chain of refs. In a steady crowd all is far.
//
// Filing is lazy. Something whose due tick moves away stays where it is: the slot that fires asks
// for the true due tick and files again. Only the owner of a thing that becomes due earlier has to
// act; see lingers.
type wheel struct {
	now    Tick             // everything due up to here has fired
	next   Tick             // nothing happens before; never when nothing is filed
	phase  Tick             // moves the bounds of the far slots: not all partitions cascade at once
	near   heap             // due<<32|ref
	far    [farSlots]uint32 // heads by (tick+phase)/wheelSpan
	size   int              // things filed
	parked int              // of these, far ones
	refs   *slab[refs]
}

// refs are things in a far slot. The head of their chain has the slot of the latest refs, shifted,
// and in the lower bits how many these are; the others of the chain are full.
type refs struct {
	refs [refsEach]uint32
	next uint32 // head of the rest
}

const (
	wheelBits = 7
	wheelSpan = 1 << wheelBits
	wheelMask = wheelSpan - 1

	farSlots = 16
	farMask  = farSlots - 1

	refsBits = 3
	refsEach = 1<<refsBits - 1
)

func newWheel(r *slab[refs], now, phase Tick) wheel {
	return wheel{now: now, next: never, phase: phase & wheelMask, refs: r}
}

// file puts ref under its due tick, at the next tick if that has passed.
func (w *wheel) file(ref uint32, due Tick) {
	w.size++
	due = max(due, w.now+1)
	if due-w.now > wheelSpan {
		w.park(ref, due)
		return
	}
	w.near.push(uint64(due)<<32 | uint64(ref))
	w.next = min(w.next, due)
}

func (w *wheel) park(ref uint32, due Tick) {
	far := min((due+w.phase)>>wheelBits, (w.now+w.phase)>>wheelBits+farMask)
	w.far[far&farMask] = w.add(w.far[far&farMask], ref)
	w.parked++
	w.next = min(w.next, w.boundary())
}

// add puts ref into a chain, and returns its head.
func (w *wheel) add(head, ref uint32) uint32 {
	if n := head % (refsEach + 1); n > 0 && n < refsEach {
		w.refs.at(head >> refsBits).refs[n] = ref
		return head + 1
	}
	slot, _ := w.refs.take()
	r := w.refs.at(slot)
	r.refs[0], r.next = ref, head
	return slot<<refsBits | 1
}

// some takes things out of a chain, at most as many as into has room for, and returns how many and
// the head of the rest.
func (w *wheel) some(head uint32, into []uint32) (n int, rest uint32) {
	for head != 0 && n+refsEach <= len(into) {
		slot, r := head>>refsBits, w.refs.at(head>>refsBits)
		n += copy(into[n:], r.refs[:head%(refsEach+1)])
		head = r.next
		w.refs.give(slot)
	}
	w.size -= n
	w.parked -= n
	return n, head
}

// clear takes out all there is, and calls each with it.
func (w *wheel) clear(each func(ref uint32)) {
	for _, v := range w.near {
		each(uint32(v))
	}
	var into [refsEach]uint32
	for i := range w.far {
		for head := w.far[i]; head != 0; {
			n := 0
			n, head = w.some(head, into[:])
			for _, ref := range into[:n] {
				each(ref)
			}
		}
	}
	*w = newWheel(w.refs, w.now, w.phase)
}

// boundary is the next tick at which a far slot begins.
func (w *wheel) boundary() Tick { return (w.now+w.phase)&^wheelMask + wheelSpan - w.phase }

// cascade goes to just before tick next and returns the chain of the far slot that begins there, if
// one does. Its things are to be filed again, under their true due ticks, before turn: one may be
// due at that very tick.
func (w *wheel) cascade() (far uint32) {
	w.now = w.next - 1
	if w.next != w.boundary() {
		return 0
	}
	head := &w.far[(w.next+w.phase)>>wheelBits&farMask]
	far, *head = *head, 0
	return far
}

// turn enters tick next.
func (w *wheel) turn() { w.now++ }

// due takes out things that are due, at most as many as into has room for, and returns how many.
func (w *wheel) due(into []uint32) (n int) {
	for ; n < len(into) && len(w.near) > 0 && Tick(w.near[0]>>32) <= w.now; n++ {
		into[n] = uint32(w.near.pop())
	}
	w.size -= n
	return n
}

// seek finds the next tick at which something happens.
func (w *wheel) seek() {
	w.next = never
	if w.parked > 0 {
		w.next = w.boundary()
	}
	if len(w.near) > 0 {
		w.next = min(w.next, Tick(w.near[0]>>32))
	} else {
		w.near = nil
	}
}
