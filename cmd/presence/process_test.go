package main

import (
	"io"
	"net"
	"net/http"
	"os/exec"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"
)

// node is presence serve as a process.
type node struct {
	cmd           *exec.Cmd
	out           *output
	listen, admin string
}

// startProcess starts a node on free ports, and returns when it is ready.
func startProcess(t *testing.T, args ...string) *node {
	t.Helper()
	n := &node{}
	n.cmd,
		n.out = command(t, append([]string{
		"serve", "--listen=127.0.0.1:0", "--admin-listen=127.0.0.1:0",
		"--peer-listen=127.0.0.1:0", "--gossip-listen=127.0.0.1:0",
	}, args...)...)
	if err := n.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	n.out.await(t, "max_connections")
	found := regexp.MustCompile(`listen=(\S+) admin=(\S+)`).FindStringSubmatch(n.out.String())
	if found == nil {
		t.Fatalf("where does it listen? %s", n.out)
	}
	n.listen, n.admin = found[1], found[2]
	n.awaitReady(t)
	return n
}

func (n *node) awaitReady(t *testing.T) {
	t.Helper()
	for deadline := time.Now().Add(patience); ; time.Sleep(10 * time.Millisecond) {
		response, err := http.Get("http://" + n.admin + "/readyz")
		if err != nil {
			t.Fatal(err)
		}
		response.Body.Close()
		if response.StatusCode == http.StatusOK {
			http.DefaultClient.CloseIdleConnections()
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("not ready: %s", n.out)
		}
	}
}

func TestSignalDrainsAndExitsWithZero(t *testing.T) {
	for _, signal := range []syscall.Signal{syscall.SIGTERM, syscall.SIGINT} {
		n := startProcess(t)
		n.signal(t, signal)
		if err := n.cmd.Wait(); err != nil {
			t.Errorf("after %v: %v: %s", signal, err, n.out)
		}
		if !strings.Contains(n.out.String(), "msg=left") {
			t.Errorf("after %v it didn't drain: %s", signal, n.out)
		}
	}
}

func (n *node) signal(t *testing.T, s syscall.Signal) {
	t.Helper()
	if err := n.cmd.Process.Signal(s); err != nil {
		t.Fatal(err)
	}
}

// TestSecondSignal: a request that never ends holds up the first signal, and not the second.
func TestSecondSignal(t *testing.T) {
	n := startProcess(t)
	c, err := net.Dial("tcp", n.listen)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	_, err = io.WriteString(c, "POST /v1/presence/query HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer ann\r\n"+
		"Content-Type: application/json\r\nContent-Length: 100\r\nExpect: 100-continue\r\n\r\n")
	if err != nil {
		t.Fatal(err)
	}
	// The answer to Expect says that the handler is reading, so the request is under way.
	if _, err := io.ReadFull(c, make([]byte, len("HTTP/1.1 100"))); err != nil {
		t.Fatal(err)
	}
	n.signal(t, syscall.SIGTERM)
	n.out.await(t, "msg=leaving")
	n.signal(t, syscall.SIGTERM)
	_ = n.cmd.Wait()
	if status := n.cmd.ProcessState.ExitCode(); status != exitFailure ||
		!strings.Contains(n.out.String(), "a second signal") {
		t.Errorf("status %d: %s", status, n.out)
	}
}

func TestGreeting(t *testing.T) {
	n := startProcess(t)
	text := n.out.String()
	for _, word := range []string{
		"http://" + n.listen, "http://" + n.admin, "curl -N 'http://" + n.listen + "/v1/events?ids=alice'",
		"watch alice --token bob --server http://" + n.listen,
	} {
		if !strings.Contains(text, word) {
			t.Errorf("the greeting doesn't say %q: %s", word, text)
		}
	}
	page, err := http.Get("http://" + n.listen + "/")
	if err != nil {
		t.Fatal(err)
	}
	page.Body.Close()
	http.DefaultClient.CloseIdleConnections()
	if page.StatusCode != http.StatusOK {
		t.Errorf("the page at /: %s", page.Status)
	}
	n.signal(t, syscall.SIGTERM)
	if err := n.cmd.Wait(); err != nil {
		t.Error(err)
	}
}

func TestHealth(t *testing.T) {
	n := startProcess(t, "--log-format=text")
	health, out := command(t, "health")
	health.Env = append(health.Env, "PRESENCE_ADMIN_LISTEN="+n.admin)
	if err := health.Run(); err != nil || out.String() != "ready\n" {
		t.Errorf("a node that is ready: %v, %s", err, out)
	}
	n.signal(t, syscall.SIGTERM)
	if err := n.cmd.Wait(); err != nil {
		t.Error(err)
	}
	health, out = command(t, "health", "--admin-listen="+noPort)
	if err := health.Run(); err == nil || !strings.Contains(out.String(), "connection refused") {
		t.Errorf("no node: %v, %s", err, out)
	}
}

// TestExitStatus: 1 for what failed, 2 for what makes no sense, and the reason on one line.
func TestExitStatus(t *testing.T) {
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	// With the default ports a node says more, if somebody else here has them.
	peers := []string{"--peer-listen=127.0.0.1:0", "--gossip-listen=127.0.0.1:0"}
	for _, tc := range []struct {
		args   []string
		status int
		says   string
	}{
		{[]string{"dance"}, exitUsage, "unexpected argument dance"},
		{[]string{"serve", "--grace=5"}, exitUsage, "--grace: \"5\" is not right; it must be a duration with its unit"},
		{
			[]string{"health", "--wait", "2"},
			exitUsage,
			"--wait: \"2\" is not right; it must be a duration with its unit",
		},
		{
			[]string{"serve", "--listen=" + taken.Addr().String()},
			exitFailure,
			"--listen=" + taken.Addr().String() + ": ",
		},
		{
			[]string{"serve", "--listen=127.0.0.1:0", "--admin-listen=" + taken.Addr().String()},
			exitFailure,
			"--admin-listen=" + taken.Addr().String(),
		},
		{[]string{"serve", "--listen=:0"}, exitFailure, "--allow-insecure"},
		{[]string{
			"serve", "--listen=127.0.0.1:0", "--admin-listen=127.0.0.1:0", "--auth=jwt",
			"--jwt-key-file=/no/such.pem",
		}, exitFailure, "/no/such.pem"},
		{
			[]string{"serve", "--listen=127.0.0.1:0", "--admin-listen=127.0.0.1:0", "--allowed-origins=example.com"},
			exitFailure, "example.com",
		},
		{[]string{"version"}, exitOK, "presence "},
	} {
		if tc.args[0] == "serve" {
			tc.args = append(tc.args, peers...)
		}
		c, out := command(t, tc.args...)
		_ = c.Run()
		if got := c.ProcessState.ExitCode(); got != tc.status || !strings.Contains(out.String(), tc.says) {
			t.Errorf("%q: status %d, %s; want %d, %s", tc.args, got, out, tc.status, tc.says)
		}
		if strings.Count(out.String(), "\n") != 1 {
			t.Errorf("%q writes more than a line: %s", tc.args, out)
		}
	}
}

// TestServesTLS: with a certificate the listener speaks it, and HTTP/1.1 alone: HTTP/2 keeps
// headers of a megabyte, written in 400 bytes, until the client takes its answer.
func TestServesTLS(t *testing.T) {
	certFile, keyFile := pairOnDisk(t, "localhost")
	n := startProcess(t, "--tls-cert="+certFile, "--tls-key="+keyFile)
	client := trusting(t, certFile)
	response, err := client.Get("https://" + n.listen + "/v1/openapi.yaml")
	if err != nil {
		t.Fatal(err)
	}
	response.Body.Close()
	client.CloseIdleConnections()
	if response.StatusCode != http.StatusOK || response.ProtoMajor != 1 {
		t.Errorf("%s by %s", response.Status, response.Proto)
	}
	n.signal(t, syscall.SIGTERM)
	if err := n.cmd.Wait(); err != nil {
		t.Error(err)
	}
}
