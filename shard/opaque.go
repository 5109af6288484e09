package shard

import (
	"cmp"
	"encoding/binary"
	"reflect"
	"strings"

	"github.com/scaiwave/presence/shard/codec"
)

// Versions to come have facts that this one doesn't know. They are extras of kinds from
// recordOpaque on. All of these have one form, so that this version keeps them and passes them on:
// they are opaque facts.
//
//	kind: a byte        length of what follows: uvarint
//	participant: text   subkey: text, at most maxSubkey bytes   version: 8 bytes
//	until: uvarint, Unix milliseconds from which on it may be forgotten; 0: never
//	rest: at most maxOpaqueRest bytes
//
// Of a participant, a kind and a subkey the highest version counts. Of equal ones the one counts
// whose bytes after the version are greater.
const (
	recordOpaque = 16 // and all above; those of statements are known

	maxSubkey     = 64
	maxOpaqueRest = 1024
	maxOpaque     = 32 // a participant; the one with the lowest version makes room
)

// opaque is a fact of a version to come: 40 bytes, and its text.
type opaque struct {
	text    string // participant, subkey, until and rest
	version Version
	until   int64
	id      uint8 // length of the participant's id
	key     uint8 // length of the subkey
	kind    byte
}

func (o opaque) participant() string { return o.text[:o.id] }

func (o opaque) subkey() string { return o.text[o.id:][:o.key] }

// tail is all after the version.
func (o opaque) tail() string { return o.text[int(o.id)+int(o.key):] }

// compare is the order of facts: it is 0 if one replaces the other.
func (o opaque) compare(other opaque) int {
	return cmp.Or(
		strings.Compare(o.participant(), other.participant()),
		cmp.Compare(o.kind, other.kind),
		strings.Compare(o.subkey(), other.subkey()),
	)
}

// beats reports whether a fact replaces another one.
func (o opaque) beats(other opaque) bool {
	return o.version > other.version || o.version == other.version && o.tail() > other.tail()
}

// isOver reports whether a fact may be forgotten at a Unix time in milliseconds.
func (o opaque) isOver(millis int64) bool { return o.until != 0 && o.until <= millis }

// append writes the extra that a fact came as.
func (o opaque) append(b []byte) []byte {
	rest := codec.AppendText(codec.AppendText(nil, o.participant()), o.subkey())
	rest = binary.BigEndian.AppendUint64(rest, uint64(o.version))
	return appendLong(b, o.kind, append(rest, o.tail()...))
}

// appendLong writes a record of a kind that is followed by its length.
func appendLong(b []byte, kind byte, rest []byte) []byte {
	return append(binary.AppendUvarint(append(b, kind), uint64(len(rest))), rest...)
}

// opaques are the opaque facts of a partition. They are beside its participants, whom they don't
// need: one of whom nothing else is known has no record.
type opaques struct {
	of    map[uint64][]opaque // by the hash of the participant's id, in their order
	next  int64               // Unix milliseconds at which to look for those that are over; 0: never
	noted []byte              // those that are new, while the partition is mirrored
}

// Opaque is how much is held of a participant that this version doesn't know.
type Opaque struct {
	Facts int
	Bytes int // as they are passed on
}

// bytes is what the facts take.
func (s *opaques) bytes() (n int) {
	if s == nil {
		return 0
	}
	for _, all := range s.of {
		n += cap(all) * int(reflect.TypeFor[opaque]().Size())
		for _, o := range all {
			n += len(o.text)
		}
	}
	return n
}
