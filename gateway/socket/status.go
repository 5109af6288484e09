package socket

import (
	"context"
	"slices"

	"github.com/scaiwave/presence/cluster"
	"github.com/scaiwave/presence/gateway/admit"
	"github.com/scaiwave/presence/gateway/hub"
	"github.com/scaiwave/presence/gateway/tenant"
	"github.com/scaiwave/presence/gateway/wire"
	"github.com/scaiwave/presence/shard"
)

// needStatus refuses what belongs to the feature while some node doesn't know it.
func (c *conn) needStatus() error {
	if slices.Contains(c.srv.cfg.Node.Features(), cluster.FeatureStatus) {
		return nil
	}
	return wire.Errorf(wire.Unavailable, "this is served as soon as all nodes of this cluster know it (%s, in "+
		"`features`); some are of an older version", cluster.FeatureStatus)
}

func (c *conn) status(m *message) error {
	if err := c.needStatus(); err != nil {
		return err
	}
	return c.srv.cfg.People.SetStatus(c.srv.waiting(), c.tenure.participant, m.status, false)
}

func (c *conn) override(m *message) error {
	if !m.until.IsZero() {
		if err := c.needStatus(); err != nil {
			return err
		}
	}
	return c.srv.cfg.People.SetOverride(c.srv.waiting(), c.tenure.participant, m.override, m.until)
}

// admitWith is admitIDs for a message that may ask for more than states.
func (c *conn) admitWith(m *message, hold *admit.Hold) error {
	if m.with == 0 {
		return c.admitIDs(m)
	}
	if err := c.needStatus(); err != nil {
		return err
	}
	if err := c.admitIDs(m); err != nil {
		return err
	}
	return c.seenRoom(hold, len(m.ids))
}

// seen fills an answer with the states of its list, and statuses.
func (c *conn) seen(ctx context.Context, answer *hub.Snapshot, with shard.With) {
	all := make([]shard.Seen, answer.List.Len())
	c.srv.cfg.Seen(ctx, c.viewer(), answer.List, with, all)
	answer.Statuses = make([]*shard.Status, len(all))
	for i := range all {
		answer.States[i], answer.Statuses[i] = all[i].State, &all[i].Status
	}
}

// seenByPeople is Config.Seen where no backend is asked.
func (s *Server) seenByPeople(
	ctx context.Context, viewer tenant.Participant, list tenant.List, with shard.With, all []shard.Seen,
) {
	s.cfg.People.Statuses(ctx, viewer, list, make([]shard.Trust, list.Len()), with, all)
}
