package abuse

import (
	"context"
	"crypto/tls"
	"net"
)

// oddHandshakes are of TLS.
func oddHandshakes() []oddity {
	return []oddity{
		{name: "TLS handshakes, 1,000 a second", tls: true, do: func(ctx context.Context, g *greedy) {
			g.again = again / 20
			g.each(ctx, func(ctx context.Context, c net.Conn) {
				_ = tls.Client(c, &tls.Config{InsecureSkipVerify: true}).HandshakeContext(ctx)
			})
		}},
	}
}
