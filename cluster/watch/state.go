package watch

import (
	"context"
	"sync"

	"github.com/scaiwave/presence/cluster/call"
	"github.com/scaiwave/presence/cluster/link"
	"github.com/scaiwave/presence/cluster/view"
	"github.com/scaiwave/presence/shard"
	"github.com/scaiwave/presence/shard/host"
	"github.com/scaiwave/presence/shard/wake"
)

// Host is what this node holds of the partitions, and who is told of changes to it.
type Host interface {
	PartitionOf(id string) int
	AddSink(s host.Sink) (host.SinkID, error)
	RemoveSink(id host.SinkID)
	Watch(id host.SinkID, questions []host.Question, sights []host.Sight, then func())
	Glimpse(questions []host.Question, sights []host.Sight)
	Unwatch(id host.SinkID, ids []string)
}

// Views has the latest view of the members.
type Views interface{ Load() *view.View }

// Sink takes what owners tell. Its methods are called without any lock of this package, and must
// not block for long. Views of one id, and words on one pair, may come late: of two the one with
// the higher Order is the newer.
type Sink interface {
	Deliver(updates []host.Update)
	Evict(e host.Eviction)
	// Watched names all that is watched at the moment. It may be called at any time.
	Watched(yield func(id string) bool)
	// Viewers names those who watch an id here, each at least once. Strangers and the participant
	// itself need not be named.
	Viewers(id string) []shard.Viewer
	// Review ends, by Unwatch, the interest in those of ids that aren't watched any longer. They
	// have just been watched again for the sink, and may have been unwatched meanwhile.
	Review(ids []string)
}

// Call asks another node by any way that works, and gives the reply to take.
type Call func(
	ctx context.Context, to link.Name, class link.Class, op byte, payload []byte, take func(reply []byte) error,
) error

// Batch is what is asked about many ids at once.
type Batch = call.Batch[host.Question, host.Sight]

// Spread asks the nodes that may know about each of them; see call.Spread.
type Spread func(ctx context.Context, b *Batch) (left []int)

// Config is what a Feed is made from.
type Config struct {
	Self       link.Name
	Partitions int
	Host       Host
	Views      Views
	Call       Call
	Spread     Spread

	// Speaks is the highest protocol that a node speaks.
	Speaks func(at link.Name) int

	// Warm announces the sockets of this node again to the owner of a partition, which has lost
	// them. It must not block.
	Warm func(partition int)
}

// Feed is the side of a gateway: it asks owners, and brings what they tell to the sink.
type Feed struct {
	// static
	Config
	sink  Sink // nil: there is no gateway
	local host.SinkID
	wake  wake.Signal // something is due

	mu     sync.Mutex
	epochs epochs
	due    due
}
