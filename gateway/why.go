package gateway

import (
	"strconv"
	"time"

	"github.com/scaiwave/presence/cluster"
	"github.com/scaiwave/presence/gateway/tenant"
	"github.com/scaiwave/presence/gateway/wire"
	"github.com/scaiwave/presence/shard"
)

// getWhy is GET /v1/participants/{participant}/why: which rules made what a viewer is told, and
// what they looked at.
func getWhy(c *call) error {
	q, err := parseQuery(c.r.URL.RawQuery, nil, 0, c.route.query)
	if err != nil {
		return err
	}
	if q.viewer != nil {
		if err := shard.ValidateParticipant(*q.viewer); err != nil {
			return named("viewer", err)
		}
		c.viewer = c.tenant().Participant(*q.viewer)
	}
	ctx, cancel := c.reading()
	defer cancel()
	w := c.s.people.Why(ctx, c.of, c.viewer)
	c.markUnknown([]shard.State{w.State})
	c.out = appendWhy(c.out[:0], &w, c.of, c.viewer, time.Now())
	return c.json(c.out)
}

func appendWhy(b []byte, w *cluster.Why, of, viewer tenant.Participant, now time.Time) []byte {
	b = append(b, `{"participant_id":`...)
	b = wire.AppendString(b, of.ID())
	b = appendNamedText(b, "viewer", viewer.ID())
	b = appendNamedWord(b, "state", w.State)
	b = appendNamedTime(b, "last_seen", w.LastSeen)
	b = appendRule(appendRule(b, "rule", w.Rule), "state_rule", w.StateRule)
	b = append(b, `,"because":`...)
	b = wire.AppendString(b, because(w, of.ID(), viewer.ID(), now))
	b = appendNamedText(b, "ground", string(w.Ground))
	b = appendNamedWord(b, "self", w.Self)
	b = appendNamedText(b, "kind", w.Kind.String())
	b = appendNamedTime(b, "registered_at", w.KindAt)
	b = appendNamedText(b, "availability", availabilityName(w.Availability))
	b = appendNamedWord(b, "override", w.Override)
	b = appendNamedTime(b, "override_at", w.OverrideAt)
	b = wire.AppendMoment(append(b, `,"override_expires_at":`...), w.OverrideUntil)
	b = appendClaims(append(b, `,"busy":`...), w.Claims)
	b = wire.AppendStatus(append(b, `,"status":`...), &w.Status)
	b = appendNamedTime(b, "true_last_seen", w.TrueSeen)
	b = appendNamedWord(b, "default", w.Visibility.Audience)
	b = appendNamedWord(b, "last_seen_policy", w.Visibility.LastSeen)
	b = appendNamedTime(b, "doubt_ends", w.DoubtEnds)
	b = appendException(b, &w.Exception)
	b = append(b, `,"devices":[`...)
	for i := range w.Sources {
		b = appendSource(separate(b, i), &w.Sources[i])
	}
	b = append(b, `],"nodes":[`...)
	for i := range w.Holders {
		b = appendHolder(separate(b, i), &w.Holders[i])
	}
	return append(b, "]}"...)
}

// appendNamedText writes a text, or null for an empty one.
func appendNamedText(b []byte, name, text string) []byte {
	b = append(append(append(b, `,"`...), name...), `":`...)
	if text == "" {
		return append(b, "null"...)
	}
	return wire.AppendString(b, text)
}

// appendNamedWord writes a word of the contract.
func appendNamedWord(b []byte, name string, word interface{ String() string }) []byte {
	return appendNamedText(b, name, word.String())
}

// appendRule writes the number of a rule, or null if none applied.
func appendRule(b []byte, name string, rule int) []byte {
	b = append(append(append(b, `,"`...), name...), `":`...)
	if rule == 0 {
		return append(b, "null"...)
	}
	return strconv.AppendInt(b, int64(rule), 10)
}

// appendException writes what is said of the pair; null: nothing.
func appendException(b []byte, x *cluster.Exception) []byte {
	b = append(b, `,"window":`...)
	if x.Window.At.IsZero() {
		b = append(b, "null"...)
	} else {
		b = wire.AppendTime(append(b, `{"at":`...), x.Window.At)
		b = append(appendNamedTime(b, "until", x.Window.End), '}')
	}
	b = append(b, `,"edge":`...)
	if x.Edge == shard.Forget {
		b = append(b, "null"...)
	} else {
		b = strconv.AppendBool(append(b, `{"allow":`...), x.Edge == shard.Allow)
		b = appendNamedTime(b, "since", x.EdgeAt)
		b = append(appendNamedTime(b, "expires_at", x.EdgeEnd), '}')
	}
	return appendNamedTime(b, "blocked_since", x.Blocked)
}

func appendSource(b []byte, s *cluster.Source) []byte {
	b = append(b, `{"device_id":`...)
	b = wire.AppendString(b, s.ID)
	b = appendNamedWord(b, "status", s.Standing)
	b = appendNamedWord(b, "activity", s.Activity)
	b = appendNamedTime(b, "last_seen", s.LastSeen)
	b = appendNamedTime(b, "since", s.Since)
	b = appendNamedTime(b, "deadline", s.Deadline)
	b = append(b, `,"gateways":[`...)
	for i, node := range s.Gateways {
		b = wire.AppendString(separate(b, i), node)
	}
	return append(b, "]}"...)
}

func appendHolder(b []byte, h *cluster.Holder) []byte {
	b = append(b, `{"node":`...)
	b = wire.AppendString(b, h.Node)
	b = appendNamedWord(b, "role", h.Role)
	b = strconv.AppendBool(append(b, `,"answered":`...), h.Answered)
	b = strconv.AppendBool(append(b, `,"holds":`...), h.Holds)
	b = appendNamedWord(b, "state", h.State)
	b = appendNamedWord(b, "override", h.Override)
	b = appendNamedTime(b, "override_at", h.OverrideAt)
	b = append(b, `,"live_devices":`...)
	b = strconv.AppendInt(b, int64(h.Live), 10)
	return append(b, '}')
}
