package cluster

import (
	"context"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"github.com/scaiwave/presence/cluster/call"
	"github.com/scaiwave/presence/cluster/keep"
	"github.com/scaiwave/presence/cluster/link"
	"github.com/scaiwave/presence/cluster/message"
	"github.com/scaiwave/presence/cluster/view"
	"github.com/scaiwave/presence/shard/codec"
)

// disks is what nodes tell each other of their data directories. See package keep.
type disks struct {
	// static
	self    link.Name
	store   *keep.Store // nil: nothing is kept
	caller  *call.Caller
	views   *atomic.Pointer[view.View]
	running *sync.WaitGroup
	log     *slog.Logger

	others keep.Complaints
}

// remark is what an operator should know of this node's disk. Such a node is ready: it serves
// sockets, heartbeats and reads as well as any other, and participants that it owns it owns
// whichever node their clients talk to. Out of the balancer it would help nobody, and all nodes
// with a full disk would be an outage.
func (d *disks) remark() string {
	words := d.store.Words()
	if words == "" {
		return ""
	}
	return words + ": overrides, registrations and direct messages of those whom this node owns or is the backup of" +
		" are refused until that is mended"
}

const tellTimeout = 400 * time.Millisecond

// tell tells all other nodes of this one's disk, until ctx ends.
func (d *disks) tell(ctx context.Context) {
	d.store.Tell(ctx, func(words string) { d.tellAll(ctx, words) })
}

// tellAll does not wait for the answers: one that is lost comes again, or ends by itself.
func (d *disks) tellAll(ctx context.Context, words string) {
	for _, name := range d.views.Load().Others(d.self) {
		d.running.Go(func() {
			ctx, cancel := context.WithTimeout(ctx, tellTimeout)
			defer cancel()
			payload, ignore := codec.AppendText(nil, words), func([]byte) error { return nil }
			if err := d.caller.Call(ctx, name, link.Hot, message.OpDisk, payload, ignore); err != nil {
				d.log.Debug("a node was not told of the disk", "peer", name.ID, "error", err)
			}
		})
	}
}

// takeWords is the other side of tellAll.
func (d *disks) takeWords(_ context.Context, from link.Name, r *message.Reader) ([]byte, error) {
	words := message.Bounded(r.Words())
	if err := r.End(); err != nil {
		return nil, err
	}
	d.others.Set(from, words)
	return nil, nil
}
