package shard

import (
	"encoding/binary"
	"slices"

	"github.com/scaiwave/presence/shard/codec"
)

// Edges, blocks and visibilities came after the formats of snapshots and of the other records, and
// so did the ids of tenants' participants (see tenants.go). So these travel beside them, as extras:
// records of kinds that a node of before doesn't get.
//
// A recordExtra is its kind, the length of the rest, and: the participant, the words of its
// audience and its last_seen, edges (hash of the viewer, word, end), blocks (name of the viewer, or
// an empty one and the hash; version). It may have less than all of a participant: each part is a
// fact by itself. What is behind that is passed over, and lost. So are extras of kinds below
// recordOpaque that aren't known here. What must be kept is in opaque facts: see opaque.go.
// Statements are such facts of kinds that are known: see said.go.

func (p *Partition) noteCell(who uint32, hash uint64) {
	if p.mirrored {
		p.notedCells = binary.BigEndian.AppendUint64(codec.AppendText(p.notedCells, p.id(who)), hash)
	}
}

// TakeExtras appends the extras of all that has changed since the last call.
func (p *Partition) TakeExtras(now Tick, b []byte) []byte {
	if len(p.noted)+len(p.notedWindows) > 0 {
		b = p.takeWindows(p.takeAccounts(b, now, true), true)
	}
	for rest := p.notedCells; len(rest) > 0; {
		var id string
		id, rest = cutName(rest)
		hash := binary.BigEndian.Uint64(rest)
		rest = rest[8:]
		if who := p.find(KeyOf(id)); who != none && p.listOf(who) != nil {
			from, to := cellsFor(p.cellsOf(who), hash)
			b = p.appendExtra(b, who, from, to)
		}
	}
	p.notedCells = p.notedCells[:0]
	return p.takeOpaque(p.takeSaid(b))
}

// Extras appends those of all participants as of now. Those of tenants come first: their cells
// belong to somebody then.
func (p *Partition) Extras(now Tick, b []byte) []byte {
	b = p.appendTenants(b, now)
	for who := range p.allLists {
		b = p.appendExtra(b, who, 0, len(p.cellsOf(who)))
	}
	return p.appendOpaque(p.appendAllSaid(b))
}

// cellsFor are the places of the cells of a hash. To go through all of them for each of a batch
// takes a second at 10,000 cells.
func cellsFor(cells []cell, hash uint64) (from, to int) {
	from = placeOf(cells, hash)
	for to = from; to < len(cells) && cells[to].hash == hash; {
		to++
	}
	return from, to
}

// appendExtra writes the cells of a participant at some places. Windows are written elsewhere.
func (p *Partition) appendExtra(b []byte, who uint32, from, to int) []byte {
	var members [2]uint64
	var edges, blocks []byte
	var n, m uint64
	for i := from; i < to; i++ {
		switch c := p.cellsOf(who)[i]; {
		case c.hash == noViewer:
			members[count(isLastSeen(c))] = c.word
		case isEdge(c):
			edges, n = p.appendEdge(edges, who, i), n+1
		case isBlock(c):
			blocks, m = p.appendBlock(blocks, c), m+1
		}
	}
	if members == [2]uint64{} && n+m == 0 {
		return b
	}
	rest := codec.AppendText(nil, p.id(who))
	rest = binary.AppendUvarint(binary.AppendUvarint(rest, members[0]), members[1])
	rest = append(binary.AppendUvarint(rest, n), edges...)
	rest = append(binary.AppendUvarint(rest, m), blocks...)
	return appendLong(b, recordExtra, rest)
}

func (p *Partition) appendEdge(b []byte, who uint32, place int) []byte {
	l := p.listOf(who)
	c := p.cells.in(l)[place]
	b = binary.AppendUvarint(binary.BigEndian.AppendUint64(b, c.hash), c.word)
	return binary.AppendUvarint(b, uint64(p.untilOf(l, place)))
}

func (p *Partition) appendBlock(b []byte, c cell) []byte {
	if c.kind() == cellBlocked {
		b = codec.AppendText(b, p.nameOfBlock(c))
	} else {
		b = binary.BigEndian.AppendUint64(append(b, 0), c.hash)
	}
	return binary.AppendUvarint(b, uint64(p.versionOf(c)))
}

// incomingExtra is an extra from elsewhere.
type incomingExtra struct {
	id       string
	audience uint64 // words; 0: none
	lastSeen uint64
	edges    []incomingEdge
	blocks   []incomingBlock
}

// word reads the word of a cell, of a kind from one to another, or 0 where that may be.
func (r *reader) word(from, to int, what string) uint64 {
	w := r.Uvarint(1<<64-1, what)
	if kind := int(w & kindMask); w != 0 && (kind < max(from, 1) || kind > to) || w == 0 && from > 0 {
		r.Failf("%s of kind %d", what, kind)
		return 0
	}
	r.top = max(r.top, Version(w&^kindMask))
	return w
}

// readExtras gives t all extras.
func readExtras(now, late Tick, b []byte, t taker) (top Version, err error) {
	r := newReader(now, late, b)
	for r.Left() > 0 {
		kind := r.Byte()
		if kind < recordExtra {
			r.Failf("an extra of kind %d", kind)
		}
		r.extra(kind, t)
	}
	return r.top, r.Err()
}

// extra reads what follows the kind of a record that came after the first three.
func (r *reader) extra(kind byte, t taker) {
	rest := r.Take(int(r.Uvarint(uint64(r.Left()), "length of an extra")))
	inner := reader{Reader: codec.NewReader(rest, ErrSnapshot), now: r.now, asOf: r.asOf}
	switch {
	case r.Err() != nil:
		return
	case kind == recordTenant:
		inner.ofTenant(t)
	case kind == recordExtra:
		if in := inner.extraOf(); inner.Err() == nil {
			t.extra(in)
		}
	case kind >= saidStatus && kind <= saidClaim:
		if in := inner.said(kind); inner.Err() == nil {
			t.said(in)
		}
	case kind >= recordOpaque:
		if in := inner.opaqueOf(kind); inner.Err() == nil {
			t.opaque(in)
		}
	}
	if err := inner.Err(); err != nil {
		r.Failf("extra: %w", err)
	}
	r.top = max(r.top, inner.top)
}

func (r *reader) extraOf() (in incomingExtra) {
	in.id = r.Valid(ValidateInnerID)
	in.audience = r.word(0, cellLastSeen-1, "audience")
	in.lastSeen = r.word(0, cellLastSeen+int(SeenHidden), "last_seen")
	if in.lastSeen != 0 && in.lastSeen&kindMask < cellLastSeen {
		r.Failf("last_seen of kind %d", in.lastSeen&kindMask)
	}
	for n := r.Uvarint(uint64(r.Left()), "number of edges"); n > 0 && r.Err() == nil; n-- {
		e := incomingEdge{hash: r.Uint64(), word: r.word(cellAllowed, cellDenied, "edge")}
		e.until = int64(r.Uvarint(maxMillis, "end of an edge"))
		if e.hash == noViewer {
			r.Failf("an edge for nobody")
		}
		in.edges = append(in.edges, e)
	}
	for n := r.Uvarint(uint64(r.Left()), "number of blocks"); n > 0 && r.Err() == nil; n-- {
		in.blocks = append(in.blocks, r.block())
	}
	return in
}

func (r *reader) block() (in incomingBlock) {
	if in.name = r.Text(); in.name == "" {
		in.hash = r.Uint64()
	} else if err := ValidateInnerID(in.name); err != nil {
		r.Failf("%w", err)
	}
	in.version = r.version("version of a block")
	if in.name == "" && in.hash == noViewer {
		r.Failf("a block of nobody")
	}
	return in
}

// opaqueOf reads a fact of a kind; check with err before using it.
func (r *reader) opaqueOf(kind byte) opaque {
	id, key := r.Valid(ValidateInnerID), r.Text()
	version := Version(r.Uint64())
	until := r.Uvarint(maxMillis, "end of an opaque fact")
	rest := r.Rest()
	switch {
	case len(key) > maxSubkey:
		r.Failf("subkey of an opaque fact has %d bytes, most is %d", len(key), maxSubkey)
	case version == 0:
		r.Failf("opaque fact has no version")
	case len(rest) > maxOpaqueRest:
		r.Failf("rest of an opaque fact has %d bytes, most is %d", len(rest), maxOpaqueRest)
	}
	r.top = max(r.top, version)
	tail := append(binary.AppendUvarint(nil, until), rest...)
	return opaque{id + key + string(tail), version, int64(until), uint8(len(id)), uint8(len(key)), kind}
}

// mergeExtra takes in what is newer of an extra.
func (p *Partition) mergeExtra(now Tick, in incomingExtra) {
	k := KeyOf(in.id)
	in = p.unerasedExtra(k, in)
	if in.audience|in.lastSeen == 0 && len(in.edges)+len(in.blocks) == 0 {
		p.left = append(p.left, k.Hash)
		return
	}
	who, out := p.findOrAdd(k)
	if out != Done {
		return
	}
	p.mergeMember(who, in.audience, isAudience)
	p.mergeMember(who, in.lastSeen, isLastSeen)
	for _, e := range in.edges {
		p.mergeEdge(who, e.asOf(p.settings.Time(now)))
	}
	for _, b := range in.blocks {
		p.mergeBlock(who, b)
	}
	p.file(who)
}

// unerasedExtra is what of an extra came after the erasure of the participant, and after that of
// the viewer.
func (p *Partition) unerasedExtra(k Key, in incomingExtra) incomingExtra {
	for i := range in.blocks {
		if name := in.blocks[i].name; name != "" {
			in.blocks[i].hash = p.settings.Viewer(name).Hash
		}
	}
	if len(p.erased) == 0 {
		return in
	}
	until := p.erasedUntil(k)
	for _, word := range []*uint64{&in.audience, &in.lastSeen} {
		if *word != 0 && p.isErased(Version(*word&^kindMask), until) {
			*word = 0
		}
	}
	in.edges = slices.DeleteFunc(in.edges, func(e incomingEdge) bool {
		return p.isErased(e.version(), max(until, p.erasedViewer(e.hash)))
	})
	in.blocks = slices.DeleteFunc(in.blocks, func(b incomingBlock) bool {
		p.left = append(p.left, hashOfName([]byte(b.name)))
		return p.isErased(b.version&^kindMask, max(until, p.erasedViewer(b.hash)))
	})
	return in
}
