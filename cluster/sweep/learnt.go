package sweep

import (
	"github.com/scaiwave/presence/shard"
	"github.com/scaiwave/presence/shard/host"
)

// learnt is, by partition, what its owner has last been known to remember.
type learnt struct {
	all map[int]shard.Erasures
	sum shard.Erasures // of all that; nil: to be made
}

func (l *learnt) digests() map[int]uint64 {
	known := make(map[int]uint64, len(l.all))
	for p, all := range l.all {
		known[p] = all.Digest()
	}
	return known
}

func (l *learnt) learn(news []host.Remembered) {
	if l.all == nil {
		l.all = make(map[int]shard.Erasures)
	}
	if len(news) > 0 {
		l.sum = nil
	}
	for _, r := range news {
		if len(r.All) == 0 {
			delete(l.all, r.Partition)
		} else {
			l.all[r.Partition] = r.All
		}
	}
}

// together is all that was learnt. A node that doesn't remember an erasure may have messages from
// after it that aren't later than all before, so these are left to those that do.
func (l *learnt) together() shard.Erasures {
	if l.sum != nil {
		return l.sum
	}
	var all []shard.Erasure
	for _, some := range l.all {
		all = append(all, some...)
	}
	for i := range all {
		all[i].Newest = all[i].At
	}
	l.sum = shard.Collect(all)
	return l.sum
}
