package ask

import (
	"context"

	"github.com/scaiwave/presence/cluster/link"
	"github.com/scaiwave/presence/cluster/message"
	"github.com/scaiwave/presence/cluster/protocol"
	"github.com/scaiwave/presence/shard"
	"github.com/scaiwave/presence/shard/codec"
	"github.com/scaiwave/presence/shard/host"
)

// DeviceOf is one device of a participant.
type DeviceOf struct{ Participant, Device string }

func (c *DeviceOf) subject() string { return c.Participant }

func (c *DeviceOf) append(b []byte) []byte {
	return codec.AppendText(codec.AppendText(b, c.Participant), c.Device)
}

func (c *DeviceOf) decode(d *message.Reader) { c.Participant, c.Device = d.Participant(), d.Device() }

// Attach gives a device to a new session.
type Attach struct {
	DeviceOf
	Activity shard.Activity

	result
	Owner   link.Name // who has answered
	Handle  host.Handle
	Session shard.Version
}

func (c *Attach) askedOf(at link.Name) { c.Owner = at }

func (c *Attach) code() byte { return message.OpAttach }

func (c *Attach) append(b []byte) []byte { return append(c.DeviceOf.append(b), byte(c.Activity)) }

func (c *Attach) decode(d *message.Reader) {
	c.DeviceOf.decode(d)
	c.Activity = d.Activity()
}

func (c *Attach) carryOut(ctx context.Context, o *Owner) {
	c.Handle, c.Session, c.Outcome = o.Host.Attach(c.Participant, c.Device, c.Activity)
	if c.Outcome == shard.Done {
		o.flipped(ctx, int(c.Handle.Partition))
	}
}

func (c *Attach) appendAnswer(b []byte) []byte {
	return message.AppendUint64(message.AppendHandle(c.result.appendAnswer(b), c.Handle), uint64(c.Session))
}

func (c *Attach) decodeAnswer(d *message.Reader) {
	c.result.decodeAnswer(d)
	c.Handle, c.Session = d.Handle(), shard.Version(d.Uint64())
}

// Announce brings a session's device to where its partition is served now.
type Announce struct {
	DeviceOf
	Activity shard.Activity
	Session  shard.Version
	Picked   host.Picked // what its node knows the participant to have picked

	result
	Owner  link.Name // who has answered
	Handle host.Handle

	full bool // what was picked has its end
}

func (c *Announce) askedOf(at link.Name) { c.Owner = at }

func (c *Announce) form(with int) { c.full = with >= protocol.Statuses }

func (c *Announce) code() byte {
	if c.full {
		return message.OpRecall
	}
	return message.OpAnnounce
}

func (c *Announce) append(b []byte) []byte {
	b = message.AppendUint64(append(c.DeviceOf.append(b), byte(c.Activity)), uint64(c.Session))
	b = message.AppendUint64(append(b, byte(c.Picked.Override)), uint64(c.Picked.Version))
	if c.full {
		b = message.AppendUint64(b, uint64(c.Picked.Until))
	}
	return b
}

func (c *Announce) decode(d *message.Reader) {
	c.DeviceOf.decode(d)
	c.Activity, c.Session = d.Activity(), shard.Version(d.Uint64())
	c.Picked = host.Picked{Override: d.Override(), Version: shard.Version(d.Uint64())}
	if c.full {
		c.Picked.Until = d.Millis()
	}
}

func (c *Announce) carryOut(ctx context.Context, o *Owner) {
	c.Handle, c.Outcome = o.Host.Announce(c.Participant, c.Device, c.Activity, c.Session, c.Picked)
	if c.Outcome == shard.Done {
		o.flipped(ctx, int(c.Handle.Partition))
	}
}

func (c *Announce) appendAnswer(b []byte) []byte {
	return message.AppendHandle(c.result.appendAnswer(b), c.Handle)
}

func (c *Announce) decodeAnswer(d *message.Reader) {
	c.result.decodeAnswer(d)
	c.Handle = d.Handle()
}
