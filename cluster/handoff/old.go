package handoff

import (
	"time"

	"github.com/scaiwave/presence/cluster/link"
)

// HasOld notes that what was loaded is old: it counts only where the others have not gone on
// without this node.
func (s *Steward) HasOld() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.book.old = true
}

// undecided reports whether it isn't known yet if what is here of a partition counts.
func (s *Steward) undecided(partition int) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.book.undecided(s.Host.Lapsed(partition))
}

// dropOld forgets what an old disk had: the cluster has gone on without this node.
func (s *Steward) dropOld() {
	s.copies.Lock()
	defer s.copies.Unlock()
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.book.old {
		return
	}
	s.book.old = false
	dropped := 0
	for p := range s.Count {
		if s.Host.Lapsed(p) {
			s.Host.Drop(p)
			s.Store.Forget(p)
			dropped++
		}
	}
	s.Store.Shorten() // participants that were erased meanwhile are in it
	s.Logger.Warn("what is on disk is too old to be merged with what others know; it is left out", "partitions", dropped)
}

// ripen notes since when the cluster has formed, and that it is ripe. s.mu is held.
func (s *Steward) ripen() {
	switch {
	case s.book.stage != formed:
	case s.formed.IsZero():
		s.formed = time.Now()
	case time.Since(s.formed) > waitForOthers:
		s.book.ripe = true
	}
}

// stageFor is what is said to another node. One of protocol 6 knows no fresh clusters. s.mu is
// held.
func (s *Steward) stageFor(to link.Name, b *book) stage {
	if b.stage == formed && (!b.ripe || s.Gateway) && s.Peers.TakesExtras(to) {
		return fresh
	}
	return b.stage
}

// stageFrom reads what another node has said. One of protocol 6 doesn't say whether it is ripe.
func (s *Steward) stageFrom(name link.Name, said stage) (is stage, ripe bool) {
	if said == fresh {
		return formed, false
	}
	return said, said == formed && s.Peers.TakesExtras(name)
}
