package many

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/go-json-experiment/json"
	"go.uber.org/goleak"

	"github.com/scaiwave/presence/bench/target"
)

// patience is how long a test waits for what must come. It is long because the machine may be busy,
// and no good run waits for it; what the product promises has a limit of its own.
const patience = 2 * time.Minute

var binary string

func TestMain(m *testing.M) { os.Exit(run(m)) }

func run(m *testing.M) int {
	dir, err := os.MkdirTemp("", "presence-many-")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer os.RemoveAll(dir)
	binary = filepath.Join(dir, "presence")
	args := []string{"build", "-o", binary}
	if os.Getenv("PRESENCE_RACE") != "0" {
		args = append(args, "-race")
	}
	args = append(args, "github.com/scaiwave/presence/cmd/presence")
	if out, err := exec.Command("go", args...).CombinedOutput(); err != nil {
		fmt.Fprintf(os.Stderr, "build: %v\n%s", err, out)
		return 1
	}
	code := m.Run()
	http.DefaultClient.CloseIdleConnections()
	if code == 0 {
		if err := goleak.Find(); err != nil {
			fmt.Fprintln(os.Stderr, err)
			return 1
		}
	}
	return code
}

// node is one process of "presence serve".
type node struct {
	id     string
	binary string // the program; empty: this version's
	flags  []string
	addr   string // of the public listener
	admin  string
	netns  string   // network namespace; empty: this one
	wrap   []string // a command that ends by becoming its arguments
	cmd    *exec.Cmd
	logs   *logs
	gone   chan struct{} // closed when the process has ended
	alive  atomic.Bool
	still  atomic.Bool // stopped, or cut off: a balancer that checks nodes' health sends nobody there
	deaf   atomic.Bool // its links are cut: the others can't know what it takes
}

type logs struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *logs) Write(b []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(b)
}

func (l *logs) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

// fleet is a cluster.
type fleet struct {
	t      *testing.T
	seeds  []string // gossip addresses of all nodes so far
	flags  []string
	nodes  []*node // for the test's goroutine
	binary string  // of nodes that are added; empty: this version's

	mu   sync.Mutex
	open []*node // the same, for the crowd
}

// list are the nodes so far.
func (f *fleet) list() []*node {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.open
}

// take makes a node one of the fleet, and starts it.
func (f *fleet) take(nd *node) {
	f.t.Helper()
	f.start(nd)
	f.nodes = append(f.nodes, nd)
	f.mu.Lock()
	defer f.mu.Unlock()
	f.open = slices.Clone(f.nodes)
}

// newFleet starts n nodes and waits until they agree.
func newFleet(t *testing.T, n int, flags ...string) *fleet {
	t.Helper()
	f := &fleet{t: t, flags: append([]string{
		"--participant-rate=100000", "--participant-ids-rate=1000000", "--connection-rate=100000",
	}, flags...)}
	t.Cleanup(f.end)
	for range n {
		f.add()
	}
	f.agree(n)
	return f
}

// add starts one more node.
func (f *fleet) add(more ...string) *node {
	f.t.Helper()
	p := ports(f.t, 4)
	f.seeds = append(f.seeds, p[3])
	nd := &node{id: fmt.Sprintf("n%d", len(f.nodes)+1), binary: f.binary, addr: p[0], admin: p[1]}
	nd.flags = append([]string{
		"--node-id=" + nd.id, "--listen=" + p[0], "--admin-listen=" + p[1], "--peer-listen=" + p[2],
		"--gossip-listen=" + p[3], "--join-wait=3s",
	}, append(f.flags, more...)...)
	f.take(nd)
	return nd
}

func (f *fleet) start(nd *node) {
	f.t.Helper()
	nd.logs, nd.gone = &logs{}, make(chan struct{})
	args := append(slices.Clone(nd.wrap), cmp.Or(nd.binary, binary), "serve")
	if len(f.seeds) > 0 {
		args = append(args, "--join="+strings.Join(f.seeds, ","))
	}
	args = append(args, nd.flags...)
	if nd.netns != "" {
		args = append([]string{"ip", "netns", "exec", nd.netns}, args...)
	}
	nd.cmd = exec.Command(args[0], args[1:]...)
	nd.cmd.Stdout, nd.cmd.Stderr = nd.logs, nd.logs
	if err := target.StartOn(nil, nd.cmd); err != nil {
		f.t.Fatal(err)
	}
	nd.alive.Store(true)
	cmd, gone := nd.cmd, nd.gone
	go func() {
		_ = cmd.Wait()
		nd.alive.Store(false)
		close(gone)
	}()
}

func (nd *node) signal(s syscall.Signal) { _ = nd.cmd.Process.Signal(s) }

// leave drains a node and waits until it has gone.
func (f *fleet) leave(nd *node) {
	f.t.Helper()
	nd.signal(syscall.SIGTERM)
	select {
	case <-nd.gone:
	case <-time.After(patience):
		nd.signal(syscall.SIGKILL)
		f.t.Errorf("%s was still there %v after SIGTERM", nd.id, patience)
	}
}

func (f *fleet) end() {
	for _, nd := range f.nodes {
		nd.signal(syscall.SIGCONT)
		nd.signal(syscall.SIGTERM)
	}
	for _, nd := range f.nodes {
		select {
		case <-nd.gone:
		case <-time.After(patience):
			nd.signal(syscall.SIGKILL)
			<-nd.gone
			f.t.Errorf("%s did not leave", nd.id)
		}
		if text := nd.logs.String(); strings.Contains(text, "DATA RACE") || strings.Contains(text, "panic:") {
			f.t.Errorf("%s:\n%s", nd.id, text)
		}
		if f.t.Failed() {
			text := nd.logs.String()
			f.t.Logf("%s wrote:\n%s", nd.id, text[max(0, len(text)-3000):])
		}
	}
}

// agree waits until the nodes that run see n members with one table, and nothing is on its way.
func (f *fleet) agree(n int) time.Duration {
	f.t.Helper()
	start := time.Now()
	for {
		seen, why := f.look(n)
		if seen {
			return time.Since(start)
		}
		if time.Since(start) > patience {
			f.t.Fatalf("%d nodes don't agree after %v: %s", n, patience, why)
		}
		time.Sleep(20 * time.Millisecond)
	}
}

func (f *fleet) look(n int) (ok bool, why string) {
	prints := make(map[string]bool)
	for _, nd := range f.nodes {
		f.supervise(nd)
		if !nd.alive.Load() {
			continue
		}
		c, err := nd.cluster()
		if err != nil {
			return false, err.Error()
		}
		serving := 0
		for _, m := range c.Members {
			if m.State == "serving" {
				serving++
			}
		}
		if serving != n || len(c.Members) != n {
			return false, fmt.Sprintf("%s sees %+v", nd.id, c.Members)
		}
		if err := nd.ready(); err != nil {
			return false, err.Error()
		}
		if c.Moving > 0 { // a node that was ready stays so while partitions move
			return false, fmt.Sprintf("%s: %d partitions are on their way", nd.id, c.Moving)
		}
		prints[c.Fingerprint] = true
	}
	return len(prints) == 1, fmt.Sprint(prints)
}

// supervise starts a node again that found no way to the others in its --join-wait, as whatever
// runs it would: on a busy machine handshakes take longer than they may.
func (f *fleet) supervise(nd *node) {
	if nd.alive.Load() || full() || !strings.Contains(nd.logs.String(), "presence: no link to the other nodes") {
		return
	}
	f.t.Logf("%s is started again: it reached nobody", nd.id)
	f.start(nd)
}

type described struct {
	Fingerprint string `json:"fingerprint"`
	Moving      int    `json:"moving"`
	Members     []struct {
		ID         string `json:"id"`
		State      string `json:"state"`
		Partitions int    `json:"partitions"`
	} `json:"members"`
}

func (nd *node) cluster() (d described, err error) {
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	body, status, err := nd.do(ctx, "GET", "/v1/cluster", "service", nil)
	if err == nil && status != http.StatusOK {
		err = fmt.Errorf("%s: status %d", nd.id, status)
	}
	if err != nil {
		return d, err
	}
	return d, json.Unmarshal(body, &d)
}

func (nd *node) ready() error {
	status, text, err := nd.readiness()
	if err == nil && status != http.StatusOK {
		err = fmt.Errorf("%s is not ready: %s", nd.id, text)
	}
	return err
}

// readiness is what /readyz answers.
func (nd *node) readiness() (status int, text string, err error) {
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	req, _ := http.NewRequestWithContext(ctx, "GET", "http://"+nd.admin+"/readyz", nil)
	r, err := client.Do(req)
	if err != nil {
		return 0, "", err
	}
	defer r.Body.Close()
	b, err := io.ReadAll(r.Body)
	return r.StatusCode, strings.TrimSpace(string(b)), err
}

var client = &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 512, DisableCompression: true}}

// do sends a request and reads the answer.
func (nd *node) do(ctx context.Context, method, path, token string, body []byte) ([]byte, int, error) {
	req, err := http.NewRequestWithContext(ctx, method, "http://"+nd.addr+path, bytes.NewReader(body))
	if err != nil {
		return nil, 0, err
	}
	req.Header.Set("Authorization", "Bearer "+token)
	req.Header.Set("Content-Type", "application/json")
	r, err := client.Do(req)
	if err != nil {
		return nil, 0, err
	}
	defer r.Body.Close()
	var out bytes.Buffer
	_, err = out.ReadFrom(r.Body)
	return out.Bytes(), r.StatusCode, err
}

// ports are addresses on loopback that nobody else has.
func ports(t *testing.T, n int) []string {
	t.Helper()
	addrs, err := target.Ports(n)
	if err != nil {
		t.Fatal(err)
	}
	return addrs
}
