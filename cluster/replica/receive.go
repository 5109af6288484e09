package replica

import (
	"context"

	"github.com/scaiwave/presence/cluster/link"
	"github.com/scaiwave/presence/cluster/message"
)

// Copies are what this node has of partitions that others own.
type Copies interface {
	// TakeReplica has a copy follow its owner, and reports whether it does. number is that of the
	// owner's call: of two the one with the higher number is the newer.
	TakeReplica(from link.Name, number uint64, s Shipment) bool
}

// Disk keeps what the copies have taken.
type Disk interface {
	// Sync waits until all of that is on the disk. An error says that it may not be.
	Sync(ctx context.Context) error
}

// Receiver is the backup's half.
type Receiver struct {
	partitions int
	copies     Copies
	disk       Disk
}

// NewReceiver makes one for so many partitions.
func NewReceiver(partitions int, c Copies, d Disk) *Receiver {
	return &Receiver{partitions: partitions, copies: c, disk: d}
}

// Take takes an owner's call, and answers of each shipment what became of it.
func (r *Receiver) Take(ctx context.Context, from link.Name, d *message.Reader) ([]byte, error) {
	number := d.Uint64()
	answers := make([]byte, d.Count(minShipment))
	for i := range answers {
		s := readShipment(d, r.partitions)
		if d.Err() != nil {
			return nil, d.Err()
		}
		if r.copies.TakeReplica(from, number, s) {
			answers[i] = answerKept
		}
	}
	if r.disk.Sync(ctx) != nil {
		for i, a := range answers {
			if a == answerKept {
				answers[i] = answerGot
			}
		}
	}
	return answers, d.End()
}
