package sim

import (
	"bytes"
	"context"
	"net"

	"github.com/scaiwave/presence/cluster/memnet"
)

// classes are those of links.
var classes = []string{"hot", "events", "bulk"}

// classHeader begins the line of the upgrade request that says which class a link is of.
const classHeader = "\r\nPresence-Class: "

// dialByClass is how a node dials others: the streams of its links are marked with their class, so
// that faults can be of one class.
func dialByClass(h *memnet.Host) func(ctx context.Context, network, address string) (net.Conn, error) {
	return func(ctx context.Context, network, address string) (net.Conn, error) {
		c, err := h.Dial(ctx, network, address)
		if err != nil {
			return nil, err
		}
		return &classed{Conn: c}, nil
	}
}

// classed is a stream that is marked when its user says what it is for.
type classed struct {
	net.Conn
	marked bool // owned by the writer
}

// Write looks for the class in what is written first, which is the upgrade request as a whole.
func (c *classed) Write(b []byte) (int, error) {
	if !c.marked {
		c.marked = true
		if _, after, ok := bytes.Cut(b, []byte(classHeader)); ok {
			class, _, _ := bytes.Cut(after, []byte("\r\n"))
			memnet.Mark(c.Conn, string(class))
		}
	}
	return c.Conn.Write(b)
}
