package many

import (
	"fmt"
	"net"
	"net/http"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/go-json-experiment/json"
)

// TestFreshNodeStall stops a fresh node for over a second at many moments of its start. It has no
// seeds and has met nobody, so it can have lost nothing: strangers are offline, never unknown.
func TestFreshNodeStall(t *testing.T) {
	t.Parallel()
	moments := 16
	if full() {
		moments = 80
	}
	const atOnce = 4
	for i := 0; i < moments; i += atOnce {
		var stopping sync.WaitGroup
		for j := range atOnce {
			f, gossip := firstNode(t)
			// From when it talks to others, until it surely serves.
			after := 200 * time.Millisecond * time.Duration(i+j) / time.Duration(moments)
			stopping.Go(func() { stall(t, f.nodes[0], gossip, after) })
		}
		stopping.Wait()
	}
}

// firstNode starts a node that looks for no others.
func firstNode(t *testing.T) (f *fleet, gossip string) {
	t.Helper()
	f = &fleet{t: t}
	p := ports(t, 4)
	t.Cleanup(f.end)
	nd := &node{id: "first", addr: p[0], admin: p[1], flags: []string{
		"--node-id=first", "--listen=" + p[0], "--admin-listen=" + p[1], "--peer-listen=" + p[2],
		"--gossip-listen=" + p[3],
	}}
	f.take(nd)
	return f, p[3]
}

// stall stops a node so long after it has opened its gossip port, and asks it for strangers.
func stall(t *testing.T, nd *node, gossip string, after time.Duration) {
	for begun := time.Now(); ; time.Sleep(time.Millisecond) {
		conn, err := net.Dial("tcp", gossip)
		if err == nil {
			conn.Close()
			break
		}
		if time.Since(begun) > patience {
			t.Errorf("a node does not open its gossip port: %v", err)
			return
		}
	}
	time.Sleep(after)
	nd.signal(syscall.SIGSTOP)
	time.Sleep(1500 * time.Millisecond)
	nd.signal(syscall.SIGCONT)
	defer nd.signal(syscall.SIGTERM)
	path := "/v1/presence?ids=" + strings.Join(people(1000), ",")
	var answers, unknown int
	var first time.Time
	for begun := time.Now(); first.IsZero() || time.Since(first) < time.Second; time.Sleep(50 * time.Millisecond) {
		out, status, err := nd.do(t.Context(), "GET", path, "stranger", nil)
		if err == nil && status == http.StatusOK {
			answers++
			unknown += statesIn(out, "unknown")
			if first.IsZero() {
				first = time.Now()
			}
		}
		if time.Since(begun) > patience {
			t.Errorf("stopped %v after it opened its port, a node does not answer: status %d, %v", after, status, err)
			return
		}
	}
	if unknown > 0 {
		t.Errorf("stopped %v after it opened its port, a node says unknown of %d strangers in %d answers:\n%s",
			after, unknown, answers, fmt.Sprintf("%.2000s", nd.logs))
	}
}

// statesIn is how many of an answer are in a state.
func statesIn(answer []byte, state string) (n int) {
	var states map[string]string
	_ = json.Unmarshal(answer, &states)
	for _, s := range states {
		if s == state {
			n++
		}
	}
	return n
}
