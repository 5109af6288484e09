package ask

import (
	"context"
	"time"

	"github.com/scaiwave/presence/cluster/message"
	"github.com/scaiwave/presence/shard"
	"github.com/scaiwave/presence/shard/codec"
	"github.com/scaiwave/presence/shard/host"
)

// Inspect reads one participant as a viewer sees it.
type Inspect struct {
	Viewer  string // empty: a stranger
	ID      string
	Devices bool // they are read, too

	result
	Record host.Record
}

func (c *Inspect) code() byte      { return message.OpInspect }
func (c *Inspect) subject() string { return c.ID }

func (c *Inspect) append(b []byte) []byte {
	return append(codec.AppendText(codec.AppendText(b, c.Viewer), c.ID), message.Bool(c.Devices))
}

func (c *Inspect) decode(d *message.Reader) {
	c.Viewer, c.ID, c.Devices = d.Viewer(), d.Participant(), d.Byte() == 1
}

func (c *Inspect) carryOut(_ context.Context, o *Owner) {
	var ok bool
	c.Record, ok = o.Host.Inspect(c.Viewer, c.ID, c.Devices)
	c.found(ok)
}

func (c *Inspect) appendAnswer(b []byte) []byte {
	r := &c.Record
	b = append(c.result.appendAnswer(b), byte(r.State), byte(r.Self), byte(r.Override))
	b = appendTime(appendTime(b, r.LastSeen), r.TrueSeen)
	b = message.AppendUint32(b, len(r.Devices))
	for _, d := range r.Devices {
		b = appendTime(append(codec.AppendText(b, d.ID), byte(d.Activity)), d.LastSeen)
	}
	return b
}

func (c *Inspect) decodeAnswer(d *message.Reader) {
	c.result.decodeAnswer(d)
	c.Record = host.Record{
		State: shard.State(d.Byte()), Self: shard.State(d.Byte()), Override: shard.Override(d.Byte()),
		LastSeen: readTime(d), TrueSeen: readTime(d),
	}
	for range d.Count(1 + 1 + 8) {
		one := host.Device{ID: d.Text(), Activity: shard.Activity(d.Byte()), LastSeen: readTime(d)}
		c.Record.Devices = append(c.Record.Devices, one)
	}
}

func appendTime(b []byte, t time.Time) []byte {
	if t.IsZero() {
		return message.AppendUint64(b, 0)
	}
	return message.AppendUint64(b, uint64(t.UnixMilli()))
}

func readTime(d *message.Reader) time.Time {
	ms := int64(d.Uint64())
	if ms == 0 {
		return time.Time{}
	}
	return time.UnixMilli(ms)
}
