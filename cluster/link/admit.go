package link

import (
	"context"
	"crypto/tls"
	"net"
	"net/http"
	"time"

	"github.com/scaiwave/presence/cluster/unproven"
)

// A certificate of the authority makes nobody a member, and neither does knowing names. A link is
// made with members alone. A node that joins dials others as soon as gossip has told it of them,
// which may be before gossip has told them. So it is held for a moment.

// Strangers are the limits of connections that are no link yet. A node sends 6 KB, its certificate
// and header. 100 nodes that start at once make 300 connections to each other one.
var Strangers = unproven.Limits{Conns: 512, Time: 5 * time.Second, Bytes: 64 << 10}

const (
	maxHeld  = 256                    // connections held at once; one more is refused, and dials again
	holdTime = 500 * time.Millisecond // gossip needs 200 to 300 ms; beyond this an introduction is faster
)

// connKey is the key of a request's connection in its context.
type connKey struct{}

func withConn(ctx context.Context, c net.Conn) context.Context {
	if t, ok := c.(*tls.Conn); ok {
		c = t.NetConn()
	}
	return context.WithValue(ctx, connKey{}, c)
}

// prove ends the limits of a request's connection.
func prove(r *http.Request) {
	if c, ok := r.Context().Value(connKey{}).(*unproven.Conn); ok {
		c.Prove()
	}
}
