package gateway

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/scaiwave/presence/gateway/authorize"
	"github.com/scaiwave/presence/gateway/tenant"
	"github.com/scaiwave/presence/gateway/wire"
	"github.com/scaiwave/presence/shard"
)

// meet counts the participants of a list to whom viewer is a stranger against --stranger-limit, and
// returns how long to wait, or 0. Refused, nothing is counted.
func (s *Server) meet(ctx context.Context, viewer tenant.Participant, list tenant.List) time.Duration {
	if s.strangers.limit == 0 || viewer == "" {
		return 0
	}
	now := time.Now()
	strange := s.strange(ctx, viewer, s.strangers.uncounted(viewer, list, now))
	wait := s.strangers.take(viewer, list, strange, now)
	if wait > 0 {
		s.metrics.limits.strangers.Inc()
	}
	return wait
}

// strange are those of a list to whom viewer is a stranger. A backend's answer counts like an edge.
// What the backend doesn't answer is shown to nobody, and doesn't count. What no owner answers
// counts: a subscription is told of it later.
func (s *Server) strange(ctx context.Context, viewer tenant.Participant, list tenant.List) tenant.List {
	if list.Len() == 0 {
		return list
	}
	ctx, cancel := context.WithTimeout(ctx, s.config.Limits.ReadWait)
	defer cancel()
	ties := make([]shard.Tie, list.Len())
	s.people.Ties(ctx, viewer, list, ties)
	verdicts := s.verdicts(ctx, viewer, list)
	var strange []tenant.Participant
	for i := range ties {
		switch of := list.At(i); {
		case of == viewer:
		case verdicts == nil && ties[i] == shard.Tied:
		case verdicts != nil && !s.isStrangeBy(verdicts[i].Verdict, of):
		default:
			strange = append(strange, of)
		}
	}
	return tenant.ListOf(strange...)
}

// isStrangeBy reports whether a backend's answer makes a viewer a stranger. A count must not tell
// who is denied: an id with an AI's prefix doesn't count, as if never seen.
func (s *Server) isStrangeBy(v authorize.Verdict, of tenant.Participant) bool {
	isAI := func(prefix string) bool { return strings.HasPrefix(of.ID(), prefix) }
	return v == authorize.Denied && !slices.ContainsFunc(s.node.Settings().AIPrefixes, isAI)
}

// meetStrangers is meet for a call. A backend has no limit.
func (c *call) meetStrangers(viewer tenant.Participant, list tenant.List) error {
	if c.who.Service {
		return nil
	}
	if c.wait = c.s.meet(c.r.Context(), viewer, list); c.wait > 0 {
		return c.s.errStrangers()
	}
	return nil
}

func (s *Server) errStrangers() error {
	return wire.Errorf(wire.RateLimited,
		"with these it would be more than %d participants within a day to whom the viewer is a stranger",
		s.strangers.limit)
}

// meetOnSocket is meet for a message.
func (s *Server) meetOnSocket(ctx context.Context, viewer tenant.Participant, list tenant.List) error {
	if s.meet(ctx, viewer, list) > 0 {
		return s.errStrangers()
	}
	return nil
}
