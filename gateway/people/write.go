package people

import (
	"context"
	"time"

	"github.com/scaiwave/presence/cluster"
	"github.com/scaiwave/presence/gateway/tenant"
	"github.com/scaiwave/presence/shard"
)

// Attach gives a device to a new session.
func (p People) Attach(
	ctx context.Context, who tenant.Participant, device string, a shard.Activity,
) (*cluster.Attachment, error) {
	return p.node.Attach(ctx, string(who), device, a)
}

// Heartbeats brings signs of life; errs are as many as beats.
func (p People) Heartbeats(ctx context.Context, beats []cluster.Heartbeat, errs []error) {
	p.node.Heartbeats(ctx, beats, errs)
}

// SignOut ends a device, and closes its socket.
func (p People) SignOut(ctx context.Context, who tenant.Participant, device string) error {
	return p.node.SignOut(ctx, string(who), device)
}

// SetOverride notes what a participant picks. Until is its end; zero: it has none.
func (p People) SetOverride(
	ctx context.Context, who tenant.Participant, o shard.Override, until time.Time,
) error {
	return p.node.SetOverride(ctx, string(who), o, until)
}

// SetStatus notes what a participant says of itself; the zero Status is none. A public one is for
// everyone, also while the participant hides.
func (p People) SetStatus(ctx context.Context, who tenant.Participant, s shard.Status, public bool) error {
	return p.node.SetStatus(ctx, string(who), s, public)
}

// SetClaim notes a reason to be busy, until its end; zero ends it.
func (p People) SetClaim(ctx context.Context, who tenant.Participant, source string, until time.Time) error {
	return p.node.SetClaim(ctx, string(who), source, until)
}

// SetKind registers a participant, and what makes the state of an AI.
func (p People) SetKind(
	ctx context.Context, who tenant.Participant, k shard.Kind, a shard.Availability,
) error {
	return p.node.SetKind(ctx, string(who), k, a)
}

// Erase forgets all that is held of a participant.
func (p People) Erase(ctx context.Context, who tenant.Participant) error {
	return p.node.Erase(ctx, string(who))
}

// DirectMessages opens windows; errs are as many as messages.
func (p People) DirectMessages(ctx context.Context, messages []cluster.DirectMessage, errs []error) {
	p.node.DirectMessages(ctx, messages, errs)
}
