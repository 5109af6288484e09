package cluster

import (
	"context"

	"github.com/scaiwave/presence/cluster/link"
)

// peers are the other nodes, for the rooms below.
type peers struct{ node *Node }

// Call is part of replica.Peers.
func (p peers) Call(
	ctx context.Context, to link.Name, class link.Class, op byte, payload []byte, read func([]byte) error,
) error {
	return p.node.caller.Call(ctx, to, class, op, payload, read)
}

// Answers is part of replica.Peers.
func (p peers) Answers(name link.Name, class link.Class) bool {
	return p.node.caller.Answers(name, class)
}

// IsCutOff is part of replica.Peers.
func (p peers) IsCutOff(name link.Name) bool { return p.node.isCutOff(name) }
