package gateway

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"net"
	"net/http"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/scaiwave/presence/gateway/auth"
)

// crowd is a gateway with n online participants, ids of 24 bytes.
func crowd(b *testing.B, n int) (*gate, []string) {
	b.Helper()
	g := newGate(b, func(c *Config) { c.Auth = auth.Insecure() })
	ids := make([]string, n)
	for i := range ids {
		ids[i] = fmt.Sprintf("participant-%012d", i)
	}
	for i := 0; i < n; i += 10_000 {
		body := beatsOf(ids[i:min(i+10_000, n)])
		w := sink{header: http.Header{}}
		g.s.Handler().ServeHTTP(&w, request(b, "POST", "/v1/heartbeats", body))
		if w.status != 200 {
			b.Fatalf("%d %s", w.status, w.body)
		}
	}
	return g, ids
}

func beatsOf(ids []string) string {
	var s strings.Builder
	for i, id := range ids {
		fmt.Fprintf(&s, `%c{"participant_id":%q,"device_id":"device-%05d","activity":"online"}`, "[,"[min(i, 1)], id, i)
	}
	return `{"heartbeats":` + s.String() + `]}`
}

// sink is a ResponseWriter that keeps the answer.
type sink struct {
	header http.Header
	status int
	body   []byte
}

func (s *sink) Header() http.Header    { return s.header }
func (s *sink) WriteHeader(status int) { s.status = status }
func (s *sink) Write(p []byte) (int, error) {
	s.body = append(s.body[:0], p...)
	return len(p), nil
}

func request(b *testing.B, method, target, body string) *http.Request {
	b.Helper()
	r, err := http.ReadRequest(bufio.NewReaderSize(strings.NewReader(
		fmt.Sprintf("%s %s HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer service\r\nContent-Type: "+
			"application/json\r\nContent-Length: %d\r\n\r\n", method, target, len(body))), 1<<20))
	if err != nil {
		b.Fatal(err)
	}
	r.Body = io.NopCloser(strings.NewReader(body))
	return r
}

var benchCalls = []struct {
	name string
	make func(ids []string) (method, target, body string)
}{
	{"get", func(ids []string) (string, string, string) {
		return "GET", "/v1/presence?ids=" + strings.Join(ids, ","), ""
	}},
	{"query", func(ids []string) (string, string, string) {
		return "POST", "/v1/presence/query", `{"ids":["` + strings.Join(ids, `","`) + `"]}`
	}},
	{"heartbeats", func(ids []string) (string, string, string) { return "POST", "/v1/heartbeats", beatsOf(ids) }},
}

// BenchmarkHandler is a call of 1,000 ids without the network, of 100,000 participants.
func BenchmarkHandler(b *testing.B) {
	g, ids := crowd(b, 100_000)
	for _, call := range benchCalls {
		b.Run(call.name+"-1000", func(b *testing.B) {
			b.ReportAllocs()
			method, target, body := call.make(ids[:1000])
			w := sink{header: http.Header{}}
			r := request(b, method, target, body)
			for b.Loop() {
				r.Body = io.NopCloser(strings.NewReader(body))
				clear(w.header)
				g.s.Handler().ServeHTTP(&w, r)
			}
			if w.status != 200 {
				b.Fatalf("%d %s", w.status, w.body)
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/1000, "ns/id")
		})
	}
}

// BenchmarkLoopback is the same over TCP, by a client that does as little as it can; its CPU counts
// too. The floor is a handler that reads the body and answers as many bytes: what is net/http's and
// the kernel's.
func BenchmarkLoopback(b *testing.B) {
	g, ids := crowd(b, 100_000)
	server := listening(b, g.s.HTTPServer())
	for _, call := range benchCalls {
		method, target, body := call.make(ids[:1000])
		answer := sink{header: http.Header{}}
		g.s.Handler().ServeHTTP(&answer, request(b, method, target, body))
		floor := listening(b, &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			_, _ = io.Copy(io.Discard, r.Body)
			w.Header().Set("Content-Length", strconv.Itoa(len(answer.body)))
			_, _ = w.Write(answer.body)
		})})
		for _, to := range []struct{ name, addr string }{{call.name, server}, {call.name + "-floor", floor}} {
			b.Run(to.name+"-1000", func(b *testing.B) {
				c := newCaller(b, to.addr, method, target, body)
				start := cpu()
				for b.Loop() {
					c.call(b)
				}
				b.ReportMetric(float64(b.N)*1000/(cpu()-start).Seconds(), "ids/cpu-s")
			})
		}
	}
}

func listening(b *testing.B, s *http.Server) (addr string) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		b.Fatal(err)
	}
	ended := make(chan struct{})
	go func() { _ = s.Serve(l); close(ended) }()
	b.Cleanup(func() { s.Close(); <-ended })
	return l.Addr().String()
}

type caller struct {
	conn net.Conn
	in   *bufio.Reader
	sent []byte
	skip []byte
}

func newCaller(b *testing.B, addr, method, target, body string) *caller {
	conn, err := net.Dial("tcp", addr)
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { conn.Close() })
	sent := fmt.Sprintf("%s %s HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer service\r\nContent-Length: "+
		"%d\r\n\r\n%s", method, target, len(body), body)
	return &caller{conn: conn, in: bufio.NewReaderSize(conn, 64<<10), sent: []byte(sent), skip: make([]byte, 1<<20)}
}

func (c *caller) call(b *testing.B) {
	if _, err := c.conn.Write(c.sent); err != nil {
		b.Fatal(err)
	}
	n := 0
	for {
		line, err := c.in.ReadSlice('\n')
		if err != nil {
			b.Fatal(err)
		}
		if v, ok := bytes.CutPrefix(line, []byte("Content-Length: ")); ok {
			for _, d := range bytes.TrimSpace(v) {
				n = 10*n + int(d-'0')
			}
		}
		if len(line) == 2 {
			break
		}
	}
	if _, err := io.ReadFull(c.in, c.skip[:n]); err != nil {
		b.Fatal(err)
	}
}

// cpu is what this process has used.
func cpu() time.Duration {
	var u syscall.Rusage
	_ = syscall.Getrusage(syscall.RUSAGE_SELF, &u)
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
