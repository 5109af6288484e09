package abuse

import (
	"bytes"
	"net"
	"os/exec"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/scaiwave/presence/bench/target"
)

// patience is how long a node may take to begin.
const patience = time.Minute

// node is one process of "presence serve".
type node struct {
	target.Node // its addresses alone; the process is cmd

	addr, peer, gossip string
	cmd                *exec.Cmd
	log                *journal
	gone               chan struct{} // closed when the process has ended
}

// journal keeps the first of what a node writes, and counts the lines.
type journal struct {
	mu    sync.Mutex
	text  bytes.Buffer
	lines int
}

const journalBytes = 1 << 20

func (j *journal) Write(b []byte) (int, error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.lines += bytes.Count(b, []byte("\n"))
	if j.text.Len() < journalBytes {
		j.text.Write(b)
	}
	return len(b), nil
}

func (j *journal) written() int {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.lines
}

func (j *journal) head(n int) string {
	j.mu.Lock()
	defer j.mu.Unlock()
	return string(j.text.Bytes()[:min(n, j.text.Len())])
}

// setting is how a node is started.
type setting struct {
	flags []string
	wrap  []string // a command that ends by becoming its arguments
	tls   bool
}

// newNode starts a node, and waits until it is ready.
func newNode(t *testing.T, s setting) *node {
	t.Helper()
	addrs, err := target.Ports(4)
	if err != nil {
		t.Fatal(err)
	}
	n := launch(t, addrs, s)
	n.awaitReady(t)
	return n
}

// launch starts a node and does not wait for it. It is killed when the test ends: nothing of it is
// wanted.
func launch(t *testing.T, addrs []string, s setting) *node {
	t.Helper()
	scheme := "http://"
	if s.tls {
		scheme = "https://"
	}
	n := &node{
		Node: target.Node{URL: scheme + addrs[0], Admin: "http://" + addrs[1]},
		addr: addrs[0], peer: addrs[2], gossip: addrs[3], log: &journal{}, gone: make(chan struct{}),
	}
	args := append(append([]string{}, s.wrap...), program, "serve", "--listen="+addrs[0], "--admin-listen="+addrs[1])
	args = append(append(args, "--log-format=json", "--auth=jwt", "--jwt-key-file="+keyFile(t)), s.flags...)
	n.cmd = exec.Command(args[0], args[1:]...)
	n.cmd.Stdout, n.cmd.Stderr = n.log, n.log
	if err := target.StartOn(nil, n.cmd); err != nil {
		t.Fatal(err)
	}
	go func() {
		_ = n.cmd.Wait()
		close(n.gone)
	}()
	t.Cleanup(func() { n.end(t) })
	return n
}

func (n *node) end(t *testing.T) {
	if n.died() {
		t.Errorf("the node ended by itself: %v\n%s", n.cmd.ProcessState, n.log.head(4000))
		return
	}
	_ = n.cmd.Process.Signal(syscall.SIGKILL)
	<-n.gone
	if t.Failed() {
		t.Logf("the first that the node wrote:\n%s", n.log.head(3000))
	}
}

// died reports whether the process has ended.
func (n *node) died() bool {
	select {
	case <-n.gone:
		return true
	default:
		return false
	}
}

func (n *node) awaitReady(t *testing.T) {
	t.Helper()
	for begun := time.Now(); ; time.Sleep(20 * time.Millisecond) {
		err := n.ask("/readyz")
		if err == nil {
			return
		}
		if n.died() || time.Since(begun) > patience {
			t.Fatalf("the node is not ready: %v\n%s", err, n.log.head(4000))
		}
	}
}

// ask is one look at the admin listener.
func (n *node) ask(path string) error { return look(n.Admin + path) }

// use is what the node uses; nothing once it has died.
func (n *node) use() target.Usage {
	u, err := target.UsageOf(n.cmd.Process.Pid)
	if err != nil {
		return target.Usage{}
	}
	return u
}

// dial makes a connection that comes from an address of loopback. It ends with a reset, so that it
// leaves no port behind that waits.
func dial(from, to string) (net.Conn, error) {
	d := net.Dialer{LocalAddr: &net.TCPAddr{IP: net.ParseIP(from)}, Timeout: 5 * time.Second}
	c, err := d.Dial("tcp", to)
	if err != nil {
		return nil, err
	}
	return c, c.(*net.TCPConn).SetLinger(0)
}
