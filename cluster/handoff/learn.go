package handoff

// form notes that a round is over, if it is.
func (s *Steward) form(i instant) {
	s.at(i, func(b *book) {
		if b.asked && s.wanted(i.View) == 0 {
			if trusted := b.over(s.Gateway); trusted != nil {
				s.Host.Trust(trusted)
				s.keepBare(b, trusted)
			}
		}
	})
}

// learn notes what an answer says of the cluster.
func (s *Steward) learn(a answer) {
	if s.note(a) {
		s.dropOld()
	}
}

// note is learn, without the deed; ripe reports whether the cluster is.
func (s *Steward) note(a answer) (ripe bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.book.learn(a) {
		s.Host.Outdate()
	}
	return s.book.ripe
}

// stage is how far the cluster has come, for all that is known here.
func (s *Steward) stage() stage {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.book.stage
}

func (s *Steward) hasFormed() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.book.stage = formed
}

// MetNobody has the node doubt: it has met none of those that it was to join. knew: it was among
// others before, so they know more.
func (s *Steward) MetNobody(knew bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.book.unmet, s.book.knew = true, knew
}

// WasAmongOthers says that the node was among others before, by its disk, and looks for them. All
// of them kept partitions with nobody in them, too.
func (s *Steward) WasAmongOthers() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.book.among = true
}

// meets holds what is served in doubt, where there are others to be asked. s.mu is held.
func (s *Steward) meets(b *book) {
	if b.doubting && len(b.ring.Others(b.self)) > 0 {
		s.Host.HoldDoubted()
	}
}

// doubting reports whether others may be there whom this node was to join, and has not met.
func (s *Steward) doubting() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.stillDoubts()
}
