package load

import (
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"net"

	"github.com/scaiwave/presence/bench/target"
)

// HoldBack is a client that doesn't send what its node waits for, and comes back when the node has
// had enough: after a part of its header, or else where its hello should be.
func HoldBack(ctx context.Context, c *target.Cluster, header bool) {
	for ctx.Err() == nil {
		if up := c.Up(); len(up) > 0 {
			holdBack(ctx, c, up[rand.IntN(len(up))], header)
		}
		Sleep(ctx, rand.N(defaultBackoff))
	}
}

func holdBack(ctx context.Context, c *target.Cluster, n *target.Node, header bool) {
	s, host, err := reach(ctx, &net.Dialer{}, c.TLS, n)
	if err != nil {
		return
	}
	defer s.conn.Close()
	defer context.AfterFunc(ctx, func() { _ = s.conn.Close() })()
	if header {
		_, _ = fmt.Fprintf(s.conn, "GET /v1/ws HTTP/1.1\r\nHost: %s\r\n", host)
	} else if s.upgrade(host) != nil {
		return
	}
	_, _ = io.Copy(io.Discard, s.conn)
}
