package cluster

import (
	"context"
	"errors"
	"time"

	"github.com/scaiwave/presence/cluster/link"
	"github.com/scaiwave/presence/shard"
)

// SetOverride stores what a participant picked; it is acknowledged when two nodes hold it, or all there are.
func (n *Node) SetOverride(ctx context.Context, participant string, o shard.Override) error {
	return n.setFact(ctx, participant, opOverride, append(appendText(nil, participant), byte(o)), func() shard.Outcome {
		return n.host.SetOverride(participant, o)
	})
}

// SetKind registers a participant as AI, or as human again; acknowledged like SetOverride.
func (n *Node) SetKind(ctx context.Context, participant string, k shard.Kind) error {
	return n.setFact(ctx, participant, opKind, append(appendText(nil, participant), byte(k)), func() shard.Outcome {
		return n.host.SetKind(participant, k)
	})
}

// openWindow stores one side of a direct message.
func (n *Node) openWindow(ctx context.Context, participant, peer string, at int64) error {
	payload := appendUint64(appendText(appendText(nil, participant), peer), uint64(at))
	return n.setFact(ctx, participant, opWindow, payload, func() shard.Outcome {
		return n.host.OpenWindow(participant, peer, at)
	})
}

// maxParallel is how many direct messages of one call are under way at once.
const maxParallel = 64

// DirectMessages opens or renews windows, both sides of each. errs has the length of dms; errs[i] becomes nil or says why
// the i-th wasn't completed. Sending one again is harmless; one that failed is completed anyway, later,
// unless a disk refused it before anything was stored.
func (n *Node) DirectMessages(ctx context.Context, dms []DirectMessage, errs []error) {
	each(len(dms), maxParallel, func(i int) {
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
	payload := append(appendText(appendText(nil, viewer), id), boolByte(devices))
	_, err = n.read(ctx, n.partitionOf(id), func(ctx context.Context, at link.Name) (shard.Outcome, error) {
		if at != n.name {
			return n.ask(ctx, at, opInspect, payload, func(d *decoder) { r = d.record() })
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
		return appendUint64(b, 0)
	}
	return appendUint64(b, uint64(t.UnixMilli()))
}

func (d *decoder) time() time.Time {
	ms := int64(d.uint64())
	if ms == 0 {
		return time.Time{}
	}
	return time.UnixMilli(ms)
}

func appendRecord(b []byte, r *Record) []byte {
	b = append(b, byte(r.State), byte(r.Self), byte(r.Override))
	b = appendTime(appendTime(b, r.LastSeen), r.TrueSeen)
	b = appendUint32(b, len(r.Devices))
	for _, d := range r.Devices {
		b = appendTime(append(appendText(b, d.ID), byte(d.Activity)), d.LastSeen)
	}
	return b
}

func (d *decoder) record() Record {
	r := Record{
		State: shard.State(d.byte()), Self: shard.State(d.byte()), Override: shard.Override(d.byte()),
		LastSeen: d.time(), TrueSeen: d.time(),
	}
	for range d.count(1 + 1 + 8) {
		r.Devices = append(r.Devices, Device{ID: d.text(), Activity: shard.Activity(d.byte()), LastSeen: d.time()})
	}
	return r
}
