package gateway

import (
	"github.com/scaiwave/presence/gateway/wire"
	"github.com/scaiwave/presence/shard"
)

// visibilityBody is the body of PUT /v1/participants/{participant}/visibility. A null goes back to
// what counts for those who have set nothing.
type visibilityBody struct {
	Default  wire.Nullable[string] `json:"default"`
	LastSeen wire.Nullable[string] `json:"last_seen"`
}

func (*visibilityBody) nulls() []string { return []string{"default", "last_seen"} }

func (b *visibilityBody) parse() (v shard.VisibilityChange, err error) {
	if !b.Default.There && !b.LastSeen.There {
		return v, wire.Errorf(wire.BadRequest, "nothing is set; give default, last_seen or both")
	}
	v.SetAudience, v.SetLastSeen = b.Default.There, b.LastSeen.There
	if text := b.Default.Value; text != nil {
		v.Audience, err = shard.ParseAudience(*text)
	}
	if text := b.LastSeen.Value; text != nil && err == nil {
		v.LastSeen, err = shard.ParseSeenPolicy(*text)
	}
	if err != nil {
		return v, wire.Errorf(wire.BadRequest, "%v, or null", err)
	}
	return v, nil
}

// putVisibility is PUT /v1/participants/{participant}/visibility.
func putVisibility(c *call) error {
	var body visibilityBody
	if err := c.decode(&body); err != nil {
		return err
	}
	change, err := body.parse()
	if err != nil {
		return err
	}
	ctx, cancel := c.writing()
	defer cancel()
	return c.acknowledge(c.s.people.SetVisibility(ctx, c.of, change))
}

// getVisibility is GET /v1/participants/{participant}/visibility.
func getVisibility(c *call) error {
	ctx, cancel := c.reading()
	defer cancel()
	v, err := c.s.people.Visibility(ctx, c.of)
	if err != nil {
		return err
	}
	c.out = append(c.out[:0], `{"default":"`...)
	c.out = append(c.out, v.Audience.String()...)
	c.out = append(c.out, `","last_seen":"`...)
	c.out = append(c.out, v.LastSeen.String()...)
	return c.json(append(c.out, `"}`...))
}

// putBlock is PUT /v1/participants/{participant}/blocks/{viewer}.
func putBlock(c *call) error { return c.setBlock(true) }

// deleteBlock is DELETE /v1/participants/{participant}/blocks/{viewer}.
func deleteBlock(c *call) error { return c.setBlock(false) }

func (c *call) setBlock(blocked bool) error {
	if c.viewer == c.of {
		return wire.Errorf(wire.BadRequest, "participant and viewer are one; nobody blocks themselves")
	}
	ctx, cancel := c.writing()
	defer cancel()
	return c.acknowledge(c.s.people.SetBlock(ctx, c.of, c.viewer, blocked))
}

// getBlocks is GET /v1/participants/{participant}/blocks. Blocks count as ids do.
func getBlocks(c *call) error {
	ctx, cancel := c.reading()
	defer cancel()
	viewers, err := c.s.people.Blocks(ctx, c.of)
	if err != nil {
		return err
	}
	if err := c.payList(len(viewers)); err != nil {
		return err
	}
	c.out = append(c.out[:0], `{"blocks":[`...)
	for i, v := range viewers {
		c.out = wire.AppendString(separate(c.out, i), v)
	}
	return c.json(append(c.out, "]}"...))
}
