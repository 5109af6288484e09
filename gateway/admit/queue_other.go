//go:build !linux

package admit

import "net"

// queue is a line that the kernel keeps; here it keeps none. Strangers read when something comes,
// and wait for their turn afterwards.
type queue struct{}

func (*queue) join(*Conn, func()) bool { return false }
func (*queue) next(*gate) *Conn        { return nil }
func (*queue) await() bool             { return false }
func (*queue) has(*Conn) bool          { return false }
func (*queue) leave(*Conn)             {}
func (*queue) forget(*Conn)            {}
func (*queue) close()                  {}

// backlogFills reports what isn't known here.
func backlogFills(net.Listener) bool { return false }

// pause is for Linux.
type pause struct{}

func (*pause) take()  {}
func (*pause) close() {}
