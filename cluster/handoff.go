package cluster

import (
	"errors"
	"slices"
	"sync"

	"github.com/scaiwave/presence/cluster/gossip"
	"github.com/scaiwave/presence/cluster/handoff"
	"github.com/scaiwave/presence/cluster/link"
	"github.com/scaiwave/presence/cluster/replica"
	"github.com/scaiwave/presence/cluster/view"
	"github.com/scaiwave/presence/shard/host"
)

// newSteward makes what sees to it that state is where it belongs. Its Store is set once that is
// open.
func newSteward(n *Node) *handoff.Steward {
	return handoff.New(handoff.Config{
		Self: n.name, Gateway: n.role == gossip.Gateway, Count: n.partitions,
		Deadline: n.settings.Deadline(), Beaten: n.settings.HeartbeatInterval + n.settings.Grace,
		View: n.view.Load, Host: n.host, Replica: n.replica,
		Peers: peers{n.caller, &n.known}, Logger: n.log,
	})
}

// arrivals are what owners have sent to this node, as their backup: the latest of each partition.
type arrivals struct {
	node   *Node
	latest []arrival
}

func newArrivals(n *Node) *arrivals { return &arrivals{n, make([]arrival, n.partitions)} }

// arrival is the latest that an owner sent of a partition. A call that was given up, and sent
// again, may still arrive: after the other one it would undo it.
type arrival struct {
	mu     sync.Mutex // before the locks of the steward
	from   link.Name
	number uint64
}

// follows notes a shipment, unless it was sent before the latest. a.mu is held.
func (a *arrival) follows(from link.Name, number uint64) bool {
	if a.from == from && number < a.number {
		return false
	}
	a.from, a.number = from, number
	return true
}

// TakeReplica is part of replica.Copies. What doesn't fit the view the owner sends again. Of one
// partition a shipment comes after the other: whether it fits is asked when it is its turn.
func (a *arrivals) TakeReplica(from link.Name, number uint64, s replica.Shipment) bool {
	latest := &a.latest[s.Partition]
	latest.mu.Lock()
	defer latest.mu.Unlock()
	return a.node.steward.Shipment(from, s.Partition, s.Kind.Fills(), func() bool {
		if !latest.follows(from, number) {
			return false
		}
		err := a.store(from, s)
		if err != nil && !errors.Is(err, host.ErrNoCopy) { // without a copy it asks for everything
			a.node.steward.Refuse("copy", s.Partition, from, err)
		}
		return err == nil
	})
}

// store changes the copy, and what the disk has of it.
func (a *arrivals) store(from link.Name, s replica.Shipment) error {
	n, p := a.node, s.Partition
	if !s.Kind.Fills() {
		records, extras, err := s.Parts()
		if err == nil {
			err = n.host.Apply(p, view.SourceOf(from), slices.Concat(records, extras))
		}
		if err == nil {
			n.store.Records(p, records, extras)
		}
		return err
	}
	isWhole := s.Kind == replica.Whole
	err := n.host.Fill(p, view.SourceOf(from), s.Bytes, isWhole)
	if err == nil {
		n.store.Snapshot(p, s.Bytes, isWhole)
	}
	return err
}
