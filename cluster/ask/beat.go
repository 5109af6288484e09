package ask

import (
	"context"
	"encoding/binary"
	"slices"
	"sync"

	"github.com/scaiwave/presence/cluster/link"
	"github.com/scaiwave/presence/cluster/message"
	"github.com/scaiwave/presence/shard"
	"github.com/scaiwave/presence/shard/host"
)

// Flip is a heartbeat by handle, with what the device reports.
type Flip struct {
	Handle   host.Handle
	Activity shard.Activity

	result
}

func (c *Flip) code() byte { return message.OpFlip }

func (c *Flip) append(b []byte) []byte {
	return append(message.AppendHandle(b, c.Handle), byte(c.Activity))
}

func (c *Flip) decode(d *message.Reader) { c.Handle, c.Activity = d.Handle(), d.Activity() }

func (c *Flip) carryOut(ctx context.Context, o *Owner) { c.Outcome = o.Beat(ctx, c.Handle, c.Activity) }

// Beat is Flip of a device that is owned here. One that changes nothing waits for nothing.
func (o *Owner) Beat(ctx context.Context, handle host.Handle, a shard.Activity) shard.Outcome {
	out, changed := o.Host.Beat(handle, a)
	if changed {
		o.flipped(ctx, int(handle.Partition))
	}
	return out
}

// Rest is a sign of life by handle of a device whose socket only answers pings.
type Rest struct {
	Handle host.Handle

	result
}

func (c *Rest) code() byte               { return message.OpRest }
func (c *Rest) append(b []byte) []byte   { return message.AppendHandle(b, c.Handle) }
func (c *Rest) decode(d *message.Reader) { c.Handle = d.Handle() }

func (c *Rest) carryOut(ctx context.Context, o *Owner) {
	var changed bool
	if c.Outcome, changed = o.Host.Rest(c.Handle); changed {
		o.flipped(ctx, int(c.Handle.Partition))
	}
}

// beatBatch is what TakeBeats works with, used again and again.
type beatBatch struct {
	handles  []host.Handle
	outcomes []shard.Outcome
}

var beatBatches = sync.Pool{New: func() any { return new(beatBatch) }}

// TakeBeats takes packed heartbeats. Only those that didn't count are answered.
func (o *Owner) TakeBeats(c *link.Conn, payload []byte) {
	b := beatBatches.Get().(*beatBatch)
	defer beatBatches.Put(b)
	b.handles = b.handles[:0]
	for p := payload; len(p) >= message.BeatSize; p = p[message.BeatSize:] {
		b.handles = append(b.handles, host.Handle{
			Partition: binary.BigEndian.Uint16(p),
			Ref:       shard.Ref{Slot: binary.BigEndian.Uint32(p[2:]), Generation: binary.BigEndian.Uint32(p[6:])},
		})
	}
	b.outcomes = slices.Grow(b.outcomes[:0], len(b.handles))[:len(b.handles)]
	o.Host.Touch(b.handles, b.outcomes)
	for i, out := range b.outcomes {
		if out != shard.Done {
			token := payload[(i+1)*message.BeatSize-4 : (i+1)*message.BeatSize]
			// One that is lost is found at the next heartbeat.
			_ = c.Pack(message.OpExceptions, append(token[:4:4], byte(out)))
		}
	}
}
