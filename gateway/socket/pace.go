package socket

import "time"

// allow takes a message at now, if the bucket isn't empty; each is worth the time between two.
func (p *pace) allow(now, between time.Duration, burst int) bool {
	full := max(p.full, now)
	if full-now > time.Duration(burst-1)*between {
		return false
	}
	p.full = full + between
	return true
}

// mayPass reports whether a message is within the connection's rate.
func (c *conn) mayPass(now time.Duration) bool {
	cfg := &c.srv.cfg
	return c.pace.allow(now, time.Duration(float64(time.Second)/cfg.MessageRate), cfg.MessageBurst)
}
