package cluster

import (
	"context"
	"sync/atomic"
	"time"

	"github.com/scaiwave/presence/cluster/keep"
	"github.com/scaiwave/presence/cluster/link"
	"github.com/scaiwave/presence/cluster/message"
	"github.com/scaiwave/presence/shard"
	"github.com/scaiwave/presence/shard/codec"
	"github.com/scaiwave/presence/shard/host"
)

// disks is what other nodes say of their data directories, and what was refused for that. See
// package keep.
type disks struct {
	refused atomic.Int64 // facts
	others  keep.Complaints
}

// DiskError is why a fact was refused: a data directory takes nothing. It is an ErrUnavailable.
type DiskError struct {
	Words  string // what is wrong, and at which node
	Stored bool   // it may have been stored all the same
}

func (e *DiskError) Error() string { return "cluster: " + e.Words }

func (e *DiskError) Unwrap() error { return ErrUnavailable }

// diskRefuses is the outcome of a fact of which nothing was stored.
const diskRefuses shard.Outcome = 0xfd

// factOf carries out a write that must be on two disks, unless one of them would refuse it. words
// says which does.
func (n *Node) factOf(
	ctx context.Context, participant string, write func() shard.Outcome,
) (o shard.Outcome, words string) {
	p := n.partitionOf(participant)
	if n.host.Role(p) == host.Serving {
		if words = n.diskTrouble(p); words != "" {
			n.disks.refused.Add(1)
			return diskRefuses, words
		}
	}
	if o = n.backed(ctx, p, write()); o == busy {
		words = n.diskTrouble(p)
	}
	return o, words
}

// diskTrouble is what is wrong with one of the disks on which a partition is kept, or nothing.
func (n *Node) diskTrouble(partition int) string {
	if words := n.store.Words(); words != "" || n.replica == nil {
		return words
	}
	return n.disks.others.Of(n.replica.Backup(partition))
}

// diskRemark is what an operator should know of this node's disk. Such a node is ready: it serves
// sockets, heartbeats and reads as well as any other, and participants that it owns it owns
// whichever node their clients talk to. Out of the balancer it would help nobody, and all nodes
// with a full disk would be an outage.
func (n *Node) diskRemark() string {
	words := n.store.Words()
	if words == "" {
		return ""
	}
	return words + ": overrides, registrations and direct messages of those whom this node owns or is the backup of" +
		" are refused until that is mended"
}

const tellTimeout = 400 * time.Millisecond

// tellDisk tells all other nodes of this one's disk. It doesn't wait for the answers: one that is
// lost comes again, or ends by itself.
func (n *Node) tellDisk(ctx context.Context, words string) {
	for _, name := range n.view.Load().Others(n.name) {
		n.running.Go(func() {
			ctx, cancel := context.WithTimeout(ctx, tellTimeout)
			defer cancel()
			payload, ignore := codec.AppendText(nil, words), func([]byte) error { return nil }
			if err := n.caller.Call(ctx, name, link.Hot, message.OpDisk, payload, ignore); err != nil {
				n.log.Debug("a node was not told of the disk", "peer", name.ID, "error", err)
			}
		})
	}
}

// takeDisk is the other side of tellDisk.
func (n *Node) takeDisk(from link.Name, d *message.Reader) ([]byte, error) {
	words := bounded(d.Words())
	if err := d.End(); err != nil {
		return nil, err
	}
	n.disks.others.Set(from, words)
	return nil, nil
}
