package target

import (
	"context"
	"encoding/pem"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
)

func TestNodesAreKilledStoppedAndStartedAgain(t *testing.T) {
	c, err := StartLocal(t.Context(), Plan{Nodes: 2, Binary: binary, Flags: []string{"--tick=50ms"}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() })
	first, second := c.Nodes[0], c.Nodes[1]
	before := first.PID()
	first.Kill()
	if first.Up() || len(c.Up()) != 1 {
		t.Error("a killed node is up")
	}
	if err := first.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	settled(t, c)
	if first.PID() == before || !first.Up() {
		t.Errorf("process %d, before %d, up %v", first.PID(), before, first.Up())
	}
	if err := second.Stop(); err != nil {
		t.Error(err)
	}
	settled(t, c)
	if n, err := c.Metric(t.Context(), "presence_partitions"); err != nil || n != 4096 {
		t.Errorf("the node that is left owns %v partitions, %v; want all 4096", n, err)
	}
	if _, err := c.Metric(t.Context(), "presence_partition"); err == nil {
		t.Error("half a name found a metric")
	}
}

func settled(t *testing.T, c *Cluster) {
	t.Helper()
	if _, err := c.Settle(t.Context()); err != nil {
		t.Fatal(err)
	}
}

func TestANodeThatCannotStartSaysWhy(t *testing.T) {
	_, err := StartLocal(t.Context(), Plan{Nodes: 1, Binary: binary, Flags: []string{"--grace=never"}})
	if err == nil || !strings.Contains(err.Error(), "--grace") {
		t.Errorf("%v; want what the node said", err)
	}
}

func TestPortsAreNoneThatADialerGets(t *testing.T) {
	addrs, err := Ports(400)
	if err != nil {
		t.Fatal(err)
	}
	seen := make(map[string]bool)
	for _, addr := range addrs {
		_, port, _ := net.SplitHostPort(addr)
		if n, _ := strconv.Atoi(port); n < 1024 || n >= 32768 || seen[addr] {
			t.Errorf("%s is not below the ports of dialers, or is there twice", addr)
		}
		seen[addr] = true
	}
}

// TestANodeThatLostItsPort: while a node was down, another program took one of its addresses. That
// one says yes to everything.
func TestANodeThatLostItsPort(t *testing.T) {
	c, err := StartLocal(t.Context(), Plan{Nodes: 1, Binary: binary})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() })
	n := c.Nodes[0]
	n.Kill()
	other := httptest.NewUnstartedServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	other.Listener.Close()
	if other.Listener, err = net.Listen("tcp", strings.TrimPrefix(n.Admin, "http://")); err != nil {
		t.Fatal(err)
	}
	other.Start()
	t.Cleanup(other.Close)
	if err := n.Start(t.Context()); err == nil || !strings.Contains(err.Error(), "n1 has lost its address") ||
		!strings.Contains(err.Error(), "in use") {
		t.Errorf("%v; want an error that says which node, and that its address is in use", err)
	}
}

func TestServersThatAreNoURL(t *testing.T) {
	for _, s := range []string{
		"localhost:8080", "ftp://h", "", "http:///v1", "http://h/presence", "http://h?x=y",
		"http://me:secret@h", "http://h:port",
	} {
		if _, err := Running([]string{s}, "t", ""); err == nil || !strings.Contains(err.Error(), "--server") {
			t.Errorf("%q: %v", s, err)
		}
	}
	c, err := Running([]string{"https://h:1/"}, "t", "")
	if err != nil || len(c.Up()) != 1 || c.Nodes[0].URL != "https://h:1" {
		t.Errorf("%+v, %v", c, err)
	}
}

func TestOnlyCertificatesOfTheFileAreTrusted(t *testing.T) {
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		_, _ = w.Write([]byte(`{"fingerprint":"f","members":[{"state":"serving"}]}`))
	}))
	server.Config.ErrorLog = log.New(io.Discard, "", 0) // for the handshake that fails
	server.StartTLS()
	t.Cleanup(server.Close)
	path := filepath.Join(t.TempDir(), "ca.pem")
	for text, want := range map[string]string{
		string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: server.Certificate().Raw})): "",
		"": "there is no certificate in it",
	} {
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		c, err := Running([]string{server.URL}, "t", path)
		if err == nil {
			err = c.unsettled(t.Context())
		}
		if want == "" && err != nil || want != "" && (err == nil || !strings.Contains(err.Error(), want)) {
			t.Errorf("%.20q: %v; want %q", text, err, want)
		}
	}
	c, err := Running([]string{server.URL}, "t", "")
	if err != nil {
		t.Fatal(err)
	}
	if err := c.unsettled(t.Context()); err == nil || !strings.Contains(err.Error(), "unknown authority") {
		t.Errorf("without the file: %v", err)
	}
}

func TestBinary(t *testing.T) {
	if _, err := Binary(t.Context(), "/nowhere/presence", ""); err == nil ||
		!strings.Contains(err.Error(), "--presence") {
		t.Errorf("%v", err)
	}
	if path, err := Binary(t.Context(), binary, ""); err != nil || path != binary {
		t.Errorf("%v, %v; want %v", path, err, binary)
	}
	t.Chdir(t.TempDir())
	t.Setenv("PATH", filepath.Dir(goTool(t)))
	if _, err := Binary(context.Background(), "", ""); err == nil || !strings.Contains(err.Error(), "--presence=PATH") {
		t.Errorf("outside the module: %v", err)
	}
}

func goTool(t *testing.T) string {
	t.Helper()
	path, err := exec.LookPath("go")
	if err != nil {
		t.Skip(err)
	}
	return path
}

func TestAChildRunsOnItsCores(t *testing.T) {
	cores := Cores()
	if len(cores) < 2 {
		t.Skip("there is one core")
	}
	cmd := exec.Command("sleep", "1h")
	if err := StartOn(cores[1:2], cmd); err != nil {
		t.Fatal(err)
	}
	defer func() { _ = cmd.Process.Kill(); _ = cmd.Wait() }()
	status, err := os.ReadFile("/proc/" + strconv.Itoa(cmd.Process.Pid) + "/status")
	if err != nil {
		t.Fatal(err)
	}
	_, rest, _ := strings.Cut(string(status), "Cpus_allowed_list:")
	if got := strings.Fields(rest)[0]; got != strconv.Itoa(cores[1]) {
		t.Errorf("the child may use %s; want core %d", got, cores[1])
	}
	if now := Cores(); !slices.Equal(now, cores) {
		t.Errorf("this process may use %v; want %v as before (%s)", now, cores, runtime.GOOS)
	}
}

func TestShare(t *testing.T) {
	for _, c := range []struct{ all, servers, generator []int }{
		{nil, nil, nil},
		{[]int{3}, nil, nil},
		{[]int{0, 1}, []int{0}, []int{1}},
		{[]int{0, 2, 4}, []int{0, 2}, []int{4}},
	} {
		if s, g := Share(c.all); !slices.Equal(s, c.servers) || !slices.Equal(g, c.generator) {
			t.Errorf("%v: servers %v, generator %v", c.all, s, g)
		}
	}
}

func TestANodeThatFallsIsToldFromOneThatIsKilled(t *testing.T) {
	c, err := StartLocal(t.Context(), Plan{Nodes: 2, Binary: binary})
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	asked, fallen := c.Nodes[0], c.Nodes[1]
	asked.Kill()
	if err := syscall.Kill(fallen.PID(), syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	<-fallen.ended()
	if how := fallen.Fell(); how != "n2 ended by itself: signal: killed" || asked.Fell() != "" {
		t.Errorf("%q and %q; only the second wasn't asked to", how, asked.Fell())
	}
}
