package cluster

import (
	"context"
	"fmt"

	"github.com/cespare/xxhash/v2"

	"github.com/scaiwave/presence/shard"
	"github.com/scaiwave/presence/shard/host"
)

// DefaultPartitions is how many partitions the participants are spread over.
const DefaultPartitions = 4096

// DefaultSettings are those of the wire contract.
func DefaultSettings() Settings { return host.DefaultSettings() }

// Config is what a node is made from.
type Config struct {
	NodeID     string // its name on the ring; stable over restarts
	Partitions int    // 0: DefaultPartitions
	Settings   Settings
}

// Node is this process's place in the cluster: it finds the owner of a participant and asks it. All methods but SetSink
// are safe for concurrent use. Ids must be valid (shard.ValidateParticipant, shard.ValidateDevice).
type Node struct {
	id       string
	settings Settings
	table    *Table
	host     *host.Host
	sink     host.SinkID
}

// New makes a node that owns every partition. Start starts it.
func New(c Config) (*Node, error) {
	if err := shard.ValidateParticipant(c.NodeID); err != nil {
		return nil, fmt.Errorf("node-id %q: %w", c.NodeID, err)
	}
	if c.Partitions == 0 {
		c.Partitions = DefaultPartitions
	}
	h, err := host.New(host.Config{Partitions: c.Partitions, Node: xxhash.Sum64String(c.NodeID), Settings: c.Settings})
	if err != nil {
		return nil, err
	}
	return &Node{id: c.NodeID, settings: c.Settings, table: NewTable([]string{c.NodeID}, c.Partitions), host: h}, nil
}

// SetSink says who is told of changes to what Watch names. Once, before Start.
func (n *Node) SetSink(s Sink) error {
	id, err := n.host.AddSink(settled{s})
	n.sink = id
	return err
}

// settled is a sink of a table that never changes: no partition moves.
type settled struct{ Sink }

func (settled) Moved([]int) {}

// Start makes time pass.
func (n *Node) Start() { n.host.Start() }

// Close ends the node's goroutines and waits for them.
func (n *Node) Close() { n.host.Close() }

// ID is the node's name.
func (n *Node) ID() string { return n.id }

// Settings are the node's timings and limits.
func (n *Node) Settings() Settings { return n.settings }

// Stats are the figures of the partitions that this node holds.
func (n *Node) Stats() Stats { return n.host.Stats() }

// Describe is the cluster as this node sees it.
func (n *Node) Describe() Description {
	d := Description{Partitions: n.table.Partitions(), Fingerprint: n.table.Fingerprint()}
	for _, m := range n.table.Members() {
		d.Members = append(d.Members, Member{ID: m, Role: "all", State: "serving", Partitions: n.table.Owned(m), Self: m == n.id})
	}
	return d
}

// errorOf is the error that an outcome stands for.
func errorOf(o shard.Outcome) error {
	switch o {
	case shard.Done:
		return nil
	case shard.Replaced:
		return ErrReplaced
	case shard.Gone:
		return ErrGone
	case shard.TooMany:
		return ErrTooManyDevices
	default:
		return ErrUnavailable
	}
}

// refused is the error of a call that came too late to be carried out, or nil.
func refused(ctx context.Context) error {
	if err := ctx.Err(); err != nil {
		return fmt.Errorf("%w: %w", ErrUnavailable, err)
	}
	return nil
}
