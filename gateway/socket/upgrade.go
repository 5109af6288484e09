package socket

import (
	"bufio"
	"bytes"
	"net"
	"net/http"

	"github.com/coder/websocket"

	"github.com/scaiwave/presence/gateway/admit"
	"github.com/scaiwave/presence/gateway/wire"
)

// Buffers of one connection. The read buffer takes several heartbeats at a time. Through the write
// buffer go only the library's own control frames, of 127 bytes at most.
const (
	readBufferBytes  = 512
	writeBufferBytes = 128
)

// upgrade turns the request into a WebSocket for c, or says why not; then nothing has been written
// to w.
func (c *conn) upgrade(w http.ResponseWriter, r *http.Request) *wire.Error {
	cfg := &c.srv.cfg
	u := &upgrader{ResponseWriter: w, conn: c}
	ws, err := websocket.Accept(u, r, &websocket.AcceptOptions{
		Subprotocols:       []string{Subprotocol},
		OriginPatterns:     cfg.OriginPatterns,
		InsecureSkipVerify: cfg.AllOrigins,
		CompressionMode:    websocket.CompressionDisabled,
		OnPingReceived:     c.pinged,
		OnPongReceived:     c.ponged,
	})
	if err != nil {
		return u.refusal()
	}
	ws.SetReadLimit(-1) // c counts by itself, so that the close frame comes after its answers
	c.ws = ws
	return nil
}

// upgrader is the ResponseWriter given to the library: it keeps the plain-text refusals back, and
// hands out small buffers and a guarded connection.
type upgrader struct {
	http.ResponseWriter
	conn   *conn
	status int
	text   []byte
}

func (u *upgrader) WriteHeader(status int) {
	u.status = status
	if status == http.StatusSwitchingProtocols {
		u.ResponseWriter.WriteHeader(status)
	}
}

func (u *upgrader) Write(p []byte) (int, error) {
	u.text = append(u.text, p...)
	return len(p), nil
}

func (u *upgrader) refusal() *wire.Error {
	detail := string(bytes.TrimSpace(u.text))
	switch {
	case u.status == http.StatusForbidden:
		return wire.Errorf(wire.Forbidden, "%s", detail)
	case u.status < http.StatusInternalServerError:
		return wire.Errorf(wire.BadRequest, "this is a WebSocket endpoint: %s", detail)
	default:
		return wire.Errorf(wire.Unavailable, "the connection could not become a WebSocket")
	}
}

// Hijack gives the library buffers of its own: net/http's, of 4 KiB each, would stay for as long as
// the connection.
func (u *upgrader) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	nc, brw, err := http.NewResponseController(u.ResponseWriter).Hijack()
	if err != nil {
		return nil, nil, err
	}
	early, _ := brw.Reader.Peek(brw.Reader.Buffered())
	g := &guard{Conn: nc, of: u.conn, early: bytes.Clone(early), turns: admit.Of(nc)}
	u.conn.nc, g.ahead = g, bufio.NewReaderSize(g, readBufferBytes)
	return g, bufio.NewReadWriter(g.ahead, bufio.NewWriterSize(g, writeBufferBytes)), nil
}
