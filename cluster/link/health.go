package link

import (
	"sync/atomic"
	"time"
)

// How long silences may be. On a link that is idle nothing is lost, so a silence there may be found
// later: a peer's within two to three seconds, that of one connection of six within eight to ten.
const (
	Pulse   = 200 * time.Millisecond // a hot connection in use says something this often
	Silence = 500 * time.Millisecond // a hot connection in use that is silent for so long is unhealthy
	Timeout = 10 * time.Second       // any connection in use that is silent for so long is closed

	slowPulse   = time.Second             // of the other classes
	slowSilence = 2500 * time.Millisecond // likewise

	calm     = time.Second             // a connection is in use until so long after a frame
	peerLate = 1250 * time.Millisecond // a peer that is silent for so long is asked on all connections
	connLate = 7500 * time.Millisecond // a connection that is silent for so long is asked: six turns take six seconds
)

// signs are when a connection last showed signs of life, in nanoseconds since it was made.
//
// A connection that is idle has nothing to lose, and so it says little: a peer has six, and one of
// them says something each second. One that is in use is heard all the time, or is unhealthy. It is
// in use from its first frame on, until nothing waits for an answer, nothing has gone either way
// for a while, and the peer has shown since that it hears. One that is silent for too long though
// it is idle is taken into use, to find out.
type signs struct {
	heard   atomic.Int64 // something came
	lively  atomic.Int64 // something came from an end that is in use, or answers one that is
	asked   atomic.Int64 // a pulse came from an end that is in use
	used    atomic.Int64 // a frame other than a pulse came, or was sent
	began   atomic.Int64 // it came into use
	waiting atomic.Int64 // calls that wait for an answer
	suspect atomic.Bool  // it is silent for too long
	unheard atomic.Int64 // milliseconds for which the peer has missed this end, by its last pulse
}

// inUse reports whether the peer has to be heard all the time.
func (s *signs) inUse(now time.Duration) bool { return s.isBusy(now) || s.suspect.Load() }

// isBusy is inUse for what the connection itself carries.
func (s *signs) isBusy(now time.Duration) bool {
	used := s.used.Load()
	return now-time.Duration(used) < calm || s.lively.Load() < used || s.waiting.Load() > 0
}

// use notes a frame.
func (s *signs) use(now time.Duration) {
	if !s.inUse(now) {
		s.began.Store(int64(now))
	}
	for was := s.used.Load(); int64(now) > was && !s.used.CompareAndSwap(was, int64(now)); was = s.used.Load() {
	}
}

// doubt notes whether the connection is silent for too long.
func (s *signs) doubt(now time.Duration, is bool) {
	if is && !s.inUse(now) {
		s.began.Store(int64(now))
	}
	s.suspect.Store(is)
}

// missed is for how long the peer should have been heard, and was not.
func (s *signs) missed(now time.Duration) time.Duration {
	if !s.inUse(now) {
		return 0
	}
	return max(0, now-time.Duration(max(s.lively.Load(), s.began.Load())))
}

// silence is for how long nothing has been heard from the peer, which may be idle.
func (s *signs) silence(now time.Duration) time.Duration { return now - time.Duration(s.heard.Load()) }

// Healthy reports whether both ends hear each other, as far as they have to. Each pulse says for
// how long its sender has missed the other end. So an end that hears, and is not heard, knows it.
func (c *Conn) Healthy() bool {
	limit := slowSilence
	if c.class == Hot {
		limit = Silence
	}
	return c.ctx.Err() == nil && c.missed(c.now()) < limit && c.unheard.Load() < limit.Milliseconds()
}

// The methods of pulses.
const (
	pulseIdle   byte = iota // from an end that is not in use
	pulseInUse              // from one that is, and wants an answer
	pulseAnswer             // from one that is not, and answers
)

// seen is what came in a message.
type seen struct{ frame, lively, asks bool }

// came notes what came in a message.
func (c *Conn) came(what seen, now time.Duration) {
	if what.lively || what.frame {
		c.lively.Store(int64(now))
	}
	if what.asks {
		c.asked.Store(int64(now))
	}
	if what.frame {
		c.use(now)
	}
}

// hearPulse notes a pulse. Its payload is when it was sent, and for how long its sender has heard
// nothing. One that has heard nothing since this end is in use does not answer it, whatever it
// says.
func (c *Conn) hearPulse(f frame, what *seen) {
	c.unheard.Store(int64(f.id))
	sent, rest, _ := cutStamp(f.payload)
	silent, _, ok := cutStamp(rest)
	if !ok {
		return
	}
	now := c.now()
	c.ages.note(sent, now)
	what.asks = what.asks || f.method == pulseInUse
	hears := !c.inUse(now) || time.Duration(silent)*time.Millisecond < now-time.Duration(c.began.Load())
	what.lively = what.lively || f.method != pulseIdle && hears
}

// pulse sends a pulse if one is due. It closes the connection when the peer has been missed for
// Timeout. mayIdle has an idle connection send one, too. It reports whether one was sent.
func (c *Conn) pulse(mayIdle bool) (sent bool) {
	now, every, method := c.now(), slowPulse, pulseIdle
	if c.class == Hot {
		every = Pulse
	}
	switch asked := c.asked.Load(); {
	case c.inUse(now):
		method = pulseInUse
	case asked > 0 && now-time.Duration(asked) < calm:
		method = pulseAnswer
	case c.told: // the peer would go by it until the next turn
	case !mayIdle:
		return false
	}
	if now-c.pulsed < every-Pulse/2 {
		return false
	}
	c.pulsed = now
	missed := c.missed(now)
	c.told = missed >= Silence
	payload := appendStamp(appendStamp(nil, now), min(c.silence(now), time.Hour))
	c.send(kindAlive, method, uint32(min(missed, time.Hour).Milliseconds()), payload)
	if missed > Timeout {
		c.cancel(errSilent)
	}
	return true
}
