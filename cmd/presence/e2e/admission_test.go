package e2e

import (
	"bufio"
	"io"
	"net"
	"net/http"
	"os/exec"
	"runtime"
	"strings"
	"testing"
	"time"
)

// visitor is a connection that is kept.
type visitor struct {
	net.Conn
	in *bufio.Reader
}

func (s *server) visit(t testing.TB) visitor {
	t.Helper()
	conn, err := net.Dial("tcp", s.addr)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	_ = conn.SetDeadline(time.Now().Add(2 * patience))
	return visitor{conn, bufio.NewReader(conn)}
}

// ask sends a request and reads the answer's head; an event stream goes on. nil: the connection was
// closed without a word.
func (v visitor) ask(path, token string) *http.Response {
	_, _ = io.WriteString(v, "GET "+path+" HTTP/1.1\r\nHost: "+v.RemoteAddr().String()+"\r\nAuthorization: Bearer "+
		token+"\r\n\r\n")
	res, err := http.ReadResponse(v.in, nil)
	if err != nil {
		return nil
	}
	return res
}

// TestFewOpenFiles: with 256 open files, 300 clients that stay take nothing from operators, old
// sockets and other nodes; newcomers are told why they are refused, and served when there is room.
func TestFewOpenFiles(t *testing.T) {
	t.Parallel()
	if runtime.GOOS != "linux" {
		t.Skip("needs ulimit")
	}
	s := few(t, "--max-connections=300")
	w := s.as("ann").connect(t, "d")
	var staying []visitor
	refused := 0
	for range 300 {
		v := s.visit(t)
		staying = append(staying, v)
		if res := v.ask("/v1/events?ids=ann", service); res == nil || res.StatusCode != 200 {
			refused++
		}
	}
	if refused < 300-192 {
		t.Errorf("%d of 300 were refused; there is room for 191", refused)
	}
	s.adminGet(t, "/healthz").want(t, 200)
	s.adminGet(t, "/readyz").want(t, 200)
	if got := metric(t, s, `presence_open_connections{listener="public"}`); !strings.HasSuffix(got, " 192\n") {
		t.Errorf("open: %q", got)
	}
	w.want(t, "result", obj{"type": "query", "req": "q", "ids": []string{"ann"}})
	eventually(t, "a newcomer is told why", func() bool { return wasToldWhy(s.visit(t)) })
	for _, v := range staying {
		v.Close()
	}
	eventually(t, "newcomers are served again", func() bool {
		res := s.visit(t).ask("/v1/presence?ids=ann", "bob")
		return res != nil && res.StatusCode == 200
	})
	if got := metric(t, s, `presence_admission_refused_total{limit="connections"}`); got == "" {
		t.Error("nobody counted the refusals")
	}
}

// few is a server that may open 256 files.
func few(t *testing.T, flags ...string) *server {
	t.Helper()
	args := append(listeners(), flags...)
	sh := exec.Command("sh", append([]string{"-c", `ulimit -n 256 && exec "$0" serve "$@"`, binary}, args...)...)
	s, err := spawnAs(sh, nil, args...)
	if err == nil {
		err = s.awaitReady()
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.stop(); err != nil {
			t.Error(err)
		}
	})
	return s
}

// wasToldWhy reports whether a connection got the reason. Refusals are bounded, so one that comes
// too soon is closed without.
func wasToldWhy(v visitor) bool {
	defer v.Close()
	res := v.ask("/v1/presence?ids=ann", "bob")
	if res == nil || res.StatusCode != http.StatusServiceUnavailable {
		return false
	}
	body, _ := io.ReadAll(res.Body)
	return strings.Contains(string(body), `"code":"unavailable"`) && strings.Contains(string(body), "192 connections")
}

// TestSocketsWithoutHello: they take no place of those who say it.
func TestSocketsWithoutHello(t *testing.T) {
	t.Parallel()
	s := start(t, "--max-connections=5", "--max-greetings=50")
	for range 20 {
		s.as("nobody").mute(t)
	}
	for _, name := range names("user", 5) {
		s.as(name).connect(t, "")
	}
	if _, res, err := s.as("late").dial(t, nil); err == nil || res == nil ||
		res.StatusCode != http.StatusServiceUnavailable {
		t.Errorf("a sixth: %v, %v", res, err)
	}
}

// TestTrustedProxies: limits by address are those of the client that a trusted proxy names.
func TestTrustedProxies(t *testing.T) {
	t.Parallel()
	s := start(t, "--trusted-proxies=127.0.0.1", "--anonymous-rate=1")
	ask := func(client string) reply {
		r := s.as("").request(t, "GET", "/v1/presence?ids=a", nil)
		r.Header.Set("X-Forwarded-For", client)
		return s.as("").send(t, r)
	}
	limited := false
	for range 20 {
		limited = limited || ask("203.0.113.7").status == 429
	}
	if !limited {
		t.Error("20 requests without a token at once, and none of them was rate_limited")
	}
	ask("203.0.113.8").problem(t, 401, "unauthorized")
}
