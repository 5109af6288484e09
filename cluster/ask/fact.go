package ask

import (
	"context"

	"github.com/scaiwave/presence/cluster/message"
	"github.com/scaiwave/presence/shard"
	"github.com/scaiwave/presence/shard/codec"
)

// Fact is what commands have in common that store something for good: each is acknowledged when two
// nodes, and their disks, have it. The answer says which disk is to blame if they don't.
type Fact struct {
	Participant string

	result
	words string
}

// Of is a fact of a participant.
func Of(participant string) Fact { return Fact{Participant: participant} }

func (c *Fact) subject() string          { return c.Participant }
func (c *Fact) append(b []byte) []byte   { return codec.AppendText(b, c.Participant) }
func (c *Fact) decode(d *message.Reader) { c.Participant = d.Participant() }

// store carries out what the fact is.
func (c *Fact) store(ctx context.Context, o *Owner, write func() shard.Outcome) {
	c.Outcome, c.words = o.fact(ctx, c.Participant, write)
}

func (c *Fact) appendAnswer(b []byte) []byte {
	return codec.AppendText(c.result.appendAnswer(b), message.Bounded(c.words))
}

func (c *Fact) decodeAnswer(d *message.Reader) {
	c.result.decodeAnswer(d)
	c.words = d.Words()
}

func (c *Fact) err() error {
	if c.words != "" {
		return &DiskError{Words: c.words, Stored: c.Outcome != diskRefuses}
	}
	return c.result.err()
}

// Override stores what a participant picked.
type Override struct {
	Fact
	Override shard.Override
}

func (c *Override) code() byte { return message.OpOverride }

func (c *Override) append(b []byte) []byte { return append(c.Fact.append(b), byte(c.Override)) }

func (c *Override) decode(d *message.Reader) {
	c.Fact.decode(d)
	c.Override = d.Override()
}

func (c *Override) carryOut(ctx context.Context, o *Owner) {
	c.store(ctx, o, func() shard.Outcome { return o.Host.SetOverride(c.Participant, c.Override) })
}

// Kind registers a participant as AI, or as human again.
type Kind struct {
	Fact
	Kind shard.Kind
}

func (c *Kind) code() byte { return message.OpKind }

func (c *Kind) append(b []byte) []byte { return append(c.Fact.append(b), byte(c.Kind)) }

func (c *Kind) decode(d *message.Reader) {
	c.Fact.decode(d)
	c.Kind = shard.Kind(d.OneOf(int(shard.KindHelper)+1, "kind"))
}

func (c *Kind) carryOut(ctx context.Context, o *Owner) {
	c.store(ctx, o, func() shard.Outcome { return o.Host.SetKind(c.Participant, c.Kind) })
}

// Window stores one side of a direct message.
type Window struct {
	Fact
	Peer string
	At   int64 // Unix milliseconds
}

func (c *Window) code() byte { return message.OpWindow }

func (c *Window) append(b []byte) []byte {
	return message.AppendUint64(codec.AppendText(c.Fact.append(b), c.Peer), uint64(c.At))
}

func (c *Window) decode(d *message.Reader) {
	c.Fact.decode(d)
	c.Peer, c.At = d.Participant(), int64(d.Uint64())
}

func (c *Window) carryOut(ctx context.Context, o *Owner) {
	c.store(ctx, o, func() shard.Outcome { return o.Host.OpenWindow(c.Participant, c.Peer, c.At) })
}
