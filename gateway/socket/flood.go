package socket

import (
	"time"

	"github.com/scaiwave/presence/gateway/wire"
)

// floodPause is how long a connection must keep to its rate until a flood counts as over.
const floodPause = 2 * time.Second

// over notes a message too many at now and says for how long there have been such without a pause.
func (f *flood) over(now time.Duration) time.Duration {
	if f.last == 0 || now-f.last > floodPause {
		f.since = now
	}
	f.last = now
	return now - f.since
}

// overRate counts a message too many. A connection that doesn't stop sending them is closed.
func (c *conn) overRate(now time.Duration) error {
	cfg := &c.srv.cfg
	c.srv.counters.rateLimited.Add(1)
	e := wire.Errorf(wire.RateLimited, "a connection may send %g messages a second, %d at once", cfg.MessageRate,
		cfg.MessageBurst)
	if c.flood.over(now) >= cfg.FloodTime {
		return &fatal{closeRateLimited, e}
	}
	return e
}
