package gateway

import (
	"sync"

	"github.com/scaiwave/presence/gateway/tenant"
	"github.com/scaiwave/presence/gateway/wire"
)

// streams counts the open event streams of each participant, so that one cannot take all
// connections of a gateway. Memory follows those who have one.
type streams struct {
	mu    sync.Mutex
	total int
	of    map[tenant.Participant]int
	away  chan struct{} // closed, and made again, when those that are open should end; nil: none is
}

// sentAway is closed when a stream that is open now should end.
func (s *streams) sentAway() <-chan struct{} {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.away == nil {
		s.away = make(chan struct{})
	}
	return s.away
}

// sendAway ends those that are open.
func (s *streams) sendAway() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.away != nil {
		close(s.away)
		s.away = nil
	}
}

// begin counts one more, unless the participant has limit already; 0: no limit. end must follow if
// it is true.
func (s *streams) begin(who tenant.Participant, limit int) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if limit > 0 && s.of[who] >= limit {
		return false
	}
	if s.of == nil {
		s.of = make(map[tenant.Participant]int)
	}
	s.total++
	s.of[who]++
	return true
}

func (s *streams) end(who tenant.Participant) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.total--
	if s.of[who]--; s.of[who] == 0 {
		delete(s.of, who)
	}
}

// count is how many are open.
func (s *streams) count() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.total
}

// beginStream counts the call's stream. A backend speaks for many and may have any number.
func (c *call) beginStream() error {
	limit := c.s.config.Limits.MaxSockets
	if c.who.Service {
		limit = 0
	}
	if c.s.streams.begin(c.who.Participant, limit) {
		return nil
	}
	c.s.metrics.limits.streams.Inc()
	return wire.Errorf(wire.RateLimited, "%.40q has its %d event streams at this gateway; close one first",
		c.who.Participant.ID(), limit)
}
