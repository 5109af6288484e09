package load

import (
	"context"
	"net"
	"time"
)

// Line is a WebSocket to a server that speaks another protocol than Presence's. One goroutine
// receives; any may send.
type Line struct {
	socket *socket
	large  []byte
}

// Dial opens a WebSocket at a path of a server on this machine. Until Keep is called, everything on
// it must be done within ctx's deadline.
func Dial(ctx context.Context, host, path string) (*Line, error) {
	conn, err := (&net.Dialer{}).DialContext(ctx, "tcp", host)
	if err != nil {
		return nil, err
	}
	s := newSocket(conn)
	deadline, _ := ctx.Deadline()
	_ = conn.SetDeadline(deadline)
	if err := s.ask(host, path, ""); err != nil {
		_ = conn.Close()
		return nil, err
	}
	return &Line{socket: s}, nil
}

// Keep ends the deadline.
func (l *Line) Keep() { _ = l.socket.conn.SetDeadline(time.Time{}) }

// Send sends a text.
func (l *Line) Send(text []byte) error { return l.socket.send(text) }

// Receive returns the next text, which is valid until the next call.
func (l *Line) Receive() ([]byte, error) { return l.socket.receive(&l.large) }

// Close hangs up. Receive then fails.
func (l *Line) Close() { _ = l.socket.conn.Close() }
