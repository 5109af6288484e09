package gateway

import (
	"crypto/tls"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

// secure serves on loopback with TLS, as the command does.
func secure(t *testing.T, edit ...func(*Config)) (*gate, string) {
	t.Helper()
	g := newGate(t, edit...)
	inner, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	lent := httptest.NewTLSServer(nil) // for its certificate
	defer lent.Close()
	server, ended := g.s.HTTPServer(), make(chan struct{})
	l := tls.NewListener(g.s.Admit(inner, true),
		&tls.Config{Certificates: lent.TLS.Certificates, NextProtos: []string{"http/1.1"}})
	go func() { _ = server.Serve(l); close(ended) }()
	t.Cleanup(func() {
		_ = server.Close()
		<-ended
	})
	return g, "https://" + inner.Addr().String()
}

// fetch is a GET by either version of HTTP.
func fetch(t *testing.T, client *http.Client, url string, header ...string) *http.Response {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), "GET", url, nil)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Authorization", "Bearer v")
	for i := 0; i < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	res, err := client.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	_, _ = io.Copy(io.Discard, res.Body)
	res.Body.Close()
	return res
}

// Under TLS the same limits hold, HTTP/2 isn't spoken, and what large headers draw comes back.
func TestHeadersUnderTLS(t *testing.T) {
	g, url := secure(t)
	transport := &http.Transport{TLSClientConfig: &tls.Config{InsecureSkipVerify: true}, ForceAttemptHTTP2: true}
	t.Cleanup(transport.CloseIdleConnections)
	client := &http.Client{Transport: transport, Timeout: time.Minute}
	for range 3 {
		res := fetch(t, client, url+"/v1/presence?ids=a"+strings.Repeat("&", 300<<10))
		if res.StatusCode != 200 || res.Proto != "HTTP/1.1" {
			t.Errorf("%s %s", res.Proto, res.Status)
		}
	}
	if res := fetch(t, client, url+"/v1/presence?ids=a", "X-Long", strings.Repeat("x", 20<<10)); res.StatusCode != 413 {
		t.Errorf("a long field: %s", res.Status)
	}
	if used := g.s.entrance.headers.Budget().Used(); used != 0 {
		t.Errorf("%d bytes are not given back", used)
	}
	if n := g.s.entrance.public.Load().Open(); n > 2 {
		t.Errorf("%d connections for one client", n)
	}
}

// Who holds back the end of a large header has drawn on the budget, whatever version it speaks; the
// next one is cut off.
func TestHeaderMemoryUnderTLS(t *testing.T) {
	g, url := secure(t, func(c *Config) { c.Limits.HeaderMemory = 1 << 20 })
	config := &tls.Config{InsecureSkipVerify: true, NextProtos: []string{"http/1.1"}}
	for i := range 2 {
		c, err := tls.Dial("tcp", strings.TrimPrefix(url, "https://"), config)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { c.Close() })
		_ = c.SetDeadline(time.Now().Add(time.Minute))
		_, _ = io.WriteString(c, "GET /v1/presence?ids="+strings.Repeat("x", 400<<10))
		if i == 0 {
			for end := time.Now().Add(time.Minute); g.s.entrance.headers.Budget().Used() < 700<<10; time.Sleep(
				time.Millisecond) {
				if time.Now().After(end) {
					t.Fatalf("only %d bytes drawn", g.s.entrance.headers.Budget().Used())
				}
			}
			continue
		}
		if b, err := io.ReadAll(c); len(b) > 0 || err != nil && strings.Contains(err.Error(), "timeout") {
			t.Errorf("the second goes on: %q, %v", b, err)
		}
	}
	if n := g.s.entrance.public.Load().Stats().Refused["header_memory"]; n != 1 {
		t.Errorf("%d refused", n)
	}
}

// The admin listener takes few connections, and those that wait make room.
func TestAdminConnections(t *testing.T) {
	g := newGate(t, func(c *Config) { c.Limits.MaxAdmin = 2 })
	inner, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	server, ended := g.s.AdminHTTPServer(), make(chan struct{})
	go func() { _ = server.Serve(g.s.AdmitAdmin(inner)); close(ended) }()
	t.Cleanup(func() {
		_ = server.Close()
		<-ended
	})
	for range 5 {
		transport := &http.Transport{}
		t.Cleanup(transport.CloseIdleConnections)
		if res := fetch(t, &http.Client{Transport: transport, Timeout: time.Minute},
			"http://"+inner.Addr().String()+"/healthz"); res.StatusCode != 200 {
			t.Errorf("%s", res.Status)
		}
	}
	if n := g.s.entrance.admin.Load().Open(); n > 2 {
		t.Errorf("%d connections", n)
	}
}
