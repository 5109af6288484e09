package admit

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// pipes is a listener in memory, for virtual time.
type pipes struct {
	conns chan net.Conn
	done  chan struct{}
}

func (p *pipes) Accept() (net.Conn, error) {
	select {
	case c := <-p.conns:
		return c, nil
	case <-p.done:
		return nil, net.ErrClosed
	}
}

func (p *pipes) Close() error   { close(p.done); return nil }
func (p *pipes) Addr() net.Addr { return &net.UnixAddr{Name: "pipe"} }

// slowly serves in virtual time, and gives f a connection. A body is read before it is answered.
func slowly(t *testing.T, f func(c net.Conn, l *Listener)) {
	synctest.Test(t, func(t *testing.T) {
		pace := Pace{10 * time.Second, 512}
		p := &pipes{conns: make(chan net.Conn), done: make(chan struct{})}
		l := Listen(p, Config{Connections: 10, Pace: pace, FreeHeaderBytes: 16 << 10, StrangerIdle: 5 * time.Second})
		s := &http.Server{
			ConnState: State, IdleTimeout: 2 * time.Minute, WriteTimeout: time.Minute,
			MaxHeaderBytes: 1 << 20,
		}
		s.ConnContext = func(ctx context.Context,
			nc net.Conn,
		) context.Context {
			return context.WithValue(ctx, key{}, Of(nc))
		}
		s.Handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			conn := r.Context().Value(key{}).(*Conn)
			conn.Proven(r.Header.Get("Authorization") != "")
			pace.Body(w, r, 1<<20, time.Minute)
			if _, err := io.Copy(io.Discard, r.Body); err != nil {
				w.WriteHeader(http.StatusBadRequest)
			}
		})
		ended := make(chan struct{})
		go func() { _ = s.Serve(l); close(ended) }()
		here, there := net.Pipe()
		p.conns <- there
		f(here, l)
		_ = s.Close()
		here.Close()
		<-ended
		// virtual: net/http waits for half of it before it drops a connection whose client may
		// still write
		time.Sleep(time.Second)
	})
}

type key struct{}

// trickle writes so many bytes each second until the other end has gone, and returns after how long
// that was, or all was written.
func trickle(c net.Conn, aSecond, bytes int) time.Duration {
	start := time.Now()
	for ; bytes > 0; bytes -= aSecond {
		if _, err := c.Write([]byte(strings.Repeat("x", aSecond))); err != nil {
			break
		}
		time.Sleep(time.Second)
	}
	return time.Since(start)
}

func within(t *testing.T, what string, got, want time.Duration) {
	t.Helper()
	if got < want || got > want+3*time.Second {
		t.Errorf("%s took %v, want %v", what, got, want)
	}
}

func TestSlowHeader(t *testing.T) {
	slowly(t, func(c net.Conn, l *Listener) {
		// net/http answers half a line, and a pipe's Write waits for its reader
		go func() { _, _ = io.Copy(io.Discard, c) }()
		within(t, "a byte a second", trickle(c, 1, 1000), 10*time.Second)
		if s := l.Stats(); s.Refused["transfer_rate"] != 1 || s.Open != 0 {
			t.Errorf("%+v", s)
		}
	})
}

// 100 KB at twice the rate take longer than any absolute time that ends a client which sends
// nothing.
func TestSlowPhone(t *testing.T) {
	slowly(t, func(c net.Conn, _ *Listener) {
		_, _ = io.WriteString(c, "GET /?")
		within(t, "the header", trickle(c, 1024, 100<<10), 100*time.Second)
		_, _ = io.WriteString(c, " HTTP/1.1\r\nHost: x\r\n\r\n")
		wantStatus(t, c, "200")
	})
	slowly(t, func(c net.Conn, _ *Listener) {
		_, _ = io.WriteString(c, "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 102400\r\n\r\n")
		within(t, "the body", trickle(c, 1024, 100<<10), 100*time.Second)
		wantStatus(t, c, "200")
	})
}

func wantStatus(t *testing.T, c net.Conn, status string) {
	t.Helper()
	b := make([]byte, 64)
	n, err := c.Read(b)
	if got := string(b[:n]); !strings.HasPrefix(got, "HTTP/1.1 "+status) {
		t.Errorf("%q, %v", got, err)
	}
}

func TestSlowBody(t *testing.T) {
	slowly(t, func(c net.Conn, _ *Listener) {
		_, _ = io.WriteString(c, "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 102400\r\n\r\n")
		start := time.Now()
		go trickle(c, 10, 102400)
		wantStatus(t, c, "400")
		within(t, "the body", time.Since(start), 10*time.Second)
		_, _ = io.Copy(io.Discard, c)
	})
}

// However much has come, the rest isn't waited for: 100 KB have earned 200 s, and 4 MB hours.
func TestHeldBackEnd(t *testing.T) {
	slowly(t, func(c net.Conn, _ *Listener) {
		_, _ = io.WriteString(c, "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 102401\r\n\r\n"+strings.Repeat("x",
			102400))
		start := time.Now()
		wantStatus(t, c, "400")
		within(t, "the body", time.Since(start), longestPause)
		_, _ = io.Copy(io.Discard, c)
	})
}

func TestIdleTimes(t *testing.T) {
	for _, tt := range []struct {
		name, header string
		idle         time.Duration
	}{
		{"a stranger", "", 5 * time.Second},
		{"somebody", "Authorization: Bearer ada\r\n", 2 * time.Minute},
	} {
		slowly(t, func(c net.Conn, _ *Listener) {
			_, _ = io.WriteString(c, "GET / HTTP/1.1\r\nHost: x\r\n"+tt.header+"\r\n")
			start := time.Now()
			if _, err := io.Copy(io.Discard, c); err != nil && !errors.Is(err, io.EOF) {
				t.Error(err)
			}
			within(t, tt.name, time.Since(start), tt.idle)
		})
	}
}
