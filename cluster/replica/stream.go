package replica

import (
	"context"

	"github.com/scaiwave/presence/cluster/link"
)

// stream is what goes to one backup.
type stream struct {
	// static
	target link.Name
	wake   chan struct{} // one slot
	stop   context.CancelFunc

	// under Mirror.mu
	dirty   []int  // partitions
	refused []int  // of these, what the target did not take: tried again after a while
	waiting int    // facts
	call    uint64 // the number of the one under way; 0: none is
	slow    bool   // it has answered pulses, and a call not for slowAfter, or it is cut off
}

// MaxFacts is how many facts may wait for one backup.
const MaxFacts = 1024

// hopeless reports whether a wait for a partition of this stream is in vain, or one too many.
func (s *stream) hopeless(p *part, fact bool) bool {
	return s.slow || fact && (s.waiting >= MaxFacts || p.inMemory())
}

// add puts a partition on the list.
func (s *stream) add(partition int) {
	s.dirty = append(s.dirty, partition)
	select {
	case s.wake <- struct{}{}:
	default:
	}
}
