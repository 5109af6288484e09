package link

import (
	"slices"
	"sync"
	"time"
)

// Pulses sends the pulses of all connections of a node. One goroutine does so for all, five times a
// second: with one for each connection, waking them was most of what an idle node cost.
type Pulses struct {
	mu    sync.Mutex
	peers map[Name]*lines
	stop  chan struct{} // ends the goroutine; nil: there is none, as there are no connections
	ended chan struct{} // closed when it has ended
}

// NewPulses makes those of a node. It runs while there are connections.
func NewPulses() *Pulses { return &Pulses{} }

// lines are the connections with a peer, whichever side made them.
type lines struct {
	conns []*Conn
	next  int   // whose turn it is
	last  int64 // the Unix second of the latest turn
}

func (p *Pulses) add(c *Conn) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.stop == nil {
		p.peers, p.stop, p.ended = make(map[Name]*lines), make(chan struct{}), make(chan struct{})
		go p.run(p.stop, p.ended)
	}
	l := p.peers[c.peer]
	if l == nil {
		l = &lines{}
		p.peers[c.peer] = l
	}
	l.conns = append(l.conns, c)
}

// remove waits for the goroutine if it was the last connection.
func (p *Pulses) remove(c *Conn) {
	p.mu.Lock()
	l := p.peers[c.peer]
	l.conns = slices.DeleteFunc(l.conns, func(other *Conn) bool { return other == c })
	if len(l.conns) == 0 {
		delete(p.peers, c.peer)
	}
	stop, ended := p.stop, p.ended
	if len(p.peers) > 0 {
		p.mu.Unlock()
		return
	}
	p.stop = nil
	p.mu.Unlock()
	close(stop)
	<-ended
}

func (p *Pulses) run(stop <-chan struct{}, ended chan<- struct{}) {
	defer close(ended)
	for {
		t := time.NewTimer(untilTick(time.Now()))
		select {
		case <-stop:
			t.Stop()
			return
		case now := <-t.C:
			p.tick(now.Unix())
		}
	}
}

// untilTick is the time until the next tick. Ticks are at whole fifths of a second by the clock.
// Nodes whose clocks agree so pulse at the same time: each is woken once for all its peers, and not
// once for each of them.
func untilTick(now time.Time) time.Duration { return now.Truncate(Pulse).Add(Pulse).Sub(now) }

func (p *Pulses) tick(second int64) {
	p.mu.Lock()
	defer p.mu.Unlock()
	fail := p.fail()
	for _, l := range p.peers {
		l.tick(second, fail)
	}
}

// fail are the classes of which a connection is unhealthy. What broke it may have broken those with
// other peers, which are asked, to find out.
func (p *Pulses) fail() (fail [classes]bool) {
	for _, l := range p.peers {
		for _, c := range l.conns {
			fail[c.class] = fail[c.class] || !c.Healthy()
		}
	}
	return fail
}

// tick has each connection send the pulse that is due, and one of those that are idle its turn. It
// asks the peer on those of the classes that fail.
func (l *lines) tick(second int64, fail [classes]bool) {
	late := l.silence() > peerLate
	busy := slices.ContainsFunc(l.conns, func(c *Conn) bool { return c.isBusy(c.now()) })
	for _, c := range l.conns {
		now := c.now()
		// callers take a silent hot one for a silent peer, whichever connection they use
		c.doubt(now, late || c.silence(now) > connLate || fail[c.class] || busy && c.class == Hot)
		c.pulse(false)
	}
	if second == l.last {
		return
	}
	l.last = second
	for range l.conns {
		l.next++
		if c := l.conns[l.next%len(l.conns)]; !c.inUse(c.now()) {
			c.pulse(true)
			return
		}
	}
}

// silence is for how long nothing has been heard on any connection.
func (l *lines) silence() time.Duration {
	least := time.Hour
	for _, c := range l.conns {
		least = min(least, c.silence(c.now()))
	}
	return least
}
