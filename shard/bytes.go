package shard

import "reflect"

// Bytes are what records take. A partition has an index only; the rest is a Memory's.
type Bytes struct {
	Records int // of participants and devices
	Said    int // facts and exceptions
	Names   int
	Wheel   int
	Index   int
	Free    int // in pages that are there, dead names included
}

// Add adds what others take.
func (b *Bytes) Add(o Bytes) {
	b.Records += o.Records
	b.Said += o.Said
	b.Names += o.Names
	b.Wheel += o.Wheel
	b.Index += o.Index
	b.Free += o.Free
}

// All is their sum.
func (b *Bytes) All() int { return b.Records + b.Said + b.Names + b.Wheel + b.Index + b.Free }

// Bytes returns what the records of a memory take.
func (m *Memory) Bytes() (b Bytes) {
	beat := int(reflect.TypeFor[pulse]().Size())
	m.people.bytes(&b.Records, &b.Free, beat)
	m.extras.bytes(&b.Records, &b.Free, beat)
	m.facts.bytes(&b.Said, &b.Free, 0)
	m.lists.bytes(&b.Said, &b.Free, 0)
	m.cells.bytes(&b.Said, &b.Free)
	m.windows.bytes(&b.Said, &b.Free, 0)
	m.blocks.bytes(&b.Said, &b.Free, 0)
	m.statements.bytes(&b.Said, &b.Free, 0)
	b.Said += 4 * cap(m.firstSaid.cells)
	m.refs.bytes(&b.Wheel, &b.Free, 0)
	b.Names = m.names.both.written - m.names.both.dead
	for _, page := range m.names.pages {
		if page != nil {
			b.Free += namesPage
		}
	}
	b.Free -= b.Names
	return b
}

// bytes adds what is taken, and what is free, of records that have so many bytes elsewhere each.
func (s *slab[T]) bytes(taken, free *int, beside int) {
	each := int(reflect.TypeFor[T]().Size()) + beside
	*taken += s.used * each
	*free += (s.there*pageSlots - s.used) * each
}

// bytes adds what blocks take that are taken, and that are free.
func (m *cellMemory) bytes(taken, free *int) {
	for size := range m.of {
		each := cellsIn(size) * int(reflect.TypeFor[cell]().Size())
		*taken += m.of[size].used * each
		*free += (m.of[size].there<<blockBits(size) - m.of[size].used) * each
	}
}

// Bytes returns what a partition takes besides its Memory.
func (p *Partition) Bytes() Bytes {
	return Bytes{
		Index: 4 * cap(p.index.cells),
		Wheel: 8 * (cap(p.wheel.near) + cap(p.ends)),
		Said:  p.opaque.bytes(),
	}
}
