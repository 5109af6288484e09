package message

import (
	"encoding/binary"
	"strings"

	"github.com/scaiwave/presence/shard"
	"github.com/scaiwave/presence/shard/codec"
	"github.com/scaiwave/presence/shard/host"
)

// AppendUint16 writes a number in two bytes.
func AppendUint16(b []byte, n int) []byte { return binary.BigEndian.AppendUint16(b, uint16(n)) }

// AppendUint32 writes a number in four bytes.
func AppendUint32(b []byte, n int) []byte { return binary.BigEndian.AppendUint32(b, uint32(n)) }

// AppendUint64 writes a number in eight bytes.
func AppendUint64(b []byte, n uint64) []byte { return binary.BigEndian.AppendUint64(b, n) }

// AppendHandle writes a handle: where a device is at its owner.
func AppendHandle(b []byte, h host.Handle) []byte {
	b = binary.BigEndian.AppendUint16(b, h.Partition)
	b = binary.BigEndian.AppendUint32(b, h.Ref.Slot)
	return binary.BigEndian.AppendUint32(b, h.Ref.Generation)
}

// AppendView writes how a participant looks to each kind of viewer.
func AppendView(b []byte, v *shard.View) []byte {
	b = append(b, byte(v.Public), byte(v.Inner), byte(v.Self), byte(v.Override))
	b = AppendUint64(AppendUint64(b, uint64(v.Version)), v.Order)
	return append(b, Bool(v.Doubt)<<7|byte(v.Unseen)<<1|Bool(v.Closed))
}

// AppendPartitions writes the numbers of partitions, after their count.
func AppendPartitions(b []byte, partitions []int) []byte {
	b = AppendUint32(b, len(partitions))
	for _, p := range partitions {
		b = AppendUint16(b, p)
	}
	return b
}

// AppendTexts writes texts of at most 255 bytes, after their count.
func AppendTexts(b []byte, texts []string) []byte {
	b = AppendUint32(b, len(texts))
	for _, s := range texts {
		b = codec.AppendText(b, s)
	}
	return b
}

// Bool is a truth in one byte: 1 or 0.
func Bool(yes bool) byte {
	if yes {
		return 1
	}
	return 0
}

// MaxBatch is about how many bytes a message of many items gets.
const MaxBatch = 1 << 20

// maxWords is how many bytes of a text for people are told to others. A reason may name a hundred
// nodes.
const maxWords = 255

// Bounded is the beginning of a text for people, in whole characters.
func Bounded(s string) string {
	if len(s) <= maxWords {
		return s
	}
	const more = "…"
	return strings.ToValidUTF8(s[:maxWords-len(more)], "") + more
}
