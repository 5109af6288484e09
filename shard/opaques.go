package shard

import (
	"maps"
	"slices"
)

// mergeOpaque takes in an opaque fact that isn't known, or beats the one that is.
func (p *Partition) mergeOpaque(now Tick, in opaque) {
	k := KeyOf(in.participant())
	if p.isErased(in.version, p.erasedUntil(k)) {
		p.left = append(p.left, k.Hash) // files may have the name
		return
	}
	if p.opaque == nil {
		p.opaque = &opaques{of: make(map[uint64][]opaque)}
	}
	s := p.opaque
	place, found := slices.BinarySearchFunc(s.of[k.Hash], in, opaque.compare)
	switch {
	case !found:
		s.of[k.Hash] = slices.Insert(s.of[k.Hash], place, in)
	case in.beats(s.of[k.Hash][place]):
		s.of[k.Hash][place] = in
	default:
		return
	}
	if p.mirrored {
		s.noted = in.append(s.noted)
	}
	time := p.settings.Time(now)
	if in.until > time && (s.next == 0 || in.until < s.next) {
		s.next = in.until
	}
	// Also what was over on its way: it beats an older one first. Only of this participant: to look
	// at all for each of a snapshot takes seconds.
	p.dropOpaque(k.Hash, func(o opaque) bool { return o.isOver(time) })
	p.crowdOutOpaque(k)
}

// crowdOutOpaque drops the fact of a participant with the lowest version if there is one too many.
// What is left doesn't depend on the order in which they came.
func (p *Partition) crowdOutOpaque(k Key) {
	n, oldest := 0, opaque{version: 1<<64 - 1}
	for _, o := range p.opaque.of[k.Hash] {
		if o.participant() != k.ID {
			continue
		}
		if n++; o.version < oldest.version { // of equal ones the first
			oldest = o
		}
	}
	if n > maxOpaque {
		p.dropOpaque(k.Hash, func(o opaque) bool { return o.compare(oldest) == 0 })
	}
}

// dropOpaque forgets those of a hash for which which is true, and returns how many.
func (p *Partition) dropOpaque(hash uint64, which func(o opaque) bool) (n int) {
	s := p.opaque
	all := s.of[hash]
	left := slices.DeleteFunc(all, which)
	if n = len(all) - len(left); n == 0 {
		return 0
	}
	p.left = append(p.left, hash)
	if s.of[hash] = left; len(left) == 0 {
		delete(s.of, hash)
	}
	return n
}

// forgetOpaque drops the facts that are over.
func (p *Partition) forgetOpaque(now Tick) {
	s, time := p.opaque, p.settings.Time(now)
	if s == nil || s.next == 0 || s.next > time {
		return
	}
	s.next = 0
	for hash := range s.of {
		p.dropOpaque(hash, func(o opaque) bool { return o.isOver(time) })
		for _, o := range s.of[hash] {
			if o.until != 0 && (s.next == 0 || o.until < s.next) {
				s.next = o.until
			}
		}
	}
}

// nextOpaque is the tick at which the first fact is over.
func (p *Partition) nextOpaque() Tick {
	if p.opaque == nil || p.opaque.next == 0 {
		return never
	}
	return p.settings.tickAfter(p.opaque.next)
}

// strikeOpaque forgets the facts of an erased participant, and reports whether there were some.
func (p *Partition) strikeOpaque(e Erasure) bool {
	if p.opaque == nil {
		return false
	}
	n := p.dropOpaque(e.Hash, func(o opaque) bool {
		return o.version <= e.Version && e.is([]byte(o.participant()))
	})
	p.struck += n
	return n > 0
}

// takeOpaque writes the facts that are new.
func (p *Partition) takeOpaque(b []byte) []byte {
	if p.opaque == nil {
		return b
	}
	b = append(b, p.opaque.noted...)
	p.opaque.noted = nil
	return b
}

// appendOpaque writes all facts.
func (p *Partition) appendOpaque(b []byte) []byte {
	if p.opaque == nil {
		return b
	}
	for _, hash := range slices.Sorted(maps.Keys(p.opaque.of)) {
		for _, o := range p.opaque.of[hash] {
			b = o.append(b)
		}
	}
	return b
}

// opaqueOf is how much is held of a participant.
func (p *Partition) opaqueOf(k Key) (held Opaque) {
	if p.opaque == nil {
		return held
	}
	for _, o := range p.opaque.of[k.Hash] {
		if o.participant() == k.ID {
			held.Facts++
			held.Bytes += len(o.append(nil))
		}
	}
	return held
}
