package proxies

import (
	"bytes"
	"context"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"

	"github.com/scaiwave/presence/bench/target"
)

// node is a process of "presence serve", at an address of loopback of its own.
type node struct {
	target.Node // its addresses alone; the process is cmd

	host string
	args []string
	cmd  *exec.Cmd
	log  *journal
	gone chan struct{} // closed when the process has ended
}

// journal keeps what a process writes.
type journal struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (j *journal) Write(b []byte) (int, error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.text.Write(b)
}

func (j *journal) String() string {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.text.String()
}

// ports are those of all nodes of a test: clients, operators, other nodes, gossip.
type ports struct{ public, admin, peer, gossip string }

// freePorts gives n ports that nobody else gets.
func freePorts(t *testing.T, n int) (list []string) {
	t.Helper()
	addrs, err := target.Ports(n)
	if err != nil {
		t.Fatal(err)
	}
	for _, a := range addrs {
		_, port, _ := net.SplitHostPort(a)
		list = append(list, port)
	}
	return list
}

func newPorts(t *testing.T) ports {
	p := freePorts(t, 4)
	return ports{p[0], p[1], p[2], p[3]}
}

// hosts are where the nodes are.
var hosts = []string{"127.0.0.11", "127.0.0.12"}

// newPair starts two nodes that are a cluster, and waits until they are linked.
func newPair(t *testing.T, p ports, flags ...string) []*node {
	t.Helper()
	var pair []*node
	for i, host := range hosts {
		seeds := hosts[0] + ":" + p.gossip + "," + hosts[1] + ":" + p.gossip
		pair = append(pair, newNode(t, host, p, append([]string{
			fmt.Sprintf("--node-id=n%d", i+1), "--join=" + seeds, "--expect-nodes=2",
			"--peer-listen=" + host + ":" + p.peer, "--gossip-listen=" + host + ":" + p.gossip,
		}, flags...)...))
	}
	for _, n := range pair {
		n.awaitReady(t)
		n.awaitLinked(t)
	}
	return pair
}

// newNode starts one and does not wait for it. It is killed when the test ends.
func newNode(t *testing.T, host string, p ports, flags ...string) *node {
	t.Helper()
	n := &node{
		Node: target.Node{URL: "http://" + host + ":" + p.public, Admin: "http://" + host + ":" + p.admin}, host: host,
		args: append([]string{
			"serve", "--listen=" + host + ":" + p.public, "--admin-listen=" + host + ":" + p.admin,
			"--auth=jwt", "--jwt-key-file=" + file(t, "secret", secret),
		}, flags...),
	}
	n.start(t)
	t.Cleanup(func() {
		n.kill()
		if t.Failed() {
			text := n.log.String()
			t.Logf("%s, the last of what it wrote:\n%s", n.host, text[max(0, len(text)-3000):])
		}
	})
	return n
}

func (n *node) start(t *testing.T) {
	t.Helper()
	n.cmd, n.log, n.gone = exec.Command(program, n.args...), &journal{}, make(chan struct{})
	n.cmd.Stdout, n.cmd.Stderr = n.log, n.log
	if err := target.StartOn(nil, n.cmd); err != nil {
		t.Fatal(err)
	}
	go func(cmd *exec.Cmd, gone chan struct{}) {
		_ = cmd.Wait()
		close(gone)
	}(n.cmd, n.gone)
}

func (n *node) kill() {
	_ = n.cmd.Process.Signal(syscall.SIGKILL)
	<-n.gone
}

// awaitReady waits until balancers would send somebody.
func (n *node) awaitReady(t *testing.T) {
	t.Helper()
	n.await(t, "presence_ready", 1)
}

// awaitLinked waits until it has all its links, and until nothing is on its way to or from it.
func (n *node) awaitLinked(t *testing.T) {
	t.Helper()
	n.await(t, "presence_peer_links_missing", 0)
	n.await(t, "presence_peer_moving_partitions", 0)
}

// await waits until a metric has a value.
func (n *node) await(t *testing.T, metric string, want float64) {
	t.Helper()
	eventually(t, n.host, func() error {
		ctx, cancel := context.WithTimeout(context.Background(), patience)
		defer cancel()
		got, err := n.Metric(ctx, metric)
		if err == nil && got != want {
			err = fmt.Errorf("%s is %v", metric, got)
		}
		return err
	})
}

func file(t *testing.T, name string, content []byte) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, content, 0o644); err != nil {
		t.Fatal(err)
	}
	return path
}

// said returns nil if a line of the node's log has all these words.
func (n *node) said(words ...string) error {
	for line := range strings.Lines(n.log.String()) {
		if !slices.ContainsFunc(words, func(w string) bool { return !strings.Contains(line, w) }) {
			return nil
		}
	}
	return fmt.Errorf("no line with %q:\n%s", words, n.log)
}
