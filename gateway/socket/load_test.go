package socket

import (
	"bufio"
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"testing"
	"time"
)

// The load test compares this package with the bare library, tuned the same way, side by side: a
// server process on one core, its clients in another process on the other core.
//
//	go test ./gateway/socket -run TestLoad -v -load 10000
//
// Without -load it is a few connections that are held to no figure: it says whether the comparison
// still works.
var (
	loadConns = flag.Int("load", 0, "connections of TestLoad; 0 is a few, of which nothing is measured")
	loadRole  = os.Getenv("PRESENCE_LOAD_ROLE") // set for the processes that TestLoad starts
)

const (
	loadWatched  = 50 // ids that each connection watches
	loadBeats    = 40 // heartbeats of each connection
	loadRounds   = 40 // changes delivered to everybody
	loadTogether = 10 // changes that come at once, in the last measurement
	loadFew      = 20 // connections where none are asked for
	crowd        = "everybody-watches-this-one"
)

// usage is what a server process has used and done.
type usage struct {
	RSS       int64 // bytes
	CPU       time.Duration
	Messages  int64 // received
	Delivered int64 // changes written
	Open      int64
}

func TestLoad(t *testing.T) {
	n, rounds := *loadConns, loadRounds
	if n == 0 {
		t.Parallel()
		n, rounds = loadFew, 1
	}
	bare, ours := newSide(t, "bare", n), newSide(t, "server", n)
	t.Logf("%-34s %12s %12s %6s", "", "bare library", "presence", "ratio")
	row := func(name string, b, o float64) float64 {
		t.Logf("%-34s %12.0f %12.0f %6.2f", name, b, o, o/b)
		return o / b
	}
	row("RSS a connection, bytes", bare.rss(t), ours.rss(t))
	ours.client.ask(t, "subscribe")
	row("the same with 50 watched ids", bare.rss(t), ours.rss(t))
	b, o := alternate(rounds, func(s *side) spent { return s.beat(t) }, bare, ours)
	beats := row("heartbeats a CPU-second", b, o)
	b, o = alternate(rounds, func(s *side) spent { return s.deliver(t, 1) }, bare, ours)
	single := row("deliveries a CPU-second", b, o)
	b, o = alternate(rounds, func(s *side) spent { return s.deliver(t, loadTogether) }, bare, ours)
	row("the same, ten changes at once", b, o)
	if *loadConns == 0 {
		return
	}
	if beats < 0.85 || single < 0.85 {
		t.Errorf("less than 0.85 of the bare library")
	}
	if per := ours.rss(t); per > 9<<10 {
		t.Errorf("%.0f bytes a connection", per)
	}
}

// alternate lets both do the same in turn, so that whatever else the machine does hits both, and
// returns how much each did in a CPU-second.
func alternate(rounds int, work func(*side) spent, bare, ours *side) (b, o float64) {
	var sb, so spent
	for range rounds {
		sb.add(work(bare))
		so.add(work(ours))
	}
	return sb.rate(), so.rate()
}

// spent is work done and the server's CPU time for it.
type spent struct {
	n   int64
	cpu time.Duration
}

func (s *spent) add(o spent)   { s.n, s.cpu = s.n+o.n, s.cpu+o.cpu }
func (s *spent) rate() float64 { return float64(s.n) / s.cpu.Seconds() }

// side is a server and its clients.
type side struct {
	server, client *process
	n              int
	empty          usage
}

func newSide(t *testing.T, role string, n int) *side {
	t.Helper()
	s := &side{server: child(t, role, "1"), client: child(t, "client", "0"), n: n}
	address := s.server.line(t)
	s.client.line(t)
	s.empty = s.server.rested(t)
	s.client.ask(t, "connect %s %d %s", address, n, role)
	s.server.until(t, func(u usage) bool { return u.Open == int64(n) })
	return s
}

// rss is the memory of a connection, after a collection: an idle process comes to that within two
// minutes by itself.
func (s *side) rss(t *testing.T) float64 {
	t.Helper()
	return float64(s.server.rested(t).RSS-s.empty.RSS) / float64(s.n)
}

// beat measures one heartbeat of each connection.
func (s *side) beat(t *testing.T) spent {
	t.Helper()
	before := s.server.stat(t)
	s.client.ask(t, "beat")
	after := s.server.until(t, func(u usage) bool { return u.Messages-before.Messages >= int64(s.n) })
	return spent{int64(s.n), after.CPU - before.CPU}
}

// deliver measures changes told to everybody, several at a time.
func (s *side) deliver(t *testing.T, together int) spent {
	t.Helper()
	before := s.server.stat(t)
	s.server.ask(t, "deliver %d", together)
	after := s.server.until(t, func(u usage) bool { return u.Delivered-before.Delivered >= int64(s.n*together) })
	return spent{int64(s.n * together), after.CPU - before.CPU}
}

// process is a child that answers each line with a line.
type process struct {
	in  io.Writer
	out *bufio.Reader
}

func child(t testing.TB, role, core string) *process {
	t.Helper()
	if *loadConns == 0 { // nothing is measured, so any core will do
		return start(t, role, exec.Command(os.Args[0], roleFlag))
	}
	return pinned(t, role, core)
}

// pinned is a child on a core of its own.
func pinned(t testing.TB, role, core string) *process {
	t.Helper()
	return start(t, role, exec.Command("taskset", "-c", core, os.Args[0], roleFlag))
}

const roleFlag = "-test.run=TestLoadRole"

func start(t testing.TB, role string, cmd *exec.Cmd) *process {
	t.Helper()
	cmd.Env = append(os.Environ(), "PRESENCE_LOAD_ROLE="+role, "GOMAXPROCS=1")
	cmd.Stderr = os.Stderr
	in, _ := cmd.StdinPipe()
	out, _ := cmd.StdoutPipe()
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = in.Close() // its end is the end of the child
		_ = cmd.Wait()
	})
	return &process{in: in, out: bufio.NewReader(out)}
}

func (p *process) line(t testing.TB) string {
	t.Helper()
	b, err := p.out.ReadBytes('\n')
	if err != nil {
		t.Fatalf("child: %v", err)
	}
	return string(bytes.TrimSpace(b))
}

func (p *process) ask(t testing.TB, format string, args ...any) string {
	t.Helper()
	_, _ = fmt.Fprintf(p.in, format+"\n", args...)
	return p.line(t)
}

func (p *process) stat(t testing.TB) (u usage) {
	t.Helper()
	if err := json.Unmarshal([]byte(p.ask(t, "stat")), &u); err != nil {
		t.Fatal(err)
	}
	return u
}

// until asks every 50 ms until ok.
func (p *process) until(t *testing.T, ok func(usage) bool) usage {
	t.Helper()
	var u usage
	for range 1200 {
		if u = p.stat(t); ok(u) {
			return u
		}
		time.Sleep(50 * time.Millisecond)
	}
	t.Fatalf("the server did not get there within a minute: %+v", u)
	return usage{}
}

func (p *process) rested(t *testing.T) usage {
	t.Helper()
	p.ask(t, "collect")
	return p.stat(t)
}
