package cluster

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/scaiwave/presence/cluster/gossip"
	"github.com/scaiwave/presence/shard"
)

func wantReady(t *testing.T, n *Node, says string) {
	t.Helper()
	if err := n.Ready(); err == nil || !strings.Contains(err.Error(), says) {
		t.Errorf("%s is not kept from serving by %q: %v", n.ID(), says, err)
	}
}

func (b *band) addWith(id string, change func(p *Peers)) *Node {
	b.t.Helper()
	n, err := b.tryAddWith(id, change)
	if err != nil {
		b.t.Fatal(err)
	}
	return n
}

// TestExpectedNodes: a node is ready once it has seen so many at once, gateways and itself
// included, and stays so when they go.
func TestExpectedNodes(t *testing.T) {
	b := &band{t: t}
	three := func(p *Peers) { p.ExpectNodes = 3 }
	first := b.addWith("n0", three)
	wantReady(t, first, "seen 1 of 3 nodes: the others are to come")
	b.addWith("n1", func(p *Peers) { p.ExpectNodes, p.Role = 3, "gateway" })
	await(t, "the first sees the second", func() bool { return first.gossip.Seen() == 2 })
	wantReady(t, first, "seen 2 of 3 nodes")
	third := b.addWith("n2", three)
	for _, n := range b.nodes {
		await(t, n.ID()+" is ready", func() bool { return n.Ready() == nil })
	}
	b.crash(third)
	await(t, "the third is gone", func() bool { return len(first.gossip.Members()) == 2 })
	await(t, "the first is ready", func() bool { return first.Ready() == nil })
	await(t, "the metrics say so", func() bool { st := first.Stats(); return st.Expected == 3 && st.Members == 2 })
}

// TestKnownCluster: with its data directory a node is ready without the others, if it was with them
// before.
func TestKnownCluster(t *testing.T) {
	dir := t.TempDir()
	note := filepath.Join(dir, "cluster")
	with := func(nodes int, cluster string) func(p *Peers) {
		return func(p *Peers) { p.ExpectNodes, p.ClusterName, p.DataDir = nodes, cluster, dir }
	}
	alone := func(nodes int, cluster string) error {
		b := &band{t: t}
		n := b.addWith("n0", with(nodes, cluster))
		defer b.crash(n)
		return n.expect.missing() // and not what Ready says of partitions that are on their way
	}
	if err := alone(2, "test"); err == nil {
		t.Error("ready though it has never met anybody")
	}
	if err := alone(1, "test"); err != nil {
		t.Errorf("alone as it expects, and %v", err)
	}
	if _, err := os.Stat(note); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("a cluster of one is noted: %v", err)
	}
	b := &band{t: t}
	first := b.addWith("n0", with(0, "test")) // without an expectation one other is enough
	second := b.add()
	await(t, "the cluster is noted", func() bool { _, err := os.Stat(note); return err == nil })
	b.crash(second)
	b.crash(first)
	if err := alone(3, "test"); err != nil {
		t.Errorf("it knows its cluster, and %v", err)
	}
	if err := alone(3, "other"); err == nil {
		t.Error("ready by the note of another cluster")
	}
	if err := os.WriteFile(note, []byte("cluster \"te"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := alone(3, "test"); err == nil {
		t.Error("ready by a note that is damaged")
	}
}

// TestNoPortForOthers: a node that opens no port keeps what it must keep all the same.
func TestNoPortForOthers(t *testing.T) {
	dir := t.TempDir()
	run := func(use func(n *Node)) {
		t.Helper()
		n, err := New(Config{
			NodeID: "n0", Partitions: 16, Settings: DefaultSettings(),
			Peers: &Peers{Role: "all", DataDir: dir},
		})
		if err != nil {
			t.Fatal(err)
		}
		n.SetSink(&notebook{})
		n.Start()
		if err := n.Join(t.Context()); err != nil {
			t.Fatal(err)
		}
		await(t, "it is ready", func() bool { return n.Ready() == nil })
		use(n)
		ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
		defer cancel()
		if err := errors.Join(n.Drain(ctx), n.Close()); err != nil {
			t.Error(err)
		}
	}
	run(func(n *Node) {
		if n.server != nil || n.gossip.Address() != "127.0.0.1:0" {
			t.Errorf("it listens; gossip at %s", n.gossip.Address())
		}
		if err := n.SetOverride(t.Context(), "ada", shard.OverrideBusy, time.Time{}); err != nil {
			t.Error(err)
		}
	})
	run(func(n *Node) {
		if r, ok := n.host.Inspect("", "ada", false); !ok || r.Override != shard.OverrideBusy {
			t.Errorf("kept was %+v, %v", r, ok)
		}
	})
}

// page is a log to be read.
type page struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (p *page) Write(b []byte) (int, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.text.Write(b)
}

func (p *page) String() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.text.String()
}

// TestNobodyFound: why no seed answers is in the log and, whether the node is ready or not, in what
// /readyz says.
func TestNobodyFound(t *testing.T) {
	const cause = "seed n2.example:7946 does not resolve: no such host"
	for _, tc := range []struct {
		name, role     string
		expect         int
		ready, remarks string
	}{
		{"expecting", "all", 3, "seen 1 of 3 nodes: " + cause, ""},
		{"not expecting", "all", 0, "", "serving alone, no other node was met: " + cause},
		{"gateway", "gateway", 0, "no node that owns partitions is in sight: " + cause, ""},
	} {
		t.Run(tc.name, func(t *testing.T) {
			l, err := net.Listen("tcp", "127.0.0.1:0")
			if err != nil {
				t.Fatal(err)
			}
			var log page
			n, err := New(Config{
				NodeID: "n1", Partitions: 16, Settings: DefaultSettings(),
				Logger: slog.New(slog.NewTextHandler(&log, nil)),
				Peers: &Peers{
					Role: tc.role, Listener: l, GossipListen: "127.0.0.1:0", ClusterName: "test",
					JoinWait: 50 * time.Millisecond,
					Seeds:    []string{"n2.example:7946"}, ExpectNodes: tc.expect,
					Lookup: func(context.Context, string) ([]string, error) {
						return nil,
							&net.DNSError{Err: "no such host"}
					},
				},
			})
			if err != nil {
				t.Fatal(err)
			}
			n.SetSink(&notebook{})
			n.Start()
			defer n.Close()
			if err := n.Join(t.Context()); err != nil {
				t.Fatal(err)
			}
			if tc.ready == "" {
				await(t, "it is ready", func() bool { return n.Ready() == nil })
			} else {
				wantReady(t, n, tc.ready)
			}
			if got := n.Remark(); !strings.HasPrefix(got, tc.remarks) {
				t.Errorf("remark %q, want %q", got, tc.remarks)
			}
			for _, says := range []string{`msg="no seed answered; serving alone, still retrying"`, cause} {
				if !strings.Contains(log.String(), says) {
					t.Errorf("the log doesn't say %q:\n%s", says, log.String())
				}
			}
			if tc.expect > 0 {
				await(t, "the log says why it is not ready", func() bool {
					return strings.Contains(log.String(), "not ready: too few nodes seen")
				})
			}
		})
	}
}

func TestTold(t *testing.T) {
	var all []gossip.Trouble
	for range mostTold + 2 {
		all = append(all, gossip.Trouble{Text: "x", When: time.Now()})
	}
	if got := told(all); got != strings.Repeat("x, 0s ago; ", mostTold)+"and 2 more" {
		t.Errorf("%q", got)
	}
}
