package disk

import (
	"bytes"
	"encoding/binary"
	"errors"
	"hash/crc32"
	"time"

	"github.com/scaiwave/presence/shard/codec"
)

// Kind is what an entry stands for.
type Kind byte

// The kinds.
const (
	Records  Kind = iota + 1 // changes since the entries before
	Snapshot                 // everything: replaces earlier entries of the partition
	Forget                   // nothing: ends earlier entries of the partition
	Partial                  // a Snapshot of all there is, after something may have been lost
	// What came with a later version. One before it passes them over.
	Extras         // Records
	SnapshotExtras // belong to the Snapshot or Partial that follows; nothing without it
)

// Entry is what was appended of a partition.
type Entry struct {
	Kind      Kind
	Partition int
	Written   time.Time
	Bytes     []byte
}

// An entry is: marker, checksum of the rest, length of the bytes, kind, partition, Unix
// milliseconds, bytes.
const (
	headerSize = 4 + 4 + 4 + 1 + 2 + 8
	summedFrom = 4 + 4 // the checksum is of all from here on
)

var errDamaged = errors.New("disk: damaged entry")

var (
	marker     = [4]byte{0xA7, 'p', 'r', 0x5C}
	castagnoli = crc32.MakeTable(crc32.Castagnoli)
)

// maxEntry is far above any partition. A length beyond it is damage.
const maxEntry = 1 << 30

func appendEntry(b []byte, e Entry) []byte {
	start := len(b)
	b = append(b, marker[:]...)
	b = append(b, 0, 0, 0, 0)
	b = binary.BigEndian.AppendUint32(b, uint32(len(e.Bytes)))
	b = append(b, byte(e.Kind))
	b = binary.BigEndian.AppendUint16(b, uint16(e.Partition))
	b = binary.BigEndian.AppendUint64(b, uint64(e.Written.UnixMilli()))
	b = append(b, e.Bytes...)
	binary.BigEndian.PutUint32(b[start+4:], crc32.Checksum(b[start+summedFrom:], castagnoli))
	return b
}

// cutEntry takes the first entry off b. ok is false if b does not begin with a whole one.
func cutEntry(b []byte) (e Entry, rest []byte, ok bool) {
	r := codec.NewReader(b, errDamaged)
	begins := bytes.Equal(r.Take(len(marker)), marker[:])
	sum, n := r.Uint32(), r.Uint32()
	e = Entry{Kind: Kind(r.Byte()), Partition: int(r.Uint16()), Written: time.UnixMilli(int64(r.Uint64()))}
	if !begins || n > maxEntry {
		return e, b, false
	}
	e.Bytes = r.Take(int(n))
	if r.Err() != nil || crc32.Checksum(b[summedFrom:headerSize+int(n)], castagnoli) != sum {
		return e, b, false
	}
	return e, r.Rest(), true
}

// span is a part of a file, from an offset to one.
type span struct{ from, to int }

// scan gives all whole entries of a file to take. It returns the parts between them, ascending.
func scan(b []byte, take func(Entry)) (damaged []span) {
	for at := 0; at < len(b); {
		if e, rest, ok := cutEntry(b[at:]); ok {
			take(e)
			at = len(b) - len(rest)
			continue
		}
		next := bytes.Index(b[at+1:], marker[:])
		if next < 0 {
			next = len(b) - at - 1
		}
		end := at + 1 + next
		if last := len(damaged) - 1; last >= 0 && damaged[last].to == at {
			damaged[last].to = end
		} else {
			damaged = append(damaged, span{at, end})
		}
		at = end
	}
	return damaged
}
