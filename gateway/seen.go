package gateway

import (
	"context"

	"github.com/scaiwave/presence/cluster"
	"github.com/scaiwave/presence/gateway/authorize"
	"github.com/scaiwave/presence/gateway/tenant"
	"github.com/scaiwave/presence/gateway/wire"
	"github.com/scaiwave/presence/shard"
)

// wanted is what a request asks for besides states, of what its call knows.
func (c *call) wanted(q *asked, may shard.With) (shard.With, error) {
	if q.with == nil {
		return 0, nil
	}
	with, err := wire.ParseWith(q.with, may)
	if err != nil {
		return 0, err
	}
	return with, c.s.needs(cluster.FeatureStatus)
}

// answerSeen is answerStates for a request that asks for more than states.
func (c *call) answerSeen(viewer tenant.Participant, list tenant.List, with shard.With) error {
	if err := c.seenRoom(list.Len()); err != nil {
		return err
	}
	ctx, cancel := c.reading()
	defer cancel()
	all := make([]shard.Seen, list.Len())
	c.s.seen(ctx, viewer, list, with, all)
	c.states = fitting(c.states, len(all))
	for i := range all {
		c.states[i] = all[i].State
	}
	c.markUnknown(c.states)
	b := wire.AppendStates(append(c.out[:0], `{"states":`...), list, c.states)
	if with&shard.WithStatus != 0 {
		status := func(i int) *shard.Status { return &all[i].Status }
		b = wire.AppendStatuses(append(b, `,"statuses":`...), list, status)
	}
	if with&shard.WithLastSeen != 0 {
		b = appendLastSeen(append(b, `,"last_seen":`...), list, all)
	}
	c.out = append(b, '}')
	return c.json(c.out)
}

func appendLastSeen(b []byte, list tenant.List, all []shard.Seen) []byte {
	b = append(b, '{')
	for i := range all {
		b = wire.AppendString(separate(b, i), list.At(i).ID())
		b = wire.AppendMoment(append(b, ':'), all[i].LastSeen)
	}
	return append(b, '}')
}

// seen is states for all that with asks for.
func (s *Server) seen(
	ctx context.Context, viewer tenant.Participant, list tenant.List, with shard.With, all []shard.Seen,
) {
	said := make([]shard.Trust, list.Len())
	verdicts := s.verdicts(ctx, viewer, list)
	for i := range verdicts {
		said[i] = verdicts[i].Verdict.Trust()
	}
	s.people.Statuses(ctx, viewer, list, said, with, all)
	for i := range verdicts {
		if verdicts[i].Verdict == authorize.NotKnown {
			all[i] = shard.Seen{State: shard.Unknown}
		}
	}
}
