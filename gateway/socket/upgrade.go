package socket

import (
	"bufio"
	"bytes"
	"net"
	"net/http"
	"runtime"

	"github.com/coder/websocket"

	"github.com/scaiwave/presence/gateway/wire"
)

// libraryBufferBytes is for each of the library's two buffers, which it never gives back: bufio has
// no less. What is read is in the guard's; what the library writes, controls puts together.
const libraryBufferBytes = 16

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
	ws.SetReadLimit(-1)           // c counts by itself, so that the close frame comes after its answers
	runtime.SetFinalizer(ws, nil) // the library's closes what was forgotten; the registry forgets none
	c.nc.library.Reset(c.nc)      // past the reader that the library put between, for what net/http had read
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
	g := &guard{Conn: nc, of: u.conn}
	if len(early) > 0 {
		g.ahead = &readAhead{buffer: make([]byte, readAheadBytes), left: bytes.Clone(early)}
	}
	u.conn.nc, g.library = g, bufio.NewReaderSize(g, libraryBufferBytes)
	return g, bufio.NewReadWriter(g.library, bufio.NewWriterSize((*controls)(g), libraryBufferBytes)), nil
}
