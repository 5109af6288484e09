package socket

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"net"
	"net/http"
	"os"
	"runtime/debug"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/coder/websocket"

	"github.com/scaiwave/presence/cluster"
	"github.com/scaiwave/presence/shard"
)

// TestLoadRole is not a test: it is what the processes of TestLoad run.
func TestLoadRole(t *testing.T) {
	switch loadRole {
	case "server":
		timings := cluster.DefaultSettings()
		timings.HeartbeatInterval = time.Hour // its clients don't answer pings, and a large run takes minutes
		e := newTimedEnv(t, timings, func(c *Config) {
			c.MessageRate, c.MessageBurst, c.AllOrigins, c.Deadline = 1e9, 1e9, true, timings.Deadline()
		})
		defer e.close()
		l := listenLoopback(t)
		fmt.Println(l.Addr())
		defer l.Close()
		go func() { _ = e.http.Serve(l) }()
		obey(map[string]func(args []string) string{"stat": e.usage, "collect": collect, "deliver": e.change})
	case "bare":
		s := &bareServer{}
		l := listenLoopback(t)
		fmt.Println(l.Addr())
		defer l.Close()
		go func() { _ = http.Serve(l, s) }()
		obey(map[string]func(args []string) string{"stat": s.usage, "collect": collect, "deliver": s.deliver})
		os.Exit(0)
	case "client":
		c := newLoadClient()
		fmt.Println("ready")
		obey(map[string]func(args []string) string{
			"connect": c.connect, "subscribe": c.subscribe, "beat": c.beat, "hear": c.hear,
		})
		os.Exit(0)
	default:
		t.Skip("not started by TestLoad")
	}
}

func listenLoopback(t testing.TB) net.Listener {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	return l
}

// obey answers lines until there are no more.
func obey(commands map[string]func(args []string) string) {
	lines := bufio.NewScanner(os.Stdin)
	for lines.Scan() {
		words := strings.Fields(lines.Text())
		fmt.Println(commands[words[0]](words[1:]))
	}
}

func collect([]string) string {
	time.Sleep(time.Second)
	for range 4 { // a goroutine's stack is halved at each, as long as it uses a quarter
		debug.FreeOSMemory()
	}
	return "collected"
}

func used(u usage) string {
	var r syscall.Rusage
	_ = syscall.Getrusage(syscall.RUSAGE_SELF, &r)
	u.CPU = time.Duration(r.Utime.Nano() + r.Stime.Nano())
	pages, _ := os.ReadFile("/proc/self/statm")
	resident, _ := strconv.ParseInt(strings.Fields(string(pages))[1], 10, 64)
	u.RSS = resident * int64(os.Getpagesize())
	b, _ := json.Marshal(u)
	return string(b)
}

func (e *env) usage([]string) string {
	st := e.srv.Stats()
	return used(usage{Messages: st.Messages["heartbeat"], Delivered: st.Changes, Open: int64(e.hub.Stats().Viewers)})
}

var flips int

// newest is an order later than any of the node's own views of the crowd, which the hub heard when
// it was subscribed: what is older than those is not delivered.
const newest = math.MaxUint64 - 1<<32

// change has so many participants whom everybody watches change their state.
func (e *env) change(args []string) string {
	n, _ := strconv.Atoi(args[0])
	flips++
	updates := make([]cluster.Update, n)
	s := crowdState(flips)
	for i := range updates {
		v := shard.View{Public: s, Inner: s, Self: s, Order: newest + uint64(flips)}
		updates[i] = cluster.Update{ID: crowd + strconv.Itoa(i), View: v}
	}
	e.hub.Deliver(updates)
	return "delivered"
}

// crowdState is how the crowd looks after so many flips.
func crowdState(flips int) shard.State { return []shard.State{shard.Idle, shard.Online}[flips%2] }

// bareServer is what the library can do: it reads messages, and writes one to everybody in a loop.
type bareServer struct {
	mu        sync.Mutex
	conns     []*bareConn
	messages  atomic.Int64
	delivered int64
}

type bareConn struct {
	ws *websocket.Conn
	nc net.Conn
}

func (s *bareServer) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	u := &bareUpgrader{ResponseWriter: w}
	ws, err := websocket.Accept(u, r, &websocket.AcceptOptions{CompressionMode: websocket.CompressionDisabled})
	if err != nil {
		return
	}
	s.mu.Lock()
	s.conns = append(s.conns, &bareConn{ws, u.nc})
	s.mu.Unlock()
	go s.read(ws)
}

type bareUpgrader struct {
	http.ResponseWriter
	nc net.Conn
}

func (u *bareUpgrader) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	nc, _, err := http.NewResponseController(u.ResponseWriter).Hijack()
	u.nc = nc
	return nc, bufio.NewReadWriter(bufio.NewReaderSize(nc, 512), bufio.NewWriterSize(nc, 1024)), err
}

var bareBuffers = sync.Pool{New: func() any { b := make([]byte, 1024); return &b }}

func (s *bareServer) read(ws *websocket.Conn) {
	for {
		_, r, err := ws.Reader(context.Background())
		if err != nil {
			return
		}
		b := bareBuffers.Get().(*[]byte)
		for err == nil {
			_, err = r.Read(*b)
		}
		bareBuffers.Put(b)
		if err != io.EOF {
			return
		}
		s.messages.Add(1)
	}
}

func (s *bareServer) usage([]string) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return used(usage{Messages: s.messages.Load(), Delivered: s.delivered, Open: int64(len(s.conns))})
}

func (s *bareServer) deliver(args []string) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	n, _ := strconv.Atoi(args[0])
	for range n {
		s.tellAll()
	}
	return "delivered"
}

func (s *bareServer) tellAll() {
	message := []byte(`{"type":"presence","states":{"` + crowd + `0":"online"}}`)
	for _, c := range s.conns {
		_ = c.nc.SetWriteDeadline(time.Now().Add(10 * time.Second))
		if c.ws.Write(context.Background(), websocket.MessageText, message) == nil {
			s.delivered++
		}
	}
}
