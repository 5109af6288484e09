package e2e

import (
	"io"
	"net"
	"net/http"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"
)

// readyz gives what /readyz says; 0 while nobody answers.
func (s *server) readyz() (status int, text string) {
	r, err := s.http.Get(s.admin + "/readyz")
	if err != nil {
		return 0, err.Error()
	}
	defer r.Body.Close()
	b, err := io.ReadAll(r.Body)
	if err != nil {
		return 0, err.Error()
	}
	return r.StatusCode, string(b)
}

// wantReadyz waits until /readyz has a status and says something.
func wantReadyz(t *testing.T, s *server, status int, says string) {
	t.Helper()
	var got int
	var text string
	deadline := time.Now().Add(patience)
	for ; time.Now().Before(deadline); time.Sleep(20 * time.Millisecond) {
		if got, text = s.readyz(); got == status && strings.Contains(text, says) {
			return
		}
	}
	t.Fatalf("/readyz says %d %s, want %d and %q; the log:\n%s", got, text, status, says, s.logs)
}

// member starts a node that is not waited for, and gives its gossip address.
func member(t *testing.T, id string, flags ...string) (s *server, gossip string) {
	t.Helper()
	args := append(append(listeners(), "--node-id="+id, "--join-wait=100ms"), flags...)
	s, err := spawn(nil, args...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = s.cmd.Process.Signal(syscall.SIGKILL)
		<-s.exited
		s.http.CloseIdleConnections()
	})
	return s, reachable(args, "--gossip-listen=")
}

// TestExpectNodes: a node is ready once it has seen as many as it expects.
func TestExpectNodes(t *testing.T) {
	t.Parallel()
	a, gossip := member(t, "a", "--expect-nodes=2")
	wantReadyz(t, a, http.StatusServiceUnavailable, "seen 1 of 2 nodes: the others are to come, as no --join names one")
	b, _ := member(t, "b", "--expect-nodes=2", "--join="+gossip)
	wantReadyz(t, b, http.StatusOK, "ready\n")
	wantReadyz(t, a, http.StatusOK, "ready\n")
	for flag, says := range map[string]string{"-1": "from 0", "1001": "to 1000", "two": "--expect-nodes"} {
		if out := wantRefused(t, "--expect-nodes="+flag); !strings.Contains(out, says) {
			t.Errorf("--expect-nodes=%s: %s", flag, out)
		}
	}
}

// TestExpectNodesKnown: what a node has noted in its data directory makes it ready without the
// others.
func TestExpectNodesKnown(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	a, gossip := member(t, "a", "--expect-nodes=2", "--data-dir="+dir)
	wantReadyz(t, a, http.StatusServiceUnavailable, "seen 1 of 2 nodes")
	b, _ := member(t, "b", "--join="+gossip)
	wantReadyz(t, a, http.StatusOK, "ready\n")
	eventually(t, "the cluster is noted", func() bool {
		found, err := filepath.Glob(filepath.Join(dir, "cluster"))
		return err == nil && len(found) == 1
	})
	for _, s := range []*server{a, b} {
		_ = s.cmd.Process.Kill()
		<-s.exited
	}
	a, _ = member(t, "a", "--expect-nodes=2", "--data-dir="+dir)
	wantReadyz(t, a, http.StatusOK, "ready")
}

// noPort is where nothing listens: the system gives a port so low to nobody.
const noPort = "127.0.0.1:1"

// TestWhyNobodyIsFound: /readyz and the log name the cause, at the node that looks and at the one
// it finds.
func TestWhyNobodyIsFound(t *testing.T) {
	t.Parallel()
	key := func(text string) string { return "--gossip-key-file=" + writeFile(t, "gossip.keys", text) }
	one, two := key("MTIzNDU2Nzg5MGFiY2RlZg==\n"), key("ZmVkY2JhMDk4NzY1NDMyMQ==\n")
	for name, tc := range map[string]struct {
		here, there string // a flag
		seed        string // empty: the other node
		hereSays    string
		thereSays   string
	}{
		"wrong key": {
			two, one, "", "encrypts gossip with a key that is not in",
			"encrypts gossip with a key that is not in",
		},
		"no key": {
			"", one, "", "encrypts gossip and this node does not",
			"does not encrypt gossip and this node does",
		},
		"another cluster": {
			"--cluster-name=prod", "", "", "another --cluster-name, as its log says",
			`its --cluster-name is "prod", not presence`,
		},
		"a name of nobody": {
			"", "", "no-such-host.invalid:7946", "seed no-such-host.invalid:7946 does not resolve",
			"",
		},
		"a closed port": {"", "", noPort, noPort + " refuses the connection", ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			there, gossip := member(t, "there", flags(tc.there, "--expect-nodes=2")...)
			eventually(t, "the other listens",
				func() bool { return strings.Contains(there.logs.String(), "msg=listening") })
			if tc.seed != "" {
				gossip = tc.seed
			}
			here, _ := member(t, "here", flags(tc.here, "--expect-nodes=2", "--join="+gossip)...)
			wantReadyz(t, here, http.StatusServiceUnavailable, tc.hereSays)
			wantReadyz(t, here, http.StatusServiceUnavailable, "seen 1 of 2 nodes: ")
			eventually(t, "the log says why", func() bool {
				_, after, found := strings.Cut(here.logs.String(), "no seed answered; serving alone, still retrying")
				return found && strings.Contains(after, tc.hereSays)
			})
			wantReadyz(t, there, http.StatusServiceUnavailable, tc.thereSays)
		})
	}
}

func flags(all ...string) (given []string) {
	for _, f := range all {
		if f != "" {
			given = append(given, f)
		}
	}
	return given
}

// TestAloneIsSaid: a node that expects none is ready alone, and says why it is.
func TestAloneIsSaid(t *testing.T) {
	t.Parallel()
	s, _ := member(t, "a", "--join="+noPort)
	wantReadyz(t, s, http.StatusOK, "ready; serving alone, no other node was met: "+noPort+" refuses the connection")
}

// TestNoPeerPorts: two nodes to which nobody said a word about others share a machine, and what the
// one keeps it keeps.
func TestNoPeerPorts(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	lone := func(flags ...string) *server {
		t.Helper()
		p := ports(2)
		s, err := spawn(nil, append(flags, "--listen="+p[0], "--admin-listen="+p[1])...)
		if err != nil {
			t.Fatal(err)
		}
		if err := s.awaitReady(); err != nil {
			t.Fatal(err)
		}
		return s
	}
	first, second := lone("--data-dir="+dir), lone("--join-wait=1s")
	if text := second.logs.String(); !strings.Contains(text, "settings that do nothing") ||
		!strings.Contains(text, "--join-wait") {
		t.Errorf("what does nothing is not named:\n%s", text)
	}
	first.as("ann").beat(t, "d", "online")
	first.as("ann").override(t, "busy")
	_ = first.cmd.Process.Kill() // as a power cut
	<-first.exited
	first.http.CloseIdleConnections()
	first = lone("--data-dir=" + dir)
	first.as("ann").beat(t, "d", "online")
	first.as("bob").wantState(t, "ann", "busy")
	for _, s := range []*server{first, second} {
		if err := s.stop(); err != nil {
			t.Error(err)
		}
	}
	for _, flag := range []string{"--role=shard", "--role=gateway"} {
		s, err := spawn(nil, flag)
		if err != nil {
			t.Fatal(err)
		}
		if <-s.exited; s.code == 0 || !strings.Contains(s.logs.String(), "needs other nodes") {
			t.Errorf("%s: %d, %s", flag, s.code, s.logs)
		}
	}
}

// TestEveryAddress: a node that listens on every address tells others the one private address of
// the machine, or does not start.
func TestEveryAddress(t *testing.T) {
	t.Parallel()
	for _, host := range []string{"", "0.0.0.0", "[::]"} {
		s, _ := member(t, "a", "--gossip-listen="+host+":"+portOf(t), "--peer-listen="+host+":"+portOf(t),
			"--allow-insecure-peers")
		eventually(t, "it starts or exits", func() bool {
			select {
			case <-s.exited:
				return true
			default:
				status, _ := s.readyz()
				return status == http.StatusOK
			}
		})
		text, found := s.logs.String(), ""
		if m := dialled.FindStringSubmatch(text); m != nil {
			found = m[1]
		}
		if refused := strings.Contains(text, "--advertise-address"); refused == (net.ParseIP(found) != nil) {
			t.Errorf("%q: refused %v, and others dial %q:\n%s", host, refused, found, text)
		}
	}
}

var dialled = regexp.MustCompile(`msg="other nodes dial the private address of this machine" address=(\S+)`)
