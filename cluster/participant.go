package cluster

import (
	"context"
	"errors"
	"time"

	"github.com/scaiwave/presence/cluster/call"
	"github.com/scaiwave/presence/cluster/link"
	"github.com/scaiwave/presence/cluster/message"
	"github.com/scaiwave/presence/shard"
	"github.com/scaiwave/presence/shard/codec"
)

// SetOverride stores what a participant picked; it is acknowledged when two nodes hold it, or all there are.
func (n *Node) SetOverride(ctx context.Context, participant string, o shard.Override) error {
	return n.setFact(ctx, participant, message.OpOverride, append(codec.AppendText(nil, participant), byte(o)), func() shard.Outcome {
		return n.host.SetOverride(participant, o)
	})
}

// SetKind registers a participant as AI, or as human again; acknowledged like SetOverride.
func (n *Node) SetKind(ctx context.Context, participant string, k shard.Kind) error {
	return n.setFact(ctx, participant, message.OpKind, append(codec.AppendText(nil, participant), byte(k)), func() shard.Outcome {
		return n.host.SetKind(participant, k)
	})
}

// openWindow stores one side of a direct message.
func (n *Node) openWindow(ctx context.Context, participant, peer string, at int64) error {
	payload := message.AppendUint64(codec.AppendText(codec.AppendText(nil, participant), peer), uint64(at))
	return n.setFact(ctx, participant, message.OpWindow, payload, func() shard.Outcome {
		return n.host.OpenWindow(participant, peer, at)
	})
}

// maxParallel is how many direct messages of one call are under way at once.
const maxParallel = 64

// DirectMessages opens or renews windows, both sides of each. errs has the length of dms; errs[i] becomes nil or says why
// the i-th wasn't completed. Sending one again is harmless; one that failed is completed anyway, later,
// unless a disk refused it before anything was stored.
func (n *Node) DirectMessages(ctx context.Context, dms []DirectMessage, errs []error) {
	call.Each(len(dms), maxParallel, func(i int) {
		dm := dms[i]
		at := dm.At.UnixMilli()
		if errs[i] = n.openWindow(ctx, dm.A, dm.B, at); leavesNothing(errs[i]) {
			return
		}
		if errs[i] == nil {
			errs[i] = n.openWindow(ctx, dm.B, dm.A, at)
		}
		if errs[i] != nil && !errors.Is(errs[i], ErrErased) { // either side may be stored, and only the answer lost
			n.finisher.later(side{dm.A, dm.B, at})
			n.finisher.later(side{dm.B, dm.A, at})
		}
	})
}

// leavesNothing reports whether an error says that nothing was stored, nor will be.
func leavesNothing(err error) bool {
	var refused *DiskError
	return errors.As(err, &refused) && !refused.Stored || errors.Is(err, ErrErased)
}

// Inspect reads one participant as viewer sees it; an empty viewer is a stranger. Devices are filled in only if asked for.
func (n *Node) Inspect(ctx context.Context, viewer, id string, devices bool) (r Record, err error) {
	payload := append(codec.AppendText(codec.AppendText(nil, viewer), id), message.Bool(devices))
	_, err = n.caller.Read(ctx, n.partitionOf(id), func(ctx context.Context, at link.Name) (shard.Outcome, error) {
		if at != n.name {
			return n.ask(ctx, at, message.OpInspect, payload, func(d *message.Reader) { r = readRecord(d) })
		}
		var ok bool
		if r, ok = n.host.Inspect(viewer, id, devices); !ok {
			return shard.NotMine, nil
		}
		return shard.Done, nil
	})
	return r, err
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

func appendRecord(b []byte, r *Record) []byte {
	b = append(b, byte(r.State), byte(r.Self), byte(r.Override))
	b = appendTime(appendTime(b, r.LastSeen), r.TrueSeen)
	b = message.AppendUint32(b, len(r.Devices))
	for _, d := range r.Devices {
		b = appendTime(append(codec.AppendText(b, d.ID), byte(d.Activity)), d.LastSeen)
	}
	return b
}

func readRecord(d *message.Reader) Record {
	r := Record{
		State: shard.State(d.Byte()), Self: shard.State(d.Byte()), Override: shard.Override(d.Byte()),
		LastSeen: readTime(d), TrueSeen: readTime(d),
	}
	for range d.Count(1 + 1 + 8) {
		r.Devices = append(r.Devices, Device{ID: d.Text(), Activity: shard.Activity(d.Byte()), LastSeen: readTime(d)})
	}
	return r
}
