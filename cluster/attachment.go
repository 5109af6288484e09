package cluster

import (
	"context"
	"sync/atomic"

	"github.com/scaiwave/presence/cluster/ask"
	"github.com/scaiwave/presence/cluster/call"
	"github.com/scaiwave/presence/cluster/link"
	"github.com/scaiwave/presence/shard"
	"github.com/scaiwave/presence/shard/host"
)

// Attachment is one socket's device at its owner, made by Attach.
type Attachment struct {
	Participant string        // static
	Device      string        // static
	Session     shard.Version // stamp of this hello; the higher session owns the device
	partition   int           // static

	activity atomic.Uint32 // last reported
	busy     chan struct{} // one slot: guards the rest, also over a call to another node
	handle   host.Handle
	owner    link.Name // whose handle it is
	token    uint32    // by which owners name it to this node
}

// Activity is what the device last reported.
func (at *Attachment) Activity() shard.Activity {
	return shard.Activity(at.activity.Load())
}

// take locks the attachment until give, or fails when ctx is done.
func (at *Attachment) take(ctx context.Context) error {
	select {
	case at.busy <- struct{}{}:
		return nil
	default: // taken: only then it is worth looking at ctx, which makes a select several times as dear
	}
	select {
	case at.busy <- struct{}{}:
		return nil
	case <-ctx.Done():
		return call.Unavailable(ctx.Err(), nil)
	}
}

func (at *Attachment) give() { <-at.busy }

// eviction closes the sockets of this session.
func (at *Attachment) eviction(r EvictReason) Eviction {
	return Eviction{Participant: at.Participant, Device: at.Device, Below: at.Session + 1, Reason: r}
}

func (at *Attachment) device() ask.DeviceOf {
	return ask.DeviceOf{Participant: at.Participant, Device: at.Device}
}

func (at *Attachment) session() ask.SessionOf {
	return ask.SessionOf{DeviceOf: at.device(), Session: at.Session}
}
