package host

// Role is what a partition is to this node.
func (h *Host) Role(partition int) Role {
	defer h.lock(partition).Unlock()
	return h.tenancies[partition].role
}

// Serve begins to answer for a partition, with what is here of it, and to report its changes to the
// Mirror. If something may be missing, the partition warms.
func (h *Host) Serve(partition int) { h.serve(partition, served) }

// Warm is Serve for a partition that has been lost: everything may be missing.
func (h *Host) Warm(partition int) { h.serve(partition, lost) }

// Doubt is Serve where others may know more: the partition warms, though nothing is missing of what
// was acknowledged here.
func (h *Host) Doubt(partition int) { h.serve(partition, doubted) }

// Distrust is Doubt where others do know more: who is there may hide, or have blocked somebody.
func (h *Host) Distrust(partition int) { h.serve(partition, distrusted) }

// How a partition begins to be served.
type beginning byte

const (
	served beginning = iota
	lost
	doubted
	distrusted
)

func (h *Host) serve(partition int, as beginning) {
	now := h.now()
	s := h.lock(partition)
	defer s.Unlock()
	was, moved := h.move(partition, serve)
	if !moved {
		return
	}
	p := h.partitions[partition]
	if was == Copy {
		p.Promote(now)
	}
	p.SetWhole(p.Whole() && as != lost)
	switch {
	case as == distrusted:
		p.Distrust(now)
	case as == doubted, !p.Whole():
		p.Warm(now)
	}
	p.Mirror(h.mirror != nil)
	h.publish(s, partition)
}

// Hold ceases to answer for a partition, but keeps its state. Gateways that watched it are told to
// watch at its owner.
func (h *Host) Hold(partition int) {
	defer h.lock(partition).Unlock()
	h.hold(partition)
}

// Claim makes a copy, whose owner has gone, this node's own: it is held, as what Hold leaves
// behind.
func (h *Host) Claim(partition int) {
	now := h.now()
	s := h.lock(partition)
	defer s.Unlock()
	if _, moved := h.move(partition, claim); moved {
		h.partitions[partition].Promote(now)
		h.publish(s, partition)
	}
}

// Yield makes what is held, and was taken over by source, a copy of that owner's: one more until
// its backup has it. It doesn't follow, and answers nothing, before it is filled.
func (h *Host) Yield(partition int, source uint64) {
	s := h.lock(partition)
	defer s.Unlock()
	if _, moved := h.move(partition, yield); moved {
		p := h.partitions[partition]
		p.Demote()
		p.SetWhole(false)
		h.tenancies[partition].source = source
		h.publish(s, partition)
	}
}

// Source is whose copy a partition is, and whether it follows.
func (h *Host) Source(partition int) (source uint64, follows bool) {
	defer h.lock(partition).Unlock()
	return h.tenancies[partition].source, h.answer(partition) == Copied
}

// DropCopy forgets a copy that doesn't follow, and reports whether there was one. What is more than
// that stays.
func (h *Host) DropCopy(partition int) bool {
	s := h.lock(partition)
	defer s.Unlock()
	if h.tenancies[partition].role != Copy || h.answer(partition) == Copied {
		return false
	}
	h.drop(s, partition)
	return true
}

// Drop forgets a partition.
func (h *Host) Drop(partition int) {
	s := h.lock(partition)
	defer s.Unlock()
	h.drop(s, partition)
}
