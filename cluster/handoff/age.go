package handoff

import (
	"context"
	"time"

	"github.com/scaiwave/presence/cluster/link"
	"github.com/scaiwave/presence/cluster/view"
)

// gatewayForms is how long owners must have served for a gateway to know that the cluster has
// formed.
const gatewayForms = 5 * time.Second

// confirm asks the owners whether all have begun.
func (s *Steward) confirm(ctx context.Context, i instant) {
	if s.Gateway && i.AnyServes() && time.Since(i.Made) > gatewayForms {
		s.hasFormed()
	}
	if s.stage() != begun {
		return
	}
	for _, name := range i.Others(s.Self) {
		if i.Owns(name) && s.askOne(ctx, i, name).stage < begun {
			return
		}
	}
	s.hasFormed()
}

// stayWarm keeps lost partitions unknown, not empty, while others may serve them: in a minority, as
// the majority may be at the other side of a cut, and at a node that has met none of those that it
// was to join.
func (s *Steward) stayWarm(i instant) {
	if s.staysWarm(i) {
		s.Host.StayWarm()
	}
}

func (s *Steward) staysWarm(i instant) bool {
	return s.doubting() || s.lacks() || i.IsMinority() && time.Since(i.Made) < waitForOthers
}

// lacks reports whether partitions are at nodes that are missing.
func (s *Steward) lacks() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.book.among && len(s.book.bare) > 0 && time.Since(s.since) < waitForOthers
}

// age marks the copies that cannot ask their owner for a deadline: what happens there since, nobody
// tells them. Until then a copy answers, as when its owner has died.
func (s *Steward) age(i instant) {
	for _, m := range i.Members {
		switch since, alone := s.unreached[m.Name]; {
		case s.Peers.Reachable(i.View, m.Name):
			delete(s.unreached, m.Name)
		case !alone:
			s.unreached[m.Name] = time.Now()
		case time.Since(since) > s.Deadline:
			s.staleOf(m.Name)
		}
	}
	for name := range s.unreached {
		if !i.Has(name) {
			delete(s.unreached, name)
		}
	}
}

// staleOf marks the copies of an owner.
func (s *Steward) staleOf(owner link.Name) {
	for p := range s.Count {
		if source, follows := s.Host.Source(p); follows && source == view.SourceOf(owner) {
			s.Host.Stale(p)
		}
	}
}
