package admit

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"strconv"
	"time"

	"github.com/scaiwave/presence/gateway/wire"
)

const (
	maxRefusals  = 16          // that are under way at once
	refusalWait  = time.Second // for a client to take its answer
	maxDiscarded = 64 << 10    // of what it sends meanwhile
)

// refuse ends a connection that there is no place for, and tells why if that costs little.
func (l *Listener) refuse(nc net.Conn, why limit) {
	l.counts.refuse(why)
	select {
	case l.refusals <- struct{}{}:
		go func() {
			l.answer(nc, why)
			<-l.refusals
		}()
	default:
		_ = nc.Close()
	}
}

// tell is refuse for a connection that has a goroutine already. Its owner closes it.
func (l *Listener) tell(c *Conn, why limit) {
	l.counts.refuse(why)
	select {
	case l.refusals <- struct{}{}:
		l.answer(c.raw, why)
		<-l.refusals
	default:
	}
}

// answer writes the reason and closes. It waits a moment for the request: clients distrust an
// answer to what they haven't asked yet. What else is sent is read: closing over it would reset the
// connection, and the reason would be lost.
func (l *Listener) answer(nc net.Conn, why limit) {
	defer nc.Close()
	if l.config.Secure {
		return
	}
	if why != limitHeaders {
		_ = nc.SetReadDeadline(time.Now().Add(refusalWait / 2))
		_, _ = nc.Read(make([]byte, 1<<10))
	}
	_ = nc.SetDeadline(time.Now().Add(refusalWait / 2))
	if _, err := nc.Write(l.reason(why)); err != nil {
		return
	}
	if half, ok := nc.(interface{ CloseWrite() error }); ok && half.CloseWrite() == nil {
		_, _ = io.CopyN(io.Discard, nc, maxDiscarded)
	}
}

// reason is a whole HTTP response.
func (l *Listener) reason(why limit) []byte {
	e, after := l.problem(why)
	body := e.AppendProblem(nil)
	return fmt.Appendf(nil, "HTTP/1.1 %s\r\nContent-Type: %s\r\nContent-Length: %d\r\n"+
		"Retry-After: %d\r\nCache-Control: no-store\r\nConnection: close\r\n\r\n%s",
		status(e.Status()), wire.ProblemType, len(body), after, body)
}

func status(code int) string { return strconv.Itoa(code) + " " + http.StatusText(code) }

// problem says what was full, and after how many seconds to try again.
func (l *Listener) problem(why limit) (e *wire.Error, after int) {
	switch why {
	case limitAddress:
		return wire.Errorf(wire.RateLimited, "your address has its %d connections; close one first",
			l.config.Addresses.Limit()), 5
	case limitHeaders:
		return wire.Errorf(wire.Unavailable, "there is no memory left for headers above %d bytes; "+
			"send ids in the body of POST /v1/presence/query, or try later", l.config.FreeHeaderBytes), 1
	default:
		return wire.Errorf(wire.Unavailable, "this node has its %d connections; try another one, or later",
			l.config.Connections), 1
	}
}
