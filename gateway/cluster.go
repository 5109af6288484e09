package gateway

import (
	"context"

	"github.com/scaiwave/presence/cluster"
	"github.com/scaiwave/presence/gateway/hub"
	"github.com/scaiwave/presence/gateway/people"
	"github.com/scaiwave/presence/gateway/socket"
)

// Cluster is what the gateway needs from the node. *cluster.Node is one.
type Cluster interface {
	node
	people.Node
	hub.Node
	socket.Node
}

// node is the part of it that names no participants; what does is called through people.People.
type node interface {
	ID() string
	Settings() cluster.Settings
	Describe() cluster.Description
	Figures(ctx context.Context) map[string]cluster.Figures
	Stats() cluster.Stats
	Features() []string // those that all nodes know
	Knows(feature string) bool
}
