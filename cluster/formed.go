package cluster

import (
	"context"
	"sync"
	"time"

	"github.com/scaiwave/presence/cluster/gossip"
	"github.com/scaiwave/presence/cluster/link"
	"github.com/scaiwave/presence/cluster/view"
)

// A cluster has formed when each partition has been served by some node. From then on a partition
// that nobody holds is lost: it warms, and whoever isn't known is unknown. Before that it is new,
// and empty.
//
//	starting   nothing is known
//	begun      in one round this node has served all that it owns, and nobody said that it had formed
//	formed     all owners have begun, as they say when they are asked; or somebody says that it has formed
//
// Begun is not enough: of nodes that start at once the first one to begin would tell the last one
// that what nobody holds is lost. A node that stands still in its first round has lost nothing, and
// neither have three that start at once of which one is slow. A gateway has formed once it has seen
// owners serve for gatewayForms. Who is silent may have formed, but not a node that is still
// joining.
//
// A node that was given seeds, and has met nobody, doubts: the cluster that it was to join may be
// there and know more. Whom it doesn't know is unknown, for waitForOthers at most. When it meets
// others, and the cluster has formed there, what it has is outdated; if they are new too, the doubt
// ends.

// The stages.
const (
	starting int32 = iota
	begun
	formed
)

// gatewayForms is how long owners must have served for a gateway to know that the cluster has
// formed.
const gatewayForms = 5 * time.Second

// gatewayTimeout is for what a gateway is asked.
const gatewayTimeout = time.Second

// form notes that a round is over. What it was begun for is served, or its push is still to come.
func (s *steward) form(r *round) {
	s.mu.Lock()
	current, known, settled := s.round == r && r.stood == s.standing.Load(), r.formed, r.settled()
	s.mu.Unlock()
	others := len(r.view.Others(s.node.name)) > 0
	if !current || len(s.wanted(r.view)) > 0 || s.doubts.Load() && !others {
		return
	}
	switch {
	case known || !others && s.node.role != gossip.Gateway:
		s.stage.Store(formed)
	case s.stage.CompareAndSwap(starting, begun) && s.doubts.Swap(false):
		s.node.host.Trust(settled)
	}
}

// confirm asks the owners whether all have begun.
func (s *steward) confirm(ctx context.Context, v *view.View) {
	if s.node.role == gossip.Gateway && v.AnyServes() && time.Since(v.Made) > gatewayForms {
		s.stage.Store(formed)
	}
	if s.stage.Load() != begun {
		return
	}
	for _, name := range v.Others(s.node.name) {
		if v.Owns(name) && s.askOne(ctx, v, name).stage < begun {
			return
		}
	}
	s.stage.Store(formed)
}

// learn takes from a node's answer that the cluster has formed. What a node has that doubts is
// outdated: others have acknowledged what it doesn't know of.
func (s *steward) learn(h holdingsOf) {
	if h.stage != formed {
		return
	}
	s.stage.Store(formed)
	if s.doubts.Swap(false) {
		s.node.host.Outdate()
	}
}

// silent is what is taken for the answer of a node that gives none.
func silent(v *view.View, name link.Name) (h holdingsOf) {
	if !v.IsJoining(name) {
		h.stage = formed
	}
	return h
}

// askGateways asks those that own nothing whether the cluster has formed, if no other node knows:
// all owners may have died, and others come.
func (s *steward) askGateways(ctx context.Context, r *round) {
	s.mu.Lock()
	known := r.formed
	s.mu.Unlock()
	if known {
		return
	}
	var all sync.WaitGroup
	for _, m := range r.view.Members {
		if m.Role == gossip.Gateway && m.State == gossip.Serving && m.Name != s.node.name {
			all.Go(func() { s.askUntil(ctx, r, m.Name, gatewayTimeout) })
		}
	}
	all.Wait()
}

// stayWarm keeps unknown what may be known elsewhere: while most owners are missing, which may be
// at the other side of a cut with what was lost here, and while this node has met none of those
// that it was to join.
func (s *steward) stayWarm(v *view.View) {
	if s.staysWarm(v) {
		s.node.host.StayWarm()
	}
}

func (s *steward) staysWarm(v *view.View) bool {
	return s.doubting() || v.IsMinority() && time.Since(v.Made) < waitForOthers
}

// doubting reports whether others may be there whom this node was to join, and has not met.
func (s *steward) doubting() bool { return s.doubts.Load() && time.Since(s.since) < waitForOthers }

// age marks the copies that cannot ask their owner for a deadline: what happens there since, nobody
// tells them. Until then a copy answers, as when its owner has died.
func (s *steward) age(v *view.View) {
	limit := s.node.settings.Deadline()
	for place, m := range v.Members {
		switch since, alone := s.unreached[m.Name]; {
		case s.node.caller.Reachable(v, place):
			delete(s.unreached, m.Name)
		case !alone:
			s.unreached[m.Name] = time.Now()
		case time.Since(since) > limit:
			s.staleOf(m.Name)
		}
	}
	for name := range s.unreached {
		if !v.Has(name) {
			delete(s.unreached, name)
		}
	}
}

// staleOf marks the copies of an owner.
func (s *steward) staleOf(owner link.Name) {
	for p := range s.node.partitions {
		if source, follows := s.node.host.Source(p); follows && source == view.SourceOf(owner) {
			s.node.host.Stale(p)
		}
	}
}

// settled are the partitions of which nothing is still to come. What is will end the doubt of its
// own, when it has been merged. s.mu is held.
func (r *round) settled() (partitions []int) {
	for p := range r.backed {
		if len(r.listed[p]) == 0 {
			partitions = append(partitions, p)
		}
	}
	return partitions
}
