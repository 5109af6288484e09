package ask

import (
	"context"
	"sync/atomic"
	"time"

	"github.com/scaiwave/presence/cluster/keep"
	"github.com/scaiwave/presence/cluster/link"
	"github.com/scaiwave/presence/cluster/replica"
	"github.com/scaiwave/presence/shard"
	"github.com/scaiwave/presence/shard/host"
)

// Backups says what the backups have of the partitions that are served here.
type Backups interface {
	// WaitFlip waits until the backup has in memory what was put so far, or ctx ends.
	WaitFlip(ctx context.Context, partition int) replica.Verdict
	// WaitFact waits until the backup has it for good, or ctx ends, or there is no hope.
	WaitFact(ctx context.Context, partition int) replica.Verdict
	// InMemory reports whether the backup has all in memory.
	InMemory(partition int) bool
	// Backup is the backup that a partition has; zero: there is none.
	Backup(partition int) link.Name
}

// Owner carries out what is asked of the partitions that this node serves.
type Owner struct {
	// static
	Host       *host.Host
	Partitions int
	Backups    Backups                  // nil: the node is alone
	Disk       *keep.Store              // nil: nothing is kept
	Others     *keep.Complaints         // what other nodes say of their disks
	Struck     func(all shard.Erasures) // called when these were struck here

	refused atomic.Int64
}

// Refused is how many facts were refused before anything was stored, as a disk takes nothing.
func (o *Owner) Refused() int64 { return o.refused.Load() }

// For how long a backup is waited for.
const (
	FactWait = 4500 * time.Millisecond // to hold an override, a registration or a window
	FlipWait = 500 * time.Millisecond  // to hold a join, a leave or a flip
)

// fact carries out a write that must be on two disks, unless one of them would refuse it. words is
// what is wrong with that.
func (o *Owner) fact(
	ctx context.Context, participant string, write func() shard.Outcome,
) (out shard.Outcome, words string) {
	p := o.Host.PartitionOf(participant)
	if o.Host.Role(p) == host.Serving {
		if words = o.Trouble(p); words != "" {
			o.refused.Add(1)
			return diskRefuses, words
		}
	}
	if out = o.backed(ctx, p, write()); out == busy {
		words = o.Trouble(p)
	}
	return out, words
}

// Trouble is what is wrong with one of the disks on which a partition is kept, or nothing.
func (o *Owner) Trouble(partition int) string {
	if words := o.Disk.Words(); words != "" || o.Backups == nil {
		return words
	}
	return o.Others.Of(o.Backups.Backup(partition))
}

// backed returns an outcome once the backup, and the disk if there is one, has what led to it. A
// fact that isn't there in time is not acknowledged.
func (o *Owner) backed(ctx context.Context, partition int, out shard.Outcome) shard.Outcome {
	if o.Backups == nil || out != shard.Done {
		return out
	}
	ctx, cancel := context.WithTimeout(ctx, FactWait)
	defer cancel()
	switch o.Backups.WaitFact(ctx, partition) {
	case replica.Missed:
		return shard.NotMine
	case replica.Refused:
		return busy
	}
	if o.Disk.Sync(ctx) != nil {
		return busy
	}
	return out
}

// inMemory returns an outcome once the backup has what led to it in memory: for a sign-out that is
// enough, as nobody is online by what is on a disk.
func (o *Owner) inMemory(ctx context.Context, partition int, out shard.Outcome) shard.Outcome {
	if o.Backups == nil || out != shard.Done {
		return out
	}
	ctx, cancel := context.WithTimeout(ctx, FactWait)
	defer cancel()
	switch v := o.Backups.WaitFact(ctx, partition); {
	case v == replica.Missed:
		return shard.NotMine
	case v == replica.Refused && !o.Backups.InMemory(partition):
		return busy
	}
	return out
}

// flipped waits a moment for the backups of what has changed to have it.
func (o *Owner) flipped(ctx context.Context, changed ...int) {
	if o.Backups == nil || len(changed) == 0 {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, FlipWait)
	defer cancel()
	for _, partition := range changed {
		if o.Backups.WaitFlip(ctx, partition) == replica.Missed {
			break
		}
	}
}
