package shard

import (
	"cmp"
	"crypto/sha256"
	"slices"
	"strings"

	"github.com/cespare/xxhash/v2"
)

// Erasure is the fact that a participant was erased. It beats all that was known of it up to Version,
// wherever that turns up until Settings.ErasureTTL later. It doesn't hold the id, but hashes of it:
// who looks for an id finds it, and who reads the list doesn't see whom it names.
type Erasure struct {
	Hash    uint64   // of Key
	Sum     [16]byte // half of the id's SHA-256: nobody can make an id that passes for another
	Version Version
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
	return cmp.Or(cmp.Compare(e.Hash, o.Hash), strings.Compare(string(e.Sum[:]), string(o.Sum[:])))
}

// Add puts in an erasure, and reports whether it says something new: of one id the latest counts.
func (s *Erasures) Add(e Erasure) bool {
	i, found := slices.BinarySearchFunc(*s, e, Erasure.compare)
	switch {
	case !found:
		*s = slices.Insert(*s, i, e)
	case (*s)[i].Version >= e.Version:
		return false
	default:
		(*s)[i].Version = e.Version
	}
	return true
}

// Has reports whether the list says what e says, or more.
func (s Erasures) Has(e Erasure) bool {
	i, found := slices.BinarySearchFunc(s, e, Erasure.compare)
	return found && s[i].Version >= e.Version
}

// of is the version up to which an id was erased; 0: it was not. The id is hashed only if it may be
// one of them.
func (s Erasures) of(hash uint64, id []byte) Version {
	i, found := slices.BinarySearchFunc(s, hash, func(e Erasure, hash uint64) int { return cmp.Compare(e.Hash, hash) })
	for ; found && i < len(s) && s[i].Hash == hash; i++ {
		if s[i].is(id) {
			return s[i].Version
		}
	}
	return 0
}

// erasedUntil is the version up to which a participant was erased; 0: it was not.
func (p *Partition) erasedUntil(k Key) Version {
	if len(p.erased) == 0 {
		return 0
	}
	return p.erased.of(k.Hash, []byte(k.ID))
}

// Erased are the erasures that are remembered here.
func (p *Partition) Erased() Erasures { return p.erased }

// TakeStruck returns how much was forgotten, or not taken in, because of erasures, since the last call.
func (p *Partition) TakeStruck() (n int) {
	n, p.struck = p.struck, 0
	return n
}

// noteErasure remembers an erasure, and has what follows this partition do it too. At the limit the
// oldest goes.
func (p *Partition) noteErasure(e Erasure) {
	if !p.erased.Add(e) {
		return
	}
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
	p.erasuresEnd = never
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
	in.windows = slices.DeleteFunc(in.windows, func(w incomingWindow) bool { return p.erasedWindow(k, KeyOf(w.peer), w.at) })
	in.devices = slices.DeleteFunc(in.devices, func(d incomingDevice) bool { return d.session <= v })
	p.struck += before - len(in.windows) - len(in.devices)
	return in
}

// erasedWindow reports whether a message between two is older than the erasure of one of them.
func (p *Partition) erasedWindow(k, peer Key, atMillis int64) bool {
	return len(p.erased) > 0 && atMillis <= max(p.erasedUntil(k), p.erasedUntil(peer)).Millis()
}

func hashOfName(name []byte) uint64 { return xxhash.Sum64(name) }
