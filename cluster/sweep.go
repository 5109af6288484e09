package cluster

import (
	"context"
	"slices"
	"sync"
	"time"

	"github.com/scaiwave/presence/cluster/link"
	"github.com/scaiwave/presence/cluster/message"
	"github.com/scaiwave/presence/shard"
	"github.com/scaiwave/presence/shard/host"
)

// sweepAfter is when it is swept after a change of the members, who may have anything: when they have
// handed over, once more, and then each minute.
var sweepAfter = [...]time.Duration{3 * time.Second, 5 * time.Second, time.Minute}

// swept is what this node's files have been written anew for, and what sweeps have learnt.
type swept struct {
	mu     sync.Mutex
	all    shard.Erasures
	struck int64 // host.Host.Struck at that time

	once   sync.Mutex             // a sweep at a time
	learnt map[int]shard.Erasures // by partition, what its owner has last been known to remember
	sum    shard.Erasures         // of all that; nil: to be made
}

// shortenFor has the files written anew if they may have something of those who are erased.
func (n *Node) shortenFor(all shard.Erasures) {
	if n.mayBeInFiles(all) {
		n.store.Shorten()
	}
}

// mayBeInFiles reports whether something was struck since the last call, or an erasure is new to this
// process, of an id that may have been here before.
func (n *Node) mayBeInFiles(all shard.Erasures) bool {
	n.swept.mu.Lock()
	defer n.swept.mu.Unlock()
	var news []shard.Erasure
	for _, e := range all {
		if !n.swept.all.Has(e) {
			news = append(news, e)
		}
	}
	if len(news) > 0 {
		n.swept.all = shard.Collect(append(n.swept.all, news...))
	}
	struck := n.host.Struck()
	mayHave := func(e shard.Erasure) bool { return n.host.MayHaveLeft(e.Hash) }
	before := n.swept.struck
	n.swept.struck = struck
	return struck != before || slices.ContainsFunc(news, mayHave)
}

// sweep sweeps now and then.
func (n *Node) sweep(ctx context.Context) {
	for i := 0; ctx.Err() == nil; {
		v := n.view.Load()
		v.Wait(ctx, sweepAfter[min(i, len(sweepAfter)-1)])
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
	if len(all) > 0 {
		n.host.Strike(all)
	}
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

// gatherErasures are those that the owners remember. It is whole if all have answered. An owner sends
// only what this node doesn't know from it yet.
func (n *Node) gatherErasures(ctx context.Context) (all shard.Erasures, whole bool) {
	ctx, cancel := context.WithTimeout(ctx, bulkTimeout)
	defer cancel()
	n.swept.once.Lock()
	defer n.swept.once.Unlock()
	whole = true
	v := n.view.Load()
	for _, m := range v.Members {
		if !v.Owns(m.Name) && m.Name != n.name {
			continue
		}
		if err := n.learnErasures(ctx, m.Name); err != nil {
			n.log.Debug("erasures", "peer", m.Name.ID, "error", err)
			whole = false
		}
	}
	return n.swept.together(), whole
}

// learnErasures asks an owner, page by page.
func (n *Node) learnErasures(ctx context.Context, at link.Name) error {
	for more := true; more; {
		known := n.swept.digests()
		var news []host.Remembered
		if at == n.name {
			news, more = n.host.Erasures(known, erasuresPage)
		} else {
			err := n.caller.Call(ctx, at, link.Bulk, message.OpErasures, appendDigests(nil, known), func(reply []byte) error {
				d := message.NewReader(reply)
				news, more = readRemembered(d, n.partitions)
				return d.End()
			})
			if err != nil {
				return err
			}
		}
		n.swept.learn(news)
		more = more && len(news) > 0
	}
	return nil
}

func (s *swept) digests() map[int]uint64 {
	known := make(map[int]uint64, len(s.learnt))
	for p, all := range s.learnt {
		known[p] = all.Digest()
	}
	return known
}

func (s *swept) learn(news []host.Remembered) {
	if s.learnt == nil {
		s.learnt = make(map[int]shard.Erasures)
	}
	if len(news) > 0 {
		s.sum = nil
	}
	for _, r := range news {
		if len(r.All) == 0 {
			delete(s.learnt, r.Partition)
		} else {
			s.learnt[r.Partition] = r.All
		}
	}
}

// together is all that was learnt. Who doesn't remember an erasure may have messages from after it
// that aren't later than all before, so these are left to those who do.
func (s *swept) together() shard.Erasures {
	if s.sum != nil {
		return s.sum
	}
	var all []shard.Erasure
	for _, some := range s.learnt {
		all = append(all, some...)
	}
	for i := range all {
		all[i].Newest = all[i].At
	}
	s.sum = shard.Collect(all)
	return s.sum
}
