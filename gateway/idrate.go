package gateway

import (
	"time"

	"github.com/scaiwave/presence/gateway/tenant"
	"github.com/scaiwave/presence/gateway/wire"
)

// payIDs counts n ids of the call against its participant's rate, and those alone that were not
// paid for before. A backend speaks for many and is not counted.
func (c *call) payIDs(n int) error {
	more := n - c.paid
	if more <= 0 || c.who.Service {
		return nil
	}
	now := time.Now()
	if c.wait = c.s.takeIDs(c.who.Participant, more, now); c.wait > 0 {
		c.noteFlood(now)
		return wire.Errorf(wire.RateLimited,
			"more than %v ids a second; wait as long as Retry-After says", c.s.config.Limits.ParticipantIDsRate)
	}
	c.paid = n
	return nil
}

// payList pays for a list of a participant's own, as for ids: there may be thousands. The price is
// the length of the list. Nobody learns it but those who are given the list itself. One longer than
// what may be paid at once costs that much.
func (c *call) payList(n int) error { return c.payIDs(min(n, c.s.config.Limits.ParticipantIDsBurst)) }

// takeIDs counts n ids of a participant, over all that it does at this gateway, and returns 0 or
// how long to wait.
func (s *Server) takeIDs(who tenant.Participant, n int, now time.Time) time.Duration {
	wait := s.idRates.take(string(who), n, now)
	if wait > 0 {
		s.metrics.limits.ids.Inc()
	}
	return wait
}
