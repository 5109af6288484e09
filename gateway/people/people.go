package people

import (
	"context"
	"time"

	"github.com/scaiwave/presence/cluster"
	"github.com/scaiwave/presence/gateway/tenant"
	"github.com/scaiwave/presence/shard"
)

// Node is what the calls need from the cluster; each method as *cluster.Node has it. The ids are
// inner ones, and valid; ctx bounds the wait for owners.
type Node interface {
	reader
	writer
}

type reader interface {
	// States fills states, of the same length as ids; an owner that did not answer in time gives
	// Unknown.
	States(ctx context.Context, viewer string, ids []string, states []shard.State) (unknown int)
	Inspect(ctx context.Context, viewer, id string, devices bool) (cluster.Record, error)
	// JudgedStates and JudgedInspect are these with what a backend says of the pairs.
	JudgedStates(ctx context.Context, viewer string, asked []cluster.Judged, states []shard.State)
	JudgedInspect(ctx context.Context, viewer string, asked cluster.Judged) (cluster.Record, error)
	// Statuses is JudgedStates for all that with asks for.
	Statuses(ctx context.Context, viewer string, asked []cluster.Judged, with shard.With, answers []shard.Seen)
	// Ties fills ties, of the same length as ids.
	Ties(ctx context.Context, viewer string, ids []string, ties []shard.Tie)
	Account(ctx context.Context, participant string) (cluster.Account, error)
	Visibility(ctx context.Context, participant string) (shard.Visibility, error)
	Blocks(ctx context.Context, participant string) ([]string, error)
	Said(ctx context.Context, participant string) (cluster.Said, error)
	Why(ctx context.Context, participant, viewer string) cluster.Why
}

type writer interface {
	Attach(ctx context.Context, participant, device string, a shard.Activity) (*cluster.Attachment, error)
	Heartbeats(ctx context.Context, beats []cluster.Heartbeat, errs []error)
	SignOut(ctx context.Context, participant, device string) error
	SetOverride(ctx context.Context, participant string, o shard.Override, until time.Time) error
	SetStatus(ctx context.Context, participant string, s shard.Status, public bool) error
	SetClaim(ctx context.Context, participant, source string, until time.Time) error
	SetKind(ctx context.Context, participant string, k shard.Kind, a shard.Availability) error
	Erase(ctx context.Context, participant string) error
	DirectMessages(ctx context.Context, dms []cluster.DirectMessage, errs []error)
	SetEdges(ctx context.Context, edges []cluster.Edge) []error
	SetBlock(ctx context.Context, participant, viewer string, blocked bool) error
	SetVisibility(ctx context.Context, participant string, change shard.VisibilityChange) error
	ForgetAnswers(ctx context.Context, viewers []string) error
}

// People makes the calls for participants of tenants.
type People struct{ node Node }

// Of is People of a cluster.
func Of(n Node) People { return People{n} }

// Heartbeat is an item of Heartbeats.
func Heartbeat(p tenant.Participant, device string, a shard.Activity) cluster.Heartbeat {
	return cluster.Heartbeat{Participant: string(p), Device: device, Activity: a}
}

// DirectMessage is an item of DirectMessages.
func DirectMessage(a, b tenant.Participant, at time.Time) cluster.DirectMessage {
	return cluster.DirectMessage{A: string(a), B: string(b), At: at}
}

// Edge is an item of SetEdges. Until is its end; zero: it has none.
func Edge(p, viewer tenant.Participant, a shard.Allowance, until time.Time) cluster.Edge {
	return cluster.Edge{Participant: string(p), Viewer: string(viewer), Allow: a, Until: until}
}
