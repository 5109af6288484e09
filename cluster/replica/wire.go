package replica

import (
	"github.com/scaiwave/presence/cluster/message"
	"github.com/scaiwave/presence/shard"
	"github.com/scaiwave/presence/shard/codec"
)

// Shipment is one partition in a call.
type Shipment struct {
	Partition int
	Kind      Kind
	Bytes     []byte
	put       uint64 // the owner's: what the backup has once this arrived
}

// Kind is what is in a shipment.
type Kind byte

const (
	Records  Kind = iota // on top of what the backup has
	Whole                // everything
	Partial              // everything there is, but something may have been lost before
	Extended             // Records and extras, for those who know of any
)

// Fills reports whether a shipment makes a copy.
func (k Kind) Fills() bool { return k == Whole || k == Partial }

// Parts are the records and the extras of a shipment that doesn't fill.
func (s *Shipment) Parts() (records, extras []byte, err error) {
	if s.Kind == Records {
		return s.Bytes, nil, nil
	}
	return shard.Parts(s.Bytes)
}

// What a backup answers about each shipment.
const (
	answerRefused byte = iota
	answerKept         // it is in memory, and on the disk if there is one
	answerGot          // it is in memory; the disk has failed, or takes too long
)

// minShipment is how many bytes the shortest shipment has.
const minShipment = 2 + 1 + 4

func appendCall(number uint64, batch []Shipment) []byte {
	b := message.AppendUint32(message.AppendUint64(nil, number), len(batch))
	for _, s := range batch {
		b = append(message.AppendUint16(b, s.Partition), byte(s.Kind))
		b = codec.AppendBytes(b, s.Bytes)
	}
	return b
}

func readShipment(d *message.Reader, partitions int) Shipment {
	return Shipment{
		Partition: d.Partition(partitions),
		Kind:      Kind(d.OneOf(int(Extended)+1, "kind of shipment")),
		Bytes:     d.Bytes(),
	}
}
