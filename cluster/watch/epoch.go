package watch

import (
	"github.com/scaiwave/presence/cluster/link"
	"github.com/scaiwave/presence/shard/host"
)

// An owner's views have an order of their own. So that those of two owners can be compared, each
// new owner of a partition begins an epoch, which is the high part of the Order that the sink sees.

// orderBits is how much of an Order is the owner's own count.
const orderBits = 40

// epochs are those of all partitions, by number.
type epochs []epoch

type epoch struct {
	source link.Name // whose changes count
	number uint32
	warmed bool // the sockets here were announced to this owner, which had lost them
}

func (e epoch) order(own uint64) uint64 {
	return uint64(e.number)<<orderBits | own&(1<<orderBits-1)
}

// verdict is what follows from an answer to a watch.
type verdict int

const (
	adopted verdict = iota // nothing
	late                   // it was a former owner's: the partition is to be watched again
	lost                   // the owner has lost the sockets here, and says so for the first time
)

// adopt puts an answer into the epoch of the node that gave it. owner is the owner of the partition
// in the newest view: a former one's answer that comes late must not end the owner's epoch.
func (all epochs) adopt(partition int, source, owner link.Name, s *host.Sight) verdict {
	e := &all[partition]
	switch {
	case s.Answer < host.Glimpsed:
		return adopted // it is a copy's, and older than all of the owner's
	case e.source == owner && source != owner:
		return late
	case e.source != source:
		*e = epoch{source: source, number: e.number + 1}
	}
	s.View.Order = e.order(s.View.Order)
	if s.Answer != host.Warming || e.warmed {
		return adopted
	}
	e.warmed = true
	return lost
}

// end ends the epoch of a partition that its source has ceased to serve. Whoever answers next may
// know more.
func (all epochs) end(partition int, source link.Name) {
	if e := &all[partition]; e.source == source {
		e.source = link.Name{}
	}
}

// place puts a change into its epoch. It reports whether the change counts: whether the node that
// tells of it is the source of the epoch.
func (all epochs) place(partition int, source link.Name, u *host.Update) bool {
	e := all[partition]
	if e.source != source {
		return false
	}
	u.View.Order = e.order(u.View.Order)
	for i := range u.Words {
		u.Words[i].Order = e.order(u.Words[i].Order)
	}
	return true
}
