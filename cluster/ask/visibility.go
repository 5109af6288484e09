package ask

import (
	"context"

	"github.com/scaiwave/presence/cluster/message"
	"github.com/scaiwave/presence/shard"
	"github.com/scaiwave/presence/shard/codec"
	"github.com/scaiwave/presence/shard/host"
)

// Edges stores what a backend says about viewers of a participant. Each has an outcome of its own.
type Edges struct {
	Fact
	All      []host.Edge
	Outcomes []shard.Outcome // of the same length
}

func (c *Edges) code() byte { return message.OpEdges }

func (c *Edges) append(b []byte) []byte {
	b = message.AppendUint32(c.Fact.append(b), len(c.All))
	for _, e := range c.All {
		b = message.AppendUint64(append(codec.AppendText(b, e.Viewer), byte(e.Allow)), uint64(e.Until))
	}
	return b
}

func (c *Edges) decode(d *message.Reader) {
	c.Fact.decode(d)
	c.All = make([]host.Edge, d.Count(1+1+8))
	for i := range c.All {
		c.All[i].Viewer = d.Participant()
		c.All[i].Allow = shard.Allowance(d.OneOf(int(shard.Deny)+1, "allowance"))
		c.All[i].Until = d.Millis()
	}
	c.Outcomes = make([]shard.Outcome, len(c.All))
}

func (c *Edges) carryOut(ctx context.Context, o *Owner) {
	c.store(ctx, o, func() shard.Outcome { return o.Host.SetEdges(c.Participant, c.All, c.Outcomes) })
}

func (c *Edges) appendAnswer(b []byte) []byte {
	b = c.Fact.appendAnswer(b)
	for _, o := range c.Outcomes {
		b = append(b, byte(o))
	}
	return b
}

func (c *Edges) decodeAnswer(d *message.Reader) {
	c.Fact.decodeAnswer(d)
	for i, o := range d.Take(len(c.All)) {
		c.Outcomes[i] = shard.Outcome(o)
	}
}

// Block blocks a viewer, or ends that.
type Block struct {
	Fact
	Viewer  string
	Blocked bool
}

func (c *Block) code() byte { return message.OpBlock }

func (c *Block) append(b []byte) []byte {
	return append(codec.AppendText(c.Fact.append(b), c.Viewer), message.Bool(c.Blocked))
}

func (c *Block) decode(d *message.Reader) {
	c.Fact.decode(d)
	c.Viewer, c.Blocked = d.Participant(), d.OneOf(2, "block") == 1
}

func (c *Block) carryOut(ctx context.Context, o *Owner) {
	c.store(ctx, o, func() shard.Outcome { return o.Host.SetBlock(c.Participant, c.Viewer, c.Blocked) })
}

// SetVisibility stores what a participant has set about who sees what.
type SetVisibility struct {
	Fact
	Change shard.VisibilityChange
}

func (c *SetVisibility) code() byte { return message.OpVisibility }

func (c *SetVisibility) append(b []byte) []byte {
	v := &c.Change
	return append(c.Fact.append(b),
		message.Bool(v.SetAudience), byte(v.Audience), message.Bool(v.SetLastSeen), byte(v.LastSeen))
}

func (c *SetVisibility) decode(d *message.Reader) {
	c.Fact.decode(d)
	c.Change.SetAudience = d.OneOf(2, "mark") == 1
	c.Change.Audience = shard.Audience(d.OneOf(int(shard.AudienceAllowed)+1, "audience"))
	c.Change.SetLastSeen = d.OneOf(2, "mark") == 1
	c.Change.LastSeen = shard.SeenPolicy(d.OneOf(int(shard.SeenHidden)+1, "last_seen"))
}

func (c *SetVisibility) carryOut(ctx context.Context, o *Owner) {
	c.store(ctx, o, func() shard.Outcome { return o.Host.SetVisibility(c.Participant, c.Change) })
}

// Room asks whether a participant could take the window that a message opens for a viewer. The
// owner alone knows.
type Room struct {
	Participant, Viewer string
	At                  int64 // Unix milliseconds of the message

	result
}

func (c *Room) code() byte      { return message.OpRoom }
func (c *Room) subject() string { return c.Participant }

func (c *Room) append(b []byte) []byte {
	b = codec.AppendText(codec.AppendText(b, c.Participant), c.Viewer)
	return message.AppendUint64(b, uint64(c.At))
}

func (c *Room) decode(d *message.Reader) {
	c.Participant, c.Viewer, c.At = d.Participant(), d.Participant(), int64(d.Uint64())
}

func (c *Room) carryOut(_ context.Context, o *Owner) {
	c.Outcome = o.Host.HasRoom(c.Participant, c.Viewer, c.At)
}

// Visibility reads what a participant has said about who may see it.
type Visibility struct {
	Participant string

	result
	Said host.Said
}

func (c *Visibility) code() byte               { return message.OpVisibleTo }
func (c *Visibility) subject() string          { return c.Participant }
func (c *Visibility) append(b []byte) []byte   { return codec.AppendText(b, c.Participant) }
func (c *Visibility) decode(d *message.Reader) { c.Participant = d.Participant() }

func (c *Visibility) carryOut(_ context.Context, o *Owner) {
	var ok bool
	c.Said, ok = o.Host.Said(c.Participant)
	c.found(ok)
}

func (c *Visibility) appendAnswer(b []byte) []byte {
	s := &c.Said
	b = append(c.result.appendAnswer(b), byte(s.Counts.Audience), byte(s.Counts.LastSeen))
	b = append(b, byte(s.Set.Audience), byte(s.Set.LastSeen))
	b = message.AppendUint32(b, len(s.Blocks))
	for _, k := range s.Blocks {
		b = appendTime(codec.AppendText(b, k.Viewer), k.Since)
	}
	b = message.AppendUint32(b, len(s.Edges))
	for _, e := range s.Edges {
		b = appendTime(appendTime(append(message.AppendUint64(b, e.Viewer), byte(e.Allow)), e.Since), e.End)
	}
	return message.AppendUint32(message.AppendUint32(b, s.Opaque.Facts), s.Opaque.Bytes)
}

func (c *Visibility) decodeAnswer(d *message.Reader) {
	c.result.decodeAnswer(d)
	s := host.Said{Counts: readVisibility(d), Set: readVisibility(d)}
	for range d.Count(1 + 8) {
		s.Blocks = append(s.Blocks, host.KeptBlock{Viewer: d.Text(), Since: readTime(d)})
	}
	for range d.Count(8 + 1 + 8 + 8) {
		s.Edges = append(s.Edges, host.KeptEdge{
			Viewer: d.Uint64(), Allow: shard.Allowance(d.Byte()), Since: readTime(d), End: readTime(d),
		})
	}
	s.Opaque = shard.Opaque{Facts: int(d.Uint32()), Bytes: int(d.Uint32())}
	c.Said = s
}

func readVisibility(d *message.Reader) shard.Visibility {
	return shard.Visibility{Audience: shard.Audience(d.Byte()), LastSeen: shard.SeenPolicy(d.Byte())}
}
