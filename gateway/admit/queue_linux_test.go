package admit

import (
	"net"
	"runtime"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// socket asks for a WebSocket, and has it read in the background: each read is told to reads.
func (d *door) socket(t *testing.T, name string, reads chan<- string) (*client, *Conn) {
	t.Helper()
	upgraded := make(chan net.Conn, 1)
	d.hijack = func(nc net.Conn) { upgraded <- nc }
	client := d.dial("127.0.0.1")
	client.get("/hijack")
	nc := <-upgraded
	go func() {
		for {
			if _, err := nc.Read(make([]byte, 1)); err != nil {
				return
			}
			reads <- name
		}
	}()
	c := Of(nc)
	eventually(t, "it stands in line", func() bool { return d.l.gates.brief.line.has(c) })
	return client, c
}

// TestTurnsGoByArrival: the client that has sent first is read first, whichever came first.
func TestTurnsGoByArrival(t *testing.T) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1)) // one turn at a time
	d := open(t, func(*Config) {})
	reads := make(chan string, 3)
	a, _ := d.socket(t, "a", reads)
	b, _ := d.socket(t, "b", reads)
	c, _ := d.socket(t, "c", reads)
	leave := fill(&d.l.gates.brief)
	c.send("x")
	a.send("x")
	b.send("x")
	leave()
	if got := <-reads + <-reads + <-reads; got != "cab" {
		t.Errorf("read in the order %s, want cab", got)
	}
}

// TestWaitingEnds by a deadline, by the end of the connection, and by that of the listener, after
// which what comes is read all the same.
func TestWaitingEnds(t *testing.T) {
	d := open(t, func(*Config) {})
	reads := make(chan string, 1)
	_, late := d.socket(t, "late", reads)
	_ = late.SetReadDeadline(time.Now().Add(time.Millisecond))
	_, closed := d.socket(t, "closed", reads)
	_ = closed.Close()
	client, left := d.socket(t, "left", reads)
	line := &d.l.gates.brief.line
	eventually(t, "two have left the line", func() bool { return !line.has(late) && !line.has(closed) })
	_ = d.l.Close()
	eventually(t, "nobody stands in line", func() bool { return !line.has(left) })
	client.send("x")
	if got := <-reads; got != "left" {
		t.Errorf("%s was read", got)
	}
	left.Rest()
	eventually(t, "the gates are empty", d.calm)
}

// TestPauseLetsOthersIn: with one processor, what came over the network before a pause has been
// read after it.
func TestPauseLetsOthersIn(t *testing.T) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	out, err := net.Dial("tcp", l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer out.Close()
	in, err := l.Accept()
	if err != nil {
		t.Fatal(err)
	}
	defer in.Close()
	var read atomic.Int64
	waits := make(chan struct{})
	defer func() { <-waits }()
	go func() {
		for b := make([]byte, 1); ; read.Add(1) {
			waits <- struct{}{}
			if _, err := in.Read(b); err != nil {
				return
			}
		}
	}()
	var p pause
	defer p.close()
	for i := range 100 {
		<-waits
		runtime.Gosched() // until it reads
		if _, err := out.Write([]byte("x")); err != nil {
			t.Fatal(err)
		}
		p.last.Store(int64(-time.Hour))
		if p.take(); read.Load() != int64(i+1) {
			t.Fatalf("%d have been read after %d pauses", read.Load(), i+1)
		}
	}
}

// TestBacklogFills where over three quarters of it wait.
func TestBacklogFills(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	raw, err := l.(syscall.Conn).SyscallConn()
	if err != nil {
		t.Fatal(err)
	}
	const backlog = 8
	_ = raw.Control(func(fd uintptr) { err = unix.Listen(int(fd), backlog) })
	if err != nil {
		t.Fatal(err)
	}
	for range backlog {
		nc, err := net.Dial("tcp", l.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		defer nc.Close()
	}
	for left := backlog; left > 0; left-- {
		want := left > backlog*3/4
		eventually(t, "it is known how many wait", func() bool { return backlogFills(l) == want })
		nc, err := l.Accept()
		if err != nil {
			t.Fatal(err)
		}
		_ = nc.Close()
	}
}

// TestRefusedGiveTurnsBack: the answer to a header that is refused for its size waits until the
// client stops sending, and no turn is held meanwhile.
func TestRefusedGiveTurnsBack(t *testing.T) {
	d := open(t, func(c *Config) { c.FreeHeaderBytes, c.Headers = 4<<10, NewShares(NewBudget(1), 1) })
	const most = 4
	for range most {
		d.dial("127.0.0.1").send("GET /" + strings.Repeat("x", 6<<10))
	}
	eventually(t, "all are refused", func() bool { return d.l.Stats().Refused["header_memory"] == most })
	if !d.calm() {
		t.Error("a turn is held while a refusal is told")
	}
}
