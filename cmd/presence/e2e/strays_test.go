package e2e

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
)

// strays is how many packets, and how many connections to each port, strangers send. In full,
// without the race detector:
//
//	PRESENCE_STRAYS=100000 PRESENCE_RACE=0 go test ./cmd/presence/e2e -run TestStrays -v
func strays(t *testing.T) int {
	t.Helper()
	text := os.Getenv("PRESENCE_STRAYS")
	if text == "" {
		return 1000
	}
	n, err := strconv.Atoi(text)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// heldConns is how many connections strangers hold at the ports between nodes, and say nothing.
const heldConns = 2000

// TestStrays: what strangers send to the ports between nodes leaves few lines in the log, and
// memory as it was; and nodes meet meanwhile.
func TestStrays(t *testing.T) {
	n := strays(t)
	key := writeFile(t, "keys", "MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=\n")
	p := ports(2)
	s := start(t, "--peer-listen="+p[0], "--gossip-listen="+p[1], "--gossip-key-file="+key, "--cluster-name=strays")
	peer, gossip := p[0], p[1]
	before := s.rss(t)
	began := time.Now()
	var all sync.WaitGroup
	all.Go(func() { sendPackets(t, gossip, n) })
	all.Go(func() { knock(t, gossip, n) })
	all.Go(func() { knock(t, peer, n) })
	all.Wait()
	afterStrays := s.rss(t)
	for i := range heldConns {
		hold(t, []string{peer, gossip}[i%2], i)
	}
	other := start(t, "--join="+gossip, "--gossip-key-file="+key, "--cluster-name=strays", "--expect-nodes=2",
		"--node-id=other")
	held, took := s.rss(t), time.Since(began)
	metrics := s.adminGet(t, "/metrics").body
	lines := strings.Count(s.logs.String(), "\n")
	t.Logf("%d strays of each kind and %d held connections in %v: %d lines in the log; RSS %d MB, then %d MB, with "+
		"what is held %d MB",
		n, heldConns, took.Round(time.Second), lines, before>>20, afterStrays>>20, held>>20)
	if most := 100 * (1 + int(took/time.Minute)); lines > most {
		t.Errorf("%d lines in the log, want %d at most:\n%s", lines, most, s.logs.tail(4000))
	}
	// it takes memory for itself
	if grown := max(afterStrays, held) - before; grown > 60<<20 && os.Getenv("PRESENCE_RACE") == "0" {
		t.Errorf("memory has grown by %d MB", grown>>20)
	}
	if taken := value(t, metrics, "go_memstats_sys_bytes") - value(t, metrics,
		"go_memstats_heap_released_bytes"); taken > 100<<20 {
		t.Errorf("Go has taken %.0f MB", taken/(1<<20))
	}
	for _, want := range []string{
		`presence_unproven_connections{port="gossip"} `,
		`presence_unproven_connections_closed_total{port="peer"} `,
	} {
		if !strings.Contains(metrics, want) {
			t.Errorf("no %s in the metrics", want)
		}
	}
	other.adminGet(t, "/readyz").want(t, 200)
	if t.Failed() || testing.Verbose() {
		t.Logf("its log:\n%s", s.logs.tail(3000))
	}
}

// value is that of a metric.
func value(t *testing.T, metrics, name string) float64 {
	t.Helper()
	for line := range strings.Lines(metrics) {
		if text, ok := strings.CutPrefix(strings.TrimSpace(line), name+" "); ok {
			v, err := strconv.ParseFloat(text, 64)
			if err != nil {
				t.Fatal(err)
			}
			return v
		}
	}
	t.Fatalf("no %s in the metrics", name)
	return 0
}

// rss is how much memory a process has.
func (s *server) rss(t *testing.T) int64 {
	t.Helper()
	b, err := os.ReadFile(fmt.Sprintf("/proc/%d/statm", s.cmd.Process.Pid))
	if err != nil {
		t.Skip("no /proc here")
	}
	pages, err := strconv.ParseInt(strings.Fields(string(b))[1], 10, 64)
	if err != nil {
		t.Fatal(err)
	}
	return pages * int64(os.Getpagesize())
}

// rubbish is what strangers send, each time another one.
func rubbish(i int) []byte {
	switch text := fmt.Sprintf("stranger-%d says %d", i, i*i); i % 4 {
	case 0:
		return append([]byte{byte(i)}, text...) // a message of memberlist's, of some kind
	case 1:
		return []byte("GET /" + text + " HTTP/1.1\r\nHost: " + text + "\r\n\r\n")
	case 2:
		return append([]byte{244, byte(len(text))}, text...) // of another cluster
	default:
		return append([]byte{244, byte(len("strays"))}, "strays\x01"+text...) // of this one, and not encrypted
	}
}

func sendPackets(t *testing.T, address string, n int) {
	c, err := net.Dial("udp", address)
	if err != nil {
		t.Error(err)
		return
	}
	defer c.Close()
	for i := range n {
		_, _ = c.Write(rubbish(i))
	}
}

// knock connects from many addresses of loopback, some at a time, and says rubbish.
func knock(t *testing.T, address string, n int) {
	var all sync.WaitGroup
	places := make(chan struct{}, 16)
	for i := range n {
		places <- struct{}{}
		all.Go(func() {
			defer func() { <-places }()
			d := net.Dialer{LocalAddr: &net.TCPAddr{IP: net.IPv4(127, 0, 1, byte(1+i%50))}, Timeout: patience}
			c, err := d.Dial("tcp", address)
			if err != nil {
				t.Error(err)
				return
			}
			defer c.Close()
			_, _ = c.Write(rubbish(i))
			_ = c.(*net.TCPConn).CloseWrite()
			_, _ = io.Copy(io.Discard, c)
		})
	}
	all.Wait()
}

// hold connects and stops in the middle of something, until the test ends.
func hold(t *testing.T, address string, i int) {
	t.Helper()
	c, err := net.Dial("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() })
	switch i / 2 % 3 {
	case 0: // says nothing
	case 1:
		_, _ = io.WriteString(c, "GET /link HTTP/1.1\r\nPresence-Cluster: "+strings.Repeat("x", 4000))
	case 2: // a stream of gossip that is to be 16 MB long
		_, _ = c.Write(append([]byte("\xf4\x06strays\x0a\x01\x00\x00\x00"), make([]byte, 64<<10)...))
	}
}

// TestLinkTellsStrangersNothing: with a name that isn't right, and with a protocol that isn't, the
// answer is the same, and has nothing of the node.
func TestLinkTellsStrangersNothing(t *testing.T) {
	t.Parallel()
	peer := ports(1)[0]
	start(t, "--node-id=secret-id", "--cluster-name=secret-name", "--peer-listen="+peer)
	var first string
	for _, cluster := range []string{"", "presence", "secret-name"} {
		r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://"+peer+"/link", nil)
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Presence-Cluster", cluster)
		res, err := http.DefaultClient.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(res.Body)
		res.Body.Close()
		if err != nil {
			t.Fatal(err)
		}
		if first == "" {
			first = string(body)
		}
		if res.StatusCode != http.StatusForbidden || string(body) != first ||
			strings.Contains(fmt.Sprint(res.Header, first), "secret") {
			t.Errorf("cluster %q: %d %v %s", cluster, res.StatusCode, res.Header, body)
		}
	}
}

// TestAdminToken: operators show it, probes don't, and it is renewed without a restart.
func TestAdminToken(t *testing.T) {
	t.Parallel()
	const one, two = "0123456789abcdef0123456789abcdef", "fedcba9876543210fedcba9876543210"
	file := writeFile(t, "token", one+"\n")
	s := start(t, "--admin-token-file="+file)
	ask := func(token string) int {
		r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, s.admin+"/metrics", nil)
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Authorization", "Bearer "+token)
		res, err := s.http.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		defer res.Body.Close()
		_, _ = io.Copy(io.Discard, res.Body)
		return res.StatusCode
	}
	s.adminGet(t, "/healthz").want(t, 200)
	s.adminGet(t, "/metrics").want(t, 401)
	s.adminGet(t, "/debug/pprof/").want(t, 401)
	if ask(one) != 200 || ask(two) != 401 {
		t.Errorf("the right one: %d, another: %d", ask(one), ask(two))
	}
	if err := os.WriteFile(file, []byte(two), 0o600); err != nil {
		t.Fatal(err)
	}
	for deadline := time.Now().Add(patience); ask(two) != 200; time.Sleep(50 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal("the new one is not taken")
		}
	}
	if ask(one) != 401 {
		t.Error("the old one is still taken")
	}
}
