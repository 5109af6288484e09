package admit

import "time"

// crowdPace is how long a newcomer waits while a crowd is being greeted, in the kernel's backlog
// with those behind it. Clients that hold back what a node waits for make a crowd, too: they can
// slow newcomers down to a thousand a second, and no more.
const crowdPace = time.Millisecond

// greet counts a newcomer among those that are being greeted, and waits for its turn.
//
// If the kernel's backlog is nearly full it waits for nothing: the kernel would turn the next ones
// away, who try again after a second, then three. Its turn comes when it is read.
func (l *Listener) greet(c *Conn) {
	n, crowd := l.greeted.Add(1), int64(l.config.Crowd)
	switch busy := len(l.gates.brief.slots) == cap(l.gates.brief.slots); {
	case (busy || crowd > 0 && n > crowd) && backlogFills(l.Listener):
		l.gates.pause.take()
		return
	case crowd > 0 && n > crowd:
		time.Sleep(crowdPace)
	}
	c.goIn()
}

// endGreeting ends the greeting of c, once: it has had an answer, or shown a good token, or is
// closed.
func (c *Conn) endGreeting() {
	if c.greeted.CompareAndSwap(false, true) {
		c.l.greeted.Add(-1)
	}
}
