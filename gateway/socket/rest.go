package socket

import (
	"time"

	"github.com/scaiwave/presence/shard"
)

// Browsers answer pings for pages that they have frozen, or keep in the back-forward cache after
// their person has left. So an answer shows that a connection is there, and not that anybody is:
//
//	messages:  heartbeat ─ query ──────────────── Config.UnattendedAfter ────────────┐
//	pings:                        ping, pong: touch     ping, pong: touch     ping, pong: rest
//
// A message stores the time and nothing else. The alarm asks when it may be over, and the answer
// decides, on the reader's goroutine: so no message can come between the look and what it leads to.

// heard notes that the client of a device has said something.
func (c *conn) heard(now time.Duration) {
	if c.at != nil {
		c.watch.hear(now)
	}
}

// attendedPause is the part of UnattendedAfter until the next look at a device that gets heartbeats
// by HTTP.
const attendedPause = 4

// rest leaves the device idle until its next heartbeat. It is looked at again after as long: by
// then a heartbeat by HTTP may have woken it. What fails is tried again with the next answer.
func (c *conn) rest(now time.Duration) {
	was, after := c.at.Activity(), c.srv.cfg.UnattendedAfter
	rested, err := c.srv.cfg.Node.Rest(c.srv.waiting(), c.at)
	switch {
	case err != nil:
		c.shutFor(err)
	case !rested:
		c.watch.hear(now - after + after/attendedPause)
	default:
		c.watch.hear(now)
		if was == shard.ActivityOnline {
			c.srv.counters.unattended.Add(1)
		}
	}
}
