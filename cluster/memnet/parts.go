package memnet

import (
	"net"
	"time"
)

// way is what a fault is of: all that goes from one address to another, or a part of it.
type way struct {
	from, to string
	parts
}

// parts says which streams, or that it is of packets. The zero value is of everything.
type parts struct {
	port    int    // those that were made to this port
	answers bool   // of these what comes from the port; else what goes there
	mark    string // those with this mark
	packets bool   // packets, and no streams
}

// CutPort shuts the way from one address to a port of another, as a firewall's rule by destination
// port does. What streams to that port bring back still comes, and so does everything else.
func (n *Network) CutPort(from, to string, port int) {
	n.shut(way{from, to, parts{port: port}})
}

// CutAnswers shuts the way for what comes from a port of one address to another, as a rule by
// source port does.
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

// SlowMark has what is sent from now on, in streams that have a mark, come so much later.
func (n *Network) SlowMark(from, to, mark string, late time.Duration) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.slow[way{from, to, parts{mark: mark}}] = late
}

// Mark says what a stream of this network is for, so that faults can be of streams like it.
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

// isCut reports whether a fault is of everything from one host to another, or of a part that p is
// of. n.mu is held.
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

// delay is how long what is written now is on its way.
func (p *pipe) delay() time.Duration {
	n, mark := p.from.net, p.part().mark
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.delayLocked() + n.slow[way{p.from.address, p.to.address, parts{mark: mark}}]
}

// part is what the pipe is of.
func (p *pipe) part() parts {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.parts
}
