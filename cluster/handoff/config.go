package handoff

import (
	"context"
	"log/slog"
	"time"

	"github.com/scaiwave/presence/cluster/link"
	"github.com/scaiwave/presence/cluster/view"
	"github.com/scaiwave/presence/shard/host"
)

// Config is what a steward is made from.
type Config struct {
	Self     link.Name
	Gateway  bool // it owns nothing
	Count    int  // of the partitions
	Deadline time.Duration
	Beaten   time.Duration // after a promotion, when all devices have had the time to beat
	View     func() *view.View
	Host     Partitions
	Replica  Replica
	Store    Store
	Peers    Peers
	Logger   *slog.Logger
}

// Partitions are what this node has; see host.Host.
type Partitions interface {
	Role(partition int) host.Role
	Source(partition int) (source uint64, follows bool)
	Whole(partition int) bool
	Serve(partition int)
	Doubt(partition int)
	Distrust(partition int)
	Lapsed(partition int) bool
	Warm(partition int)
	Miss(partition int)
	Hold(partition int)
	Claim(partition int)
	Yield(partition int, source uint64)
	Stale(partition int)
	DropCopy(partition int) bool
	Drop(partition int)
	Snapshot(partition int) (snapshot []byte, whole bool)
	Merge(partition int, from uint64, snapshot []byte, whole bool) error
	Trust(partitions []int)
	Outdate()
	HoldDoubted()
	StayWarm()
}

// Replica keeps the backups of what is served here.
type Replica interface {
	Assign(partition int, backup link.Name) // the zero name: there is none
	Release(partition int)                  // it isn't served any more
	Refill(partitions []int)
	InMemoryAt(partition int, backup link.Name) bool // whether that has everything
	Backup(partition int) link.Name
}

// Store keeps on a disk what this node has.
type Store interface {
	Save(partition int) // as it is now
	Forget(partition int)
	Shorten() // what was forgotten leaves the files soon
	Sync(ctx context.Context) error
}

// Peers are the other nodes.
type Peers interface {
	Call(
		ctx context.Context, to link.Name, class link.Class, op byte, payload []byte, read func(reply []byte) error,
	) error
	Reachable(v *view.View, name link.Name) bool
	Introduce(to link.Name) // this node, which sees other members
}
