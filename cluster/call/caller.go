package call

import (
	"context"
	"errors"
	"sync/atomic"

	"github.com/scaiwave/presence/cluster/link"
	"github.com/scaiwave/presence/cluster/view"
)

// Caller asks other nodes, as one of them. All methods are safe for concurrent use.
type Caller struct {
	// static
	self        link.Name
	views       *atomic.Pointer[view.View]
	partitionOf func(id string) int

	inbound inbound
	relayed atomic.Int64
}

// New makes the caller of a node, whose view of the moment is in views.
func New(self link.Name, views *atomic.Pointer[view.View], partitionOf func(id string) int) *Caller {
	return &Caller{self: self, views: views, partitionOf: partitionOf}
}

// Opened notes a connection that another node has made: calls go both ways on it.
func (c *Caller) Opened(conn *link.Conn) { c.inbound.add(conn) }

// Closed forgets a connection.
func (c *Caller) Closed(conn *link.Conn) { c.inbound.remove(conn) }

// Relayed is how many calls were passed on for this node.
func (c *Caller) Relayed() int64 { return c.relayed.Load() }

// Call asks another node, by the first way that works:
//
//	dialed     n1 ──▶ n3           the connection that this node made
//	accepted   n1 ◀── n3           the one that the other node made: calls go both ways on it
//	relayed    n1 ──▶ n2 ──▶ n3    OpOnward to a node that reaches both, which makes it OpPassed
//
// A node that relays asks by the first two ways only, so a call takes one hop at most. It passes
// bytes on and answers nothing itself: what it knows may be older than what the owner knows.
func (c *Caller) Call(
	ctx context.Context, to link.Name, class link.Class, op byte, payload []byte, take func(reply []byte) error,
) error {
	v := c.views.Load()
	if conn := c.way(v, to, class); conn != nil {
		return conn.Call(ctx, op, payload, take)
	}
	err := c.relay(ctx, v, to, class, op, payload, take)
	if p := v.Peer(to); errors.Is(err, errNoWay) && p != nil {
		return p.Call(ctx, class, op, payload, take) // silent, but it may be about to answer
	}
	return err
}

// Answers reports whether a call to a node goes straight to it, and may be answered.
func (c *Caller) Answers(to link.Name, class link.Class) bool {
	return c.way(c.views.Load(), to, class) != nil
}

// Hears reports whether a node says something on a link of this one.
func (c *Caller) Hears(name link.Name) bool { return c.Direct(c.views.Load(), name, link.Hot) != nil }

// way is the connection for a call, or nil. A silent hot one speaks for the others, which say
// something much more rarely: they are tried only if no other node passes the call on.
func (c *Caller) way(v *view.View, to link.Name, class link.Class) *link.Conn {
	if class != link.Hot && c.Direct(v, to, link.Hot) == nil {
		return nil
	}
	return c.Direct(v, to, class)
}

// Direct is a healthy connection to a node, or nil.
func (c *Caller) Direct(v *view.View, to link.Name, class link.Class) *link.Conn {
	if !v.Has(to) {
		return nil
	}
	return c.DirectAt(v, v.Places[to.ID], class)
}

// DirectAt is Direct by the node's place among the members.
func (c *Caller) DirectAt(v *view.View, place int, class link.Class) *link.Conn {
	if p := v.PeerAt(place); p != nil {
		if conn := p.Conn(class); conn != nil && conn.Healthy() {
			return conn
		}
	}
	if conn := c.inbound.get(v.Members[place].Name, class); conn != nil && conn.Healthy() {
		return conn
	}
	return nil
}

// Reachable reports whether there is a way to a node that may work at the moment.
func (c *Caller) Reachable(v *view.View, place int) bool {
	m := v.Members[place]
	return m.Name == c.self || c.DirectAt(v, place, link.Hot) != nil || len(c.relays(v, m.Name, link.Hot)) > 0
}

// Missing are the classes of which no connection to another member works, by its id.
func (c *Caller) Missing(v *view.View) map[string][]string {
	links := make(map[string][]string, len(v.Members))
	for place, m := range v.Members {
		if m.Name == c.self {
			continue
		}
		var missing []string
		for _, class := range link.Classes {
			if c.DirectAt(v, place, class) == nil {
				missing = append(missing, class.String())
			}
		}
		links[m.Name.ID] = missing
	}
	return links
}

// Alone reports whether there is no other node to ask.
func (c *Caller) Alone() bool { return len(c.views.Load().Links()) == 0 }
