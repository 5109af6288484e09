//go:build !linux

package socket

import "net"

// poller is where sockets can't be waited for without a goroutine each.
type poller struct{}

func (*poller) source(net.Conn, *conn) source { return nil }

func (*poller) close() {}
