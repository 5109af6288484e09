package load

import (
	"bufio"
	"context"
	"crypto/tls"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"sync"
	"time"

	"github.com/scaiwave/presence/bench/target"
)

// socket is one connection after its upgrade. One goroutine reads; any may send.
type socket struct {
	conn  net.Conn
	in    *bufio.Reader
	beats unanswered

	mu  sync.Mutex
	out []byte
}

const (
	writePatience = 5 * time.Second
	readBuffer    = 1 << 10
)

// dial connects to a node by d and upgrades the connection. trust is for https.
func dial(ctx context.Context, d *net.Dialer, trust *tls.Config, n *target.Node) (*socket, error) {
	s, host, err := reach(ctx, d, trust, n)
	if err != nil {
		return nil, err
	}
	deadline, _ := ctx.Deadline()
	_ = s.conn.SetDeadline(deadline)
	if err := s.upgrade(host); err != nil {
		_ = s.conn.Close()
		return nil, err
	}
	return s, nil
}

// reach connects to a node by d, and returns what a request has as its Host.
func reach(ctx context.Context, d *net.Dialer, trust *tls.Config, n *target.Node) (s *socket, host string, err error) {
	u, err := url.Parse(n.URL)
	if err != nil {
		return nil, "", err
	}
	dialer := d.DialContext
	if u.Scheme == "https" {
		dialer = (&tls.Dialer{NetDialer: d, Config: trust}).DialContext
	}
	conn, err := dialer(ctx, "tcp", hostPort(u))
	if err != nil {
		return nil, "", err
	}
	return newSocket(conn), u.Host, nil
}

func newSocket(conn net.Conn) *socket {
	return &socket{conn: conn, in: bufio.NewReaderSize(conn, readBuffer)}
}

func hostPort(u *url.URL) string {
	switch {
	case u.Port() != "":
		return u.Host
	case u.Scheme == "https":
		return net.JoinHostPort(u.Hostname(), "443")
	default:
		return net.JoinHostPort(u.Hostname(), "80")
	}
}

func (s *socket) upgrade(host string) error {
	return s.ask(host, "/v1/ws", "Sec-WebSocket-Protocol: presence.v1\r\n")
}

// ask asks for an upgrade to a WebSocket at path, with more headers.
func (s *socket) ask(host, path, more string) error {
	_, err := fmt.Fprintf(s.conn, "GET %s HTTP/1.1\r\nHost: %s\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"+
		"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: cHJlc2VuY2UtYmVuY2ghIQ==\r\n%s\r\n", path, host, more)
	if err != nil {
		return err
	}
	res, err := http.ReadResponse(s.in, nil)
	if err != nil {
		return err
	}
	if res.StatusCode != http.StatusSwitchingProtocols {
		answer, _ := io.ReadAll(io.LimitReader(res.Body, readBuffer))
		return refusal{StatusError(res.StatusCode), answer}
	}
	return nil
}

// send writes a text frame.
func (s *socket) send(text []byte) error { return s.write(opText, text) }

func (s *socket) write(op byte, payload []byte) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.out = appendFrame(s.out[:0], op, payload)
	_ = s.conn.SetWriteDeadline(time.Now().Add(writePatience))
	_, err := s.conn.Write(s.out)
	if cap(s.out) > readBuffer {
		s.out = nil // only a subscription is large, and it is sent once
	}
	return err
}

// receive returns the next text, which is valid until the next call. It answers pings.
func (s *socket) receive(large *[]byte) ([]byte, error) {
	for {
		op, payload, err := readFrame(s.in, large)
		switch {
		case err != nil:
			return nil, err
		case op == opText:
			return payload, nil
		case op == opPing:
			err = s.write(opPong, payload)
		case op == opClose && len(payload) >= 2:
			return nil, closed(uint16(payload[0])<<8 | uint16(payload[1]))
		case op == opClose:
			return nil, io.EOF
		default:
			return nil, errFrame
		}
		if err != nil {
			return nil, err
		}
	}
}
