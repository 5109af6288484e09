package handoff

import "time"

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

// said is what is said to other nodes; gateway: this node is one.
func (b *book) said(gateway bool) stage {
	if b.stage == formed && (!b.ripe || gateway) {
		return fresh
	}
	return b.stage
}

// heard is what another node means by what it says.
func heard(said stage) (is stage, ripe bool) {
	if said == fresh {
		return formed, false
	}
	return said, said == formed
}
