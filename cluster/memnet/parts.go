package memnet

import (
	"net"
	"time"
)

// Cut shuts the way from one address to another. The way back stays open. CutPort, CutAnswers,
// CutMark and CutPackets shut a part of it.
func (n *Network) Cut(from, to string) { n.shut(way{from: from, to: to}) }

// CutPort shuts the way from one address to a port of another, as a firewall's rule by destination
// port does. The answers of streams to that port still come, and so does everything else.
func (n *Network) CutPort(from, to string, port int) {
	n.shut(way{from, to, parts{port: port}})
}

// CutAnswers shuts the way from a port of one address to another, as a firewall's rule by source
// port does.
func (n *Network) CutAnswers(from, to string, port int) {
	n.shut(way{from, to, parts{port: port, answers: true}})
}

// CutMark shuts the way for the streams that have a mark; see Mark.
func (n *Network) CutMark(from, to, mark string) {
	n.shut(way{from, to, parts{mark: mark}})
}

// CutPackets shuts the way for packets alone, as where a firewall lets TCP through and not UDP.
func (n *Network) CutPackets(from, to string) {
	n.shut(way{from, to, parts{packets: true}})
}

// SlowMark delays what is sent from now on in streams that have a mark.
func (n *Network) SlowMark(from, to, mark string, late time.Duration) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.slow[way{from, to, parts{mark: mark}}] = late
}

// Heal opens all ways, and ends all SlowMark.
func (n *Network) Heal() {
	n.mu.Lock()
	defer n.mu.Unlock()
	clear(n.cuts)
	clear(n.slow)
	n.change()
}

// Mark gives a stream of this network a mark, so that faults can be of streams with it.
func Mark(c net.Conn, mark string) {
	for _, p := range []*pipe{c.(*conn).in, c.(*conn).out} {
		p.mu.Lock()
		p.parts.mark = mark
		p.mu.Unlock()
	}
}

func (n *Network) shut(w way) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.cuts[w] = struct{}{}
}

// open reports whether some parts get from one host to another now, and returns what to wait for if
// they don't.
func (n *Network) open(from, to *Host, p parts) (ok bool, changed <-chan struct{}) {
	n.mu.Lock()
	defer n.mu.Unlock()
	return !n.isCut(from, to, p) && from.state == up && to.state == up, n.changed
}

// isCut reports whether the way from one host to another is cut, as a whole or for a part in p.
// n.mu is held.
func (n *Network) isCut(from, to *Host, p parts) bool {
	if len(n.cuts) == 0 {
		return false
	}
	for _, of := range []parts{{}, {port: p.port, answers: p.answers}, {mark: p.mark}, {packets: p.packets}} {
		if _, cut := n.cuts[way{from.address, to.address, of}]; cut {
			return true
		}
	}
	return false
}
