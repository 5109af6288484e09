package admit

import (
	"net"
	"time"
)

// freshFor is how long a newcomer may take over its first request before it is worth less than the
// next newcomer.
const freshFor = time.Second

// proxyHeaderWait is how long a trusted proxy may take over its PROXY header.
const proxyHeaderWait = 5 * time.Second

// Listen bounds the connections of inner. The http.Server that serves them must have State as its
// ConnState.
func Listen(inner net.Listener, c Config) *Listener {
	return &Listener{Listener: inner, config: c, refusals: make(chan struct{}, maxRefusals), gates: newGates()}
}

// Close ends accepting. The connections that are there stay.
func (l *Listener) Close() error {
	l.gates.close()
	return l.Listener.Close()
}

// Accept returns the next connection that there is a place for; others are refused.
func (l *Listener) Accept() (net.Conn, error) {
	for {
		nc, err := l.Listener.Accept()
		if err != nil {
			return nil, err
		}
		c := l.newConn(nc)
		if !c.announced && !c.claim(c.peer) { // before it takes the place of another address's connection
			l.refuse(nc, limitAddress)
			continue
		}
		victim, ok := l.enter(c)
		if victim != nil {
			l.counts.freed.Add(1)
			_ = victim.Close()
		}
		if !ok {
			c.giveBack()
			l.refuse(nc, limitConnections)
			continue
		}
		l.greet(c)
		return c, nil
	}
}

func (l *Listener) newConn(nc net.Conn) *Conn {
	c := &Conn{Conn: nc, raw: nc, l: l, peer: AddrOf(nc.RemoteAddr()), since: time.Now(), poked: make(chan struct{}, 1)}
	if l.config.ProxyProtocol && l.config.Trusted.Contains(c.peer) {
		c.announced = true
		c.Conn = announcedBy(nc)
	}
	c.own = c.since.Add(l.config.Pace.Grace)
	_ = c.setDeadline()
	return c
}

// enter gives c a place, that of the victim if there is one; false: there is none.
func (l *Listener) enter(c *Conn) (victim *Conn, ok bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.open >= l.config.Connections {
		if victim = l.worthLess(c.since); victim == nil {
			return nil, false
		}
		l.drop(victim)
	}
	l.open++
	l.fresh.join(c)
	return victim, true
}

// worthLess returns the connection whose place a newcomer may have, or nil.
func (l *Listener) worthLess(now time.Time) *Conn {
	for c := l.resting.first; c != nil; c = l.resting.first {
		if !c.begun.Load() {
			return c
		}
		c.stepOut() // its next request is on the way
		c.since = now
		l.fresh.join(c)
	}
	if c := l.fresh.first; c != nil && now.Sub(c.since) >= freshFor {
		return c
	}
	return nil
}

// drop takes c's place, once.
func (l *Listener) drop(c *Conn) {
	if c.dropped {
		return
	}
	c.dropped = true
	c.stepOut()
	l.open--
}

func (l *Listener) leave(c *Conn) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.drop(c)
}

// queue puts c into a line, or into none: it is busy then, and keeps its place.
func (l *Listener) queue(c *Conn, in *line) {
	l.mu.Lock()
	defer l.mu.Unlock()
	c.stepOut()
	if in != nil && !c.dropped {
		c.since = time.Now()
		in.join(c)
	}
}

// Open is how many connections there are.
func (l *Listener) Open() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.open
}
