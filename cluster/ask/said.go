package ask

import (
	"context"

	"github.com/scaiwave/presence/cluster/message"
	"github.com/scaiwave/presence/shard"
	"github.com/scaiwave/presence/shard/codec"
)

// Status stores what a participant says of itself; the zero status clears it.
type Status struct {
	Fact
	Status shard.Status
	Public bool
}

func (c *Status) code() byte { return message.OpStatus }

func (c *Status) append(b []byte) []byte {
	return append(message.AppendStatus(c.Fact.append(b), &c.Status), message.Bool(c.Public))
}

func (c *Status) decode(d *message.Reader) {
	c.Fact.decode(d)
	c.Status, c.Public = d.Status(), d.OneOf(2, "mark") == 1
}

func (c *Status) carryOut(ctx context.Context, o *Owner) {
	c.store(ctx, o, func() shard.Outcome { return o.Host.SetStatus(c.Participant, c.Status, c.Public) })
}

// Claim makes or renews a claim. With 0 it ends.
type Claim struct {
	Fact
	Source string
	Until  int64 // Unix milliseconds
}

func (c *Claim) code() byte { return message.OpClaim }

func (c *Claim) append(b []byte) []byte {
	return message.AppendUint64(codec.AppendText(c.Fact.append(b), c.Source), uint64(c.Until))
}

func (c *Claim) decode(d *message.Reader) {
	c.Fact.decode(d)
	c.Source, c.Until = d.Valid(shard.ValidateSource), d.Millis()
}

func (c *Claim) carryOut(ctx context.Context, o *Owner) {
	c.store(ctx, o, func() shard.Outcome { return o.Host.SetClaim(c.Participant, c.Source, c.Until) })
}

// Pick is Override with an end.
type Pick struct {
	Override
	Until int64 // Unix milliseconds
}

func (c *Pick) code() byte { return message.OpPick }

func (c *Pick) append(b []byte) []byte {
	return message.AppendUint64(c.Override.append(b), uint64(c.Until))
}

func (c *Pick) decode(d *message.Reader) {
	c.Override.decode(d)
	c.Until = d.Millis()
}

func (c *Pick) carryOut(ctx context.Context, o *Owner) {
	c.store(ctx, o, func() shard.Outcome {
		return o.Host.SetOverrideUntil(c.Participant, c.Override.Override, c.Until)
	})
}

// Register is Kind with an availability.
type Register struct {
	Kind
	Availability shard.Availability
}

func (c *Register) code() byte { return message.OpRegister }

func (c *Register) append(b []byte) []byte { return append(c.Kind.append(b), byte(c.Availability)) }

func (c *Register) decode(d *message.Reader) {
	c.Kind.decode(d)
	c.Availability = shard.Availability(d.OneOf(int(shard.UntilSilent)+1, "availability"))
}

func (c *Register) carryOut(ctx context.Context, o *Owner) {
	c.store(ctx, o, func() shard.Outcome {
		return o.Host.Register(c.Participant, c.Kind.Kind, c.Availability)
	})
}
