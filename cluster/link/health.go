package link

import "time"

// How long silences may be.
const (
	Pulse   = 200 * time.Millisecond // a hot connection says something this often
	Silence = 500 * time.Millisecond // a hot connection that is silent for so long is unhealthy
	Timeout = 10 * time.Second       // any connection that is silent for so long is closed

	slowPulse   = time.Second             // of the other classes
	slowSilence = 2500 * time.Millisecond // likewise
)

// Healthy reports whether both ends have heard from each other lately. Each pulse says for how long
// its sender has heard nothing. So an end that hears, and is not heard, knows it.
func (c *Conn) Healthy() bool {
	limit := slowSilence
	if c.class == Hot {
		limit = Silence
	}
	return c.ctx.Err() == nil && c.silence() < limit && c.unheard.Load() < limit.Milliseconds()
}

// pulse sends pulses, whether or not there is anything else to say. It closes the connection when
// the peer is silent for Timeout.
func (c *Conn) pulse() {
	every := slowPulse
	if c.class == Hot {
		every = Pulse
	}
	t := time.NewTicker(every)
	defer t.Stop()
	for {
		select {
		case <-c.ctx.Done():
			return
		case <-t.C:
		}
		silence := c.silence()
		c.send(kindAlive, 0, uint32(min(silence, time.Hour).Milliseconds()), appendStamp(nil, c.now()))
		if silence > Timeout {
			c.cancel(errSilent)
			return
		}
	}
}

// silence is for how long nothing has been heard from the peer.
func (c *Conn) silence() time.Duration { return time.Since(c.made) - time.Duration(c.heard.Load()) }
