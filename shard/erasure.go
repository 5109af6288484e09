package shard

import (
	"bytes"
	"cmp"
	"crypto/sha256"
	"slices"

	"github.com/cespare/xxhash/v2"
)

// Erasure is the fact that a participant was erased. It beats all that was known of it up to then,
// wherever that turns up until Settings.ErasureTTL later. Devices and facts go by Version. A
// message has the time of a clock elsewhere, which may be behind Version's, or ahead of At: a new
// one counts if it is later than At, and gets a time after Newest. So it is told from each that was
// there. An erasure doesn't hold the id, but hashes of it: who looks for an id finds it, and who
// reads the list doesn't see whom it names.
type Erasure struct {
	Hash    uint64   // of Key
	Sum     [16]byte // half of the id's SHA-256: nobody can make an id that passes for another
	Version Version
	At      int64 // Unix milliseconds by the owner's clock
	Newest  int64 // of the messages that were there, or At
}

// Valid reports whether the times of an erasure from elsewhere can be.
func (e *Erasure) Valid() bool {
	return e.At >= 0 && e.At <= maxMillis && e.Newest >= e.At && e.Newest <= 2*maxMillis
}

func sumOf(id []byte) (sum [16]byte) {
	whole := sha256.Sum256(id)
	copy(sum[:], whole[:])
	return sum
}

// is reports whether an id, which has the hash, is the one that was erased.
func (e *Erasure) is(id []byte) bool { return e.Sum == sumOf(id) }

// Erasures are in order, with one of each id.
type Erasures []Erasure

func (e Erasure) compare(o Erasure) int {
	if c := cmp.Compare(e.Hash, o.Hash); c != 0 {
		return c
	}
	return bytes.Compare(e.Sum[:], o.Sum[:])
}

// and is what two erasures of one id say together.
func (e Erasure) and(o Erasure) Erasure {
	e.Version, e.At, e.Newest = max(e.Version, o.Version), max(e.At, o.At), max(e.Newest, o.Newest)
	return e
}

// Add puts in an erasure, and reports whether it says something new: of one id the latest counts.
func (s *Erasures) Add(e Erasure) bool {
	i, found := slices.BinarySearchFunc(*s, e, Erasure.compare)
	if !found {
		*s = slices.Insert(*s, i, e)
		return true
	}
	known := (*s)[i]
	(*s)[i] = known.and(e)
	return (*s)[i] != known
}

// Has reports whether the list says what e says, or more.
func (s Erasures) Has(e Erasure) bool {
	i, found := slices.BinarySearchFunc(s, e, Erasure.compare)
	return found && s[i].and(e) == s[i]
}

// of is the erasure of an id, or nil. The id is hashed only if it may be one of them.
func (s Erasures) of(hash uint64, id []byte) *Erasure {
	i, found := slices.BinarySearchFunc(s, hash, func(e Erasure, hash uint64) int { return cmp.Compare(e.Hash, hash) })
	if !found {
		return nil
	}
	return s[i:].first(hash, id)
}

// first is of, for a list that begins with the hash.
func (s Erasures) first(hash uint64, id []byte) *Erasure {
	for i := 0; i < len(s) && s[i].Hash == hash; i++ {
		if s[i].is(id) {
			return &s[i]
		}
	}
	return nil
}

// erasureOf is the erasure of a participant, or nil.
func (p *Partition) erasureOf(k Key) *Erasure {
	if len(p.erased) == 0 {
		return nil
	}
	return p.erased.of(k.Hash, []byte(k.ID))
}

// erasedUntil is the version up to which a participant was erased; 0: it was not.
func (p *Partition) erasedUntil(k Key) Version {
	if e := p.erasureOf(k); e != nil {
		return e.Version
	}
	return 0
}

// erasedViewer is the version up to which what others said about a viewer was erased; 0: it was
// not.
func (p *Partition) erasedViewer(hash uint64) Version {
	if p.erasedViewers == nil {
		p.erasedViewers = make(map[uint64]Version, len(p.erased))
		for _, e := range p.erased {
			p.erasedViewers[p.settings.viewerHash(e.Sum)] = e.Version
		}
	}
	return p.erasedViewers[hash]
}

// Erased are the erasures that are remembered here.
func (p *Partition) Erased() Erasures { return p.erased }

// TakeStruck returns how much was forgotten, or not taken in, because of erasures, since the last
// call.
func (p *Partition) TakeStruck() (n int) {
	n, p.struck = p.struck, 0
	return n
}

// TakeLeft calls take with the hashes of ids that have left this partition since the last call, or
// were in what it was told and are over. Some may still be here, with others.
func (p *Partition) TakeLeft(take func(hash uint64)) {
	for _, hash := range p.left {
		take(hash)
	}
	if p.left = p.left[:0]; cap(p.left) > keptChanges {
		p.left = nil
	}
}

// noteErasure remembers an erasure, and has what follows this partition do it too. At the limit the
// oldest goes.
func (p *Partition) noteErasure(e Erasure) {
	if !p.erased.Add(e) {
		return
	}
	p.erasedViewers = nil
	if p.mirrored {
		p.notedErasures = append(p.notedErasures, e)
	}
	if len(p.erased) > p.settings.MaxErasures {
		oldest := slices.MinFunc(p.erased, func(a, b Erasure) int { return cmp.Compare(a.Version, b.Version) })
		p.erased = slices.DeleteFunc(p.erased, func(e Erasure) bool { return e == oldest })
	}
	p.erasuresEnd = min(p.erasuresEnd, p.erasureEnd(e))
}

// erasureEnd is when an erasure is forgotten itself.
func (p *Partition) erasureEnd(e Erasure) Tick {
	return p.settings.tickAfter(e.Version.Millis()).after(p.settings.ErasureTTL)
}

// forgetErasures forgets those that are old.
func (p *Partition) forgetErasures(now Tick) {
	if p.erasuresEnd > now {
		return
	}
	p.erasuresEnd, p.erasedViewers = never, nil
	p.erased = slices.DeleteFunc(p.erased, func(e Erasure) bool {
		end := p.erasureEnd(e)
		if end > now {
			p.erasuresEnd = min(p.erasuresEnd, end)
		}
		return end <= now
	})
	if len(p.erased) == 0 {
		p.erased = nil
	}
}

// unerased is what of an incoming participant came after its erasure, and after that of its peers.
func (p *Partition) unerased(k Key, in incoming) incoming {
	if len(p.erased) == 0 {
		return in
	}
	v := p.erasedUntil(k)
	if in.overrideVersion != 0 && in.overrideVersion <= v {
		in.override, in.overrideVersion, in.frozen = OverrideAuto, 0, 0
		p.struck++
	}
	if in.kindVersion != 0 && in.kindVersion <= v {
		in.kind, in.kindVersion = KindUnset, 0
		p.struck++
	}
	before := len(in.windows) + len(in.devices)
	in.windows = slices.DeleteFunc(in.windows, func(w incomingWindow) bool {
		return p.erasedWindow(k, KeyOf(w.peer), w.at)
	})
	in.devices = slices.DeleteFunc(in.devices, func(d incomingDevice) bool { return d.session <= v })
	p.struck += before - len(in.windows) - len(in.devices)
	return in
}

// isErased reports whether what has a version was there at an erasure, and counts it.
func (p *Partition) isErased(v, until Version) bool {
	p.struck += count(v <= until)
	return v <= until
}

// erasedWindow reports whether a message between two, as another account has it, was there when one
// of them was erased.
func (p *Partition) erasedWindow(k, peer Key, atMillis int64) bool {
	for _, e := range [...]*Erasure{p.erasureOf(k), p.erasureOf(peer)} {
		if e != nil && atMillis <= e.Newest {
			return true
		}
	}
	return false
}

// sentAfter is the time by which a new message between two counts. ok is false if it isn't later
// than the erasure of one of them.
func (p *Partition) sentAfter(k, peer Key, atMillis int64) (at int64, ok bool) {
	at = atMillis
	for _, e := range [...]*Erasure{p.erasureOf(k), p.erasureOf(peer)} {
		if e != nil && atMillis <= e.At {
			return 0, false
		}
		if e != nil {
			at = max(at, e.Newest+1)
		}
	}
	return at, true
}

func hashOfName(name []byte) uint64 { return xxhash.Sum64(name) }
