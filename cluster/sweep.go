package cluster

import (
	"context"
	"slices"
	"sync"
	"time"

	"github.com/scaiwave/presence/cluster/link"
	"github.com/scaiwave/presence/shard"
)

// sweepAfter is when it is swept after a change of the members, who may have anything: when they have
// handed over, once more, and then each minute.
var sweepAfter = [...]time.Duration{3 * time.Second, 5 * time.Second, time.Minute}

// swept is what this node's files have been written anew for.
type swept struct {
	mu     sync.Mutex
	all    shard.Erasures
	struck int64 // host.Host.Struck at that time
}

// shortenFor has the files written anew if they may have something of those who are erased: an
// erasure is new to this process, or something was struck since.
func (n *Node) shortenFor(all shard.Erasures) {
	n.swept.mu.Lock()
	defer n.swept.mu.Unlock()
	news := n.host.Struck() != n.swept.struck
	for _, e := range all {
		news = n.swept.all.Add(e) || news
	}
	if n.swept.struck = n.host.Struck(); news {
		n.store.shortenSoon()
	}
}

// sweep sweeps now and then.
func (n *Node) sweep(ctx context.Context) {
	for i := 0; ctx.Err() == nil; {
		v := n.view.Load()
		waitFor(ctx, v, sweepAfter[min(i, len(sweepAfter)-1)])
		switch {
		case ctx.Err() != nil:
		case n.view.Load() != v:
			i = 0
		default:
			n.sweepOnce(ctx)
			i++
		}
	}
}

// sweepOnce forgets what came back here of those who are erased.
func (n *Node) sweepOnce(ctx context.Context) {
	all, whole := n.gatherErasures(ctx)
	n.host.Strike(all)
	n.shortenFor(all)
	if whole {
		n.keepSwept(all)
	}
}

// keepSwept forgets those that nobody remembers any more.
func (n *Node) keepSwept(all shard.Erasures) {
	n.swept.mu.Lock()
	defer n.swept.mu.Unlock()
	n.swept.all = slices.DeleteFunc(n.swept.all, func(e shard.Erasure) bool { return !all.Has(e) })
}

// gatherErasures are those that the owners remember. It is whole if all have answered.
func (n *Node) gatherErasures(ctx context.Context) (all shard.Erasures, whole bool) {
	ctx, cancel := context.WithTimeout(ctx, bulkTimeout)
	defer cancel()
	all, whole = n.host.Erasures(), true
	v := n.view.Load()
	for _, m := range v.members {
		if !v.owns(m.Name) || m.Name == n.name {
			continue
		}
		err := n.call(ctx, m.Name, link.Bulk, opErasures, nil, func(reply []byte) error {
			d := decoder{b: reply}
			for _, e := range d.erasures() {
				all.Add(e)
			}
			return d.end()
		})
		if err != nil {
			n.log.Debug("erasures", "peer", m.Name.ID, "error", err)
			whole = false
		}
	}
	return all, whole
}
