package gateway

import (
	"bufio"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/scaiwave/presence/gateway/wire"
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

func (p *pipes) dial(context.Context, string, string) (net.Conn, error) {
	here, there := net.Pipe()
	select {
	case p.conns <- there:
		return here, nil
	case <-p.done:
		return nil, errors.New("connection refused")
	}
}

// serving is a gateway behind its own http.Server, in a synctest bubble.
type serving struct {
	*gate
	pipes  *pipes
	server *http.Server
	client *http.Client
}

func serve(t *testing.T, edit ...func(*Config)) *serving {
	g := newGate(t, edit...)
	p := &pipes{conns: make(chan net.Conn), done: make(chan struct{})}
	transport := &http.Transport{DialContext: p.dial}
	s := &serving{gate: g, pipes: p, server: g.s.HTTPServer(), client: &http.Client{Transport: transport}}
	ended := make(chan struct{})
	go func() { _ = s.server.Serve(g.s.Admit(p, false)); close(ended) }()
	t.Cleanup(func() {
		transport.CloseIdleConnections()
		_ = s.server.Close()
		<-ended
		// virtual: net/http waits for half of it before it drops a connection whose client may
		// still write
		time.Sleep(time.Second)
	})
	return s
}

func (s *serving) get(target, token string) *http.Response {
	s.t.Helper()
	r, err := http.NewRequestWithContext(s.t.Context(), "GET", "http://127.0.0.1:8080"+target, nil)
	if err != nil {
		s.t.Fatal(err)
	}
	r.Header.Set("Authorization", "Bearer "+token)
	res, err := s.client.Do(r)
	if err != nil {
		s.t.Fatal(err)
	}
	return res
}

func TestRequestsThatTakeForever(t *testing.T) {
	tests := []struct {
		name, sent string
		end        time.Duration
		answer     string
	}{
		{"nothing", "", 10 * time.Second, ""},
		{"half a header", "GET /v1/presence?ids=a HTTP/1.1\r\nHost: x\r\n", 10 * time.Second, ""},
		{
			"half a body", "POST /v1/presence/query HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer " +
				"v\r\nContent-Length: 100\r\n\r\n{", 10 * time.Second,
			"broke off",
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := serve(t)
				c, err := s.pipes.dial(t.Context(), "", "")
				if err != nil {
					t.Fatal(err)
				}
				start := time.Now()
				if tt.sent != "" {
					if _, err := io.WriteString(c, tt.sent); err != nil {
						t.Fatal(err)
					}
				}
				all, err := io.ReadAll(c)
				if took := time.Since(start); err != nil || took < tt.end || took > tt.end+2*time.Second {
					t.Errorf("ended after %v with %v", took, err)
				}
				if !strings.Contains(string(all), tt.answer) {
					t.Errorf("answer %q", all)
				}
			})
		})
	}
}

// A line of more than 512 KiB gets a problem, and one of more than twice that net/http's 431.
func TestRequestLineLimits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := serve(t)
		line := func(n int) string { return "/v1/presence?ids=a" + strings.Repeat("&", n) }
		for n, want := range map[int]int{500 << 10: 200, 520 << 10: 413, 1000 << 10: 413, 1200 << 10: 431} {
			res := s.get(line(n), "v")
			body, _ := io.ReadAll(res.Body)
			res.Body.Close()
			if res.StatusCode != want {
				t.Errorf("%d bytes: %d %.200s", n, res.StatusCode, body)
			}
		}
	})
}

// A client that writes all of a body that is too large before it reads still gets the answer.
func TestTooLargeBodyIsAnswered(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := serve(t, func(c *Config) { c.Limits.MaxBodyBytes = 1 << 20 })
		for _, n := range []int{1<<20 + 1, 3 << 19} {
			c, err := s.pipes.dial(t.Context(), "", "")
			if err != nil {
				t.Fatal(err)
			}
			head := "POST /v1/presence/query HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer v\r\nTransfer-Encoding: " +
				"chunked\r\n\r\n"
			if _, err := io.WriteString(c, head); err != nil {
				t.Fatal(err)
			}
			for sent := 0; sent < n; sent += 1 << 19 {
				if _, err := io.WriteString(c, "80000\r\n"+strings.Repeat("x", 1<<19)+"\r\n"); err != nil {
					t.Fatal(err)
				}
			}
			start := time.Now()
			res, err := http.ReadResponse(bufio.NewReader(c), nil)
			if err != nil {
				t.Fatal(err)
			}
			if took := time.Since(start); res.StatusCode != wire.Codes[wire.TooLarge] || took > 2*restWait {
				t.Errorf("%d bytes: %d after %v", n, res.StatusCode, took)
			}
			c.Close()
		}
	})
}
