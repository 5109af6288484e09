package ask

import (
	"context"

	"github.com/scaiwave/presence/cluster/message"
	"github.com/scaiwave/presence/shard"
)

// SessionOf is one session of a device.
type SessionOf struct {
	DeviceOf
	Session shard.Version

	result
}

func (c *SessionOf) append(b []byte) []byte {
	return message.AppendUint64(c.DeviceOf.append(b), uint64(c.Session))
}

func (c *SessionOf) decode(d *message.Reader) {
	c.DeviceOf.decode(d)
	c.Session = shard.Version(d.Uint64())
}

// end ends a session as one of the host's methods does.
func (c *SessionOf) end(
	ctx context.Context, o *Owner, leave func(participant, device string, session shard.Version) shard.Outcome,
) {
	if c.Outcome = leave(c.Participant, c.Device, c.Session); c.Outcome == shard.Done {
		o.flipped(ctx, o.Host.PartitionOf(c.Participant))
	}
}

// Detach says that a session's socket was closed without a goodbye: the device lingers.
type Detach struct{ SessionOf }

func (c *Detach) code() byte                             { return message.OpDetach }
func (c *Detach) carryOut(ctx context.Context, o *Owner) { c.end(ctx, o, o.Host.Detach) }

// Goodbye signs a device out at the word of its own session.
type Goodbye struct{ SessionOf }

func (c *Goodbye) code() byte                             { return message.OpGoodbye }
func (c *Goodbye) carryOut(ctx context.Context, o *Owner) { c.end(ctx, o, o.Host.Goodbye) }

// SignOut signs a device out, whichever session holds it.
type SignOut struct {
	DeviceOf

	result
}

func (c *SignOut) code() byte { return message.OpSignOut }

func (c *SignOut) carryOut(ctx context.Context, o *Owner) {
	c.Outcome = o.inMemory(ctx, o.Host.PartitionOf(c.Participant), o.Host.SignOut(c.Participant, c.Device))
}
