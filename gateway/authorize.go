package gateway

import (
	"context"

	"github.com/scaiwave/presence/cluster"
	"github.com/scaiwave/presence/gateway/authorize"
	"github.com/scaiwave/presence/gateway/tenant"
	"github.com/scaiwave/presence/gateway/wire"
	"github.com/scaiwave/presence/shard"
)

// states is People.States with a backend's answers between what participants say and the viewer. It
// costs nothing where no backend is asked. An empty viewer is a stranger.
func (s *Server) states(ctx context.Context, viewer tenant.Participant, list tenant.List, states []shard.State) {
	verdicts := s.verdicts(ctx, viewer, list)
	if verdicts == nil {
		s.people.States(ctx, viewer, list, states)
		return
	}
	said := make([]shard.Trust, len(verdicts))
	for i, a := range verdicts {
		said[i] = a.Verdict.Trust()
	}
	s.people.JudgedStates(ctx, viewer, list, said, states)
	for i, a := range verdicts {
		if a.Verdict == authorize.NotKnown {
			states[i] = shard.Unknown
		}
	}
}

// verdicts are as long as list; nil: no backend is asked.
func (s *Server) verdicts(ctx context.Context, viewer tenant.Participant, list tenant.List) []authorize.Answer {
	if s.config.Authorize == nil || viewer == "" {
		return nil
	}
	answers := make([]authorize.Answer, list.Len())
	ctx, cancel := context.WithTimeout(ctx, s.config.Limits.ReadWait)
	defer cancel()
	s.config.Authorize.Ask(ctx, viewer, list, answers)
	return answers
}

// record is states for all about one participant. Inner is the participant's own view, about which
// no backend is asked.
func (s *Server) record(ctx context.Context, viewer, of tenant.Participant, inner bool) (cluster.Record, error) {
	var verdicts []authorize.Answer
	if !inner {
		verdicts = s.verdicts(ctx, viewer, tenant.ListOf(of))
	}
	switch {
	case verdicts == nil:
		return s.people.Inspect(ctx, viewer, of, inner)
	case verdicts[0].Verdict == authorize.NotKnown:
		return cluster.Record{State: shard.Unknown}, nil
	}
	return s.people.JudgedInspect(ctx, viewer, of, verdicts[0].Verdict.Trust())
}

// postForget is POST /v1/visibility/forget.
func postForget(c *call) error {
	var body struct {
		Viewers wire.List[string] `json:"viewers"`
	}
	limit := c.s.config.Limits.MaxItems
	body.Viewers.Max = limit
	if err := c.decode(&body); err != nil {
		return err
	}
	if err := checkViewers(body.Viewers, limit); err != nil {
		return err
	}
	ctx, cancel := c.writing()
	defer cancel()
	return c.acknowledge(c.s.people.ForgetAnswers(ctx, c.tenant().Participants(body.Viewers.Items)))
}

func checkViewers(viewers wire.List[string], limit int) error {
	switch {
	case len(viewers.Items) == 0:
		return wire.Errorf(wire.BadRequest, "viewers is missing or empty; name 1 to %d participants", limit)
	case viewers.TooLong():
		return wire.Errorf(wire.TooManyItems, "more than %d viewers in one request, which is the limit", limit)
	}
	for _, id := range viewers.Items {
		if err := shard.ValidateParticipant(id); err != nil {
			return named("viewers", err)
		}
	}
	return nil
}

// Forget has what a backend has said of viewers, by their inner ids, count no longer. It is part of
// cluster.Gateway.
func (s *Server) Forget(viewers []string) {
	if s.config.Authorize == nil {
		return
	}
	s.config.Authorize.Forget(viewers) // before the hub, which asks anew
	s.hub.Forget(viewers)
}

// authorizeFigures are those of the backend that is asked who may see whom; zero where none is.
func (s *Server) authorizeFigures() []figure {
	var a authorize.Stats
	if s.config.Authorize != nil {
		a = s.config.Authorize.Stats()
	}
	open := int64(0)
	if a.Open {
		open = 1
	}
	return []figure{
		gauge("presence_authorize_open", open, "1: the authorize endpoint doesn't answer, and is tried once a second."),
		gauge("presence_authorize_kept", int64(a.Kept), "Answers of the authorize endpoint that are kept."),
		counterBy("presence_authorize_calls_total", "result", map[string]int64{
			"ok": a.Answered, "failed": a.Failed, "not_sent": a.TurnedAway,
		}, "Calls to the authorize endpoint, by how they ended; not_sent: it doesn't answer, or too many were under way."),
		counter("presence_authorize_asked_total", a.Asked, "Ids that the authorize endpoint was asked about."),
		counter("presence_authorize_dropped_total", a.Dropped, "Answers that made room for others before their time."),
		counter("presence_authorize_forgotten_total", a.Forgotten, "Viewers whose answers were forgotten on demand."),
	}
}
