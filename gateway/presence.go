package gateway

import (
	"github.com/scaiwave/presence/cluster"
	"github.com/scaiwave/presence/gateway/tenant"
	"github.com/scaiwave/presence/gateway/wire"
	"github.com/scaiwave/presence/shard"
)

// getStates is GET /v1/presence.
func getStates(c *call) error {
	limit := c.s.config.Limits.MaxIDs
	if err := c.room(len(c.r.URL.RawQuery)); err != nil {
		return err
	}
	q, err := parseQuery(c.r.URL.RawQuery, c.ids, limit, c.route.query)
	if err != nil {
		return err
	}
	c.ids = q.ids
	return c.answerStates(&q, limit)
}

// queryBody is the body of POST /v1/presence/query.
type queryBody struct {
	IDs    wire.List[string] `json:"ids"`
	Viewer *string           `json:"viewer"`
	With   wire.List[string] `json:"with"`
}

// scan is part of scanner.
func (q *queryBody) scan(s wire.Scanner) bool {
	found := queryBody{IDs: wire.List[string]{Max: q.IDs.Max}, With: wire.List[string]{Max: q.With.Max}}
	s.Take('{')
	for more := true; more; more = s.More('}') {
		switch name := s.Name(); {
		case name == "ids" && !found.IDs.There:
			found.IDs.Items, found.IDs.There = scanTexts(&s, q.IDs.Items[:0], q.IDs.Max), true
		case name == "viewer" && found.Viewer == nil:
			viewer := s.Text()
			found.Viewer = &viewer
		case name == "with" && !found.With.There:
			found.With.Items, found.With.There = scanTexts(&s, nil, q.With.Max), true
		default: // unknown, or there twice
			return false
		}
	}
	if !s.End() {
		return false
	}
	*q = found
	return true
}

// scanTexts appends the strings of an array, of which there must be one. It gives up at more than
// max: that list is refused, and the way to it may take its time.
func scanTexts(s *wire.Scanner, texts []string, max int) []string {
	s.Take('[')
	for more := true; more; more = s.More(']') {
		if len(texts) == max {
			s.GiveUp()
			break
		}
		texts = append(texts, s.Text())
	}
	return texts
}

// queryStates is POST /v1/presence/query.
func queryStates(c *call) error {
	limit := c.s.config.Limits.MaxQueryIDs
	body := queryBody{
		IDs: wire.List[string]{Items: c.ids[:0], Max: limit}, With: wire.List[string]{Max: wire.MostWith},
	}
	if err := c.decode(&body); err != nil {
		return err
	}
	c.ids = body.IDs.Items
	q := asked{ids: c.ids, viewer: body.Viewer}
	if body.With.There {
		q.with = append([]string{}, body.With.Items...)
	}
	return c.answerStates(&q, limit)
}

func (c *call) answerStates(q *asked, maxIDs int) error {
	viewer, err := c.viewerOf(q)
	if err != nil {
		return err
	}
	if err := checkIDs(q.ids, maxIDs); err != nil {
		return err
	}
	with, err := c.wanted(q, shard.WithStatus|shard.WithLastSeen)
	if err != nil {
		return err
	}
	if err := c.payIDs(len(q.ids)); err != nil {
		return err
	}
	list := c.tenant().Participants(c.set.distinct(q.ids))
	if err := c.meetStrangers(viewer, list); err != nil {
		return err
	}
	if with != 0 {
		return c.answerSeen(viewer, list, with)
	}
	c.states = fitting(c.states, list.Len())
	ctx, cancel := c.reading()
	defer cancel()
	c.s.states(ctx, viewer, list, c.states)
	c.markUnknown(c.states)
	c.out = wire.AppendStates(c.out[:0], list, c.states)
	return c.json(c.out)
}

// getRecord is GET /v1/presence/{participant}.
func getRecord(c *call) error {
	q, err := parseQuery(c.r.URL.RawQuery, nil, 0, c.route.query)
	if err != nil {
		return err
	}
	viewer, err := c.viewerOf(&q)
	if err != nil {
		return err
	}
	inner := c.seesInside(&q, viewer)
	if !inner {
		if err := c.meetStrangers(viewer, tenant.ListOf(c.of)); err != nil {
			return err
		}
	}
	ctx, cancel := c.reading()
	defer cancel()
	if inner {
		viewer = c.of
	}
	r, err := c.s.record(ctx, viewer, c.of, inner)
	if err != nil {
		inner, r = false, cluster.Record{State: shard.Unknown}
	}
	c.markUnknown([]shard.State{r.State})
	c.out = appendRecord(c.out[:0], c.of, &r, inner)
	return c.json(c.out)
}

// seesInside reports whether the answer is the participant's own view: for itself, for a backend
// that asks as it, and for an administrator who asks as nobody.
func (c *call) seesInside(q *asked, viewer tenant.Participant) bool {
	if q.viewer != nil {
		return viewer == c.of
	}
	return c.who.Admin || c.who.Participant == c.of
}

func appendRecord(b []byte, of tenant.Participant, r *cluster.Record, inner bool) []byte {
	b = append(b, `{"participant_id":`...)
	b = wire.AppendString(b, of.ID())
	b = append(b, `,"state":"`...)
	b = append(b, r.State.String()...)
	b = append(b, `","last_seen":`...)
	b = wire.AppendTime(b, r.LastSeen)
	b = wire.AppendStatus(append(b, `,"status":`...), &r.Status)
	if inner {
		b = append(b, `,"override":"`...)
		b = append(b, r.Override.String()...)
		b = wire.AppendMoment(append(b, `","override_expires_at":`...), r.OverrideUntil)
		b = appendClaims(append(b, `,"busy":`...), r.Claims)
		b = append(b, `,"devices":[`...)
		b = appendDevices(b, r.Devices)
		b = append(b, ']')
	}
	return append(b, '}')
}

// appendClaims appends the reasons to be busy, each with its end.
func appendClaims(b []byte, claims []shard.Claim) []byte {
	b = append(b, '[')
	for i, k := range claims {
		b = wire.AppendString(append(separate(b, i), `{"source":`...), k.Source)
		b = append(wire.AppendMoment(append(b, `,"expires_at":`...), k.Until), '}')
	}
	return append(b, ']')
}

func appendDevices(b []byte, devices []cluster.Device) []byte {
	for i, d := range devices {
		if i > 0 {
			b = append(b, ',')
		}
		b = append(b, `{"device_id":`...)
		b = wire.AppendString(b, d.ID)
		b = append(b, `,"activity":"`...)
		b = append(b, d.Activity.String()...)
		b = append(b, `","last_seen":`...)
		b = wire.AppendTime(b, d.LastSeen)
		b = append(b, '}')
	}
	return b
}
