package gateway

import (
	"context"

	"github.com/scaiwave/presence/cluster"
	"github.com/scaiwave/presence/gateway/hub"
	"github.com/scaiwave/presence/gateway/socket"
	"github.com/scaiwave/presence/shard"
)

// Cluster is what the HTTP calls need from the node. The ids are valid; ctx bounds the wait for
// owners. *cluster.Node is one.
type Cluster interface {
	reader
	writer
	hub.Node
	socket.Node

	ID() string
	Settings() cluster.Settings
	Describe() cluster.Description
	Figures(ctx context.Context) map[string]cluster.Figures
	Stats() cluster.Stats
}

type reader interface {
	// States fills states, of the same length as ids; an owner that did not answer in time gives
	// Unknown.
	States(ctx context.Context, viewer string, ids []string, states []shard.State) (unknown int)
	Inspect(ctx context.Context, viewer, id string, devices bool) (cluster.Record, error)
	Account(ctx context.Context, participant string) (cluster.Account, error)
}

type writer interface {
	Heartbeats(ctx context.Context, beats []cluster.Heartbeat, errs []error)
	SignOut(ctx context.Context, participant, device string) error
	SetOverride(ctx context.Context, participant string, o shard.Override) error
	SetKind(ctx context.Context, participant string, k shard.Kind) error
	Erase(ctx context.Context, participant string) error
	DirectMessages(ctx context.Context, dms []cluster.DirectMessage, errs []error)
}
