package e2e

import (
	"net"
	"net/http"
	"testing"
)

// TestHostInInsecureMode: a page that points its own name at 127.0.0.1 (DNS
// rebinding) must not get through.
func TestHostInInsecureMode(t *testing.T) {
	t.Parallel()
	s := calm.get(t)
	ann := s.as(who("ann"))
	_, port, err := net.SplitHostPort(s.addr)
	if err != nil {
		t.Fatal(err)
	}
	for host, ok := range map[string]bool{
		s.addr: true, "localhost:" + port: true, "127.0.0.1": true, "[::1]:" + port: true, "LOCALHOST:" + port: true,
		"evil.example": false, "evil.example:" + port: false, "127.0.0.1.evil.example:" + port: false,
		"localhost.evil.example": false, "10.0.0.1:" + port: false,
	} {
		for _, path := range []string{"/v1/presence?ids=a", "/v1/ws"} {
			req := ann.request(t, "GET", path, nil)
			req.Host = host
			if path == "/v1/ws" {
				upgrade(req)
			}
			r := ann.sendRaw(t, req)
			if refused := r == http.StatusForbidden || r == http.StatusMisdirectedRequest; refused == ok {
				t.Errorf("%s with Host %s: %d", path, host, r)
			}
		}
	}
}

func upgrade(req *http.Request) {
	for k, v := range map[string]string{
		"Connection": "Upgrade", "Upgrade": "websocket", "Sec-WebSocket-Version": "13",
		"Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==", "Sec-WebSocket-Protocol": "presence.v1",
	} {
		req.Header.Set(k, v)
	}
}

// sendRaw gives the status alone; a connection that was upgraded is dropped.
func (c caller) sendRaw(t testing.TB, req *http.Request) int {
	t.Helper()
	res, err := c.s.http.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	res.Body.Close()
	return res.StatusCode
}

// TestOrigins: which pages may speak to the server, over HTTP and WebSocket.
func TestOrigins(t *testing.T) {
	t.Parallel()
	open := start(t, "--allowed-origins=https://app.example")
	own := calm.get(t)
	for _, tc := range []struct {
		name, origin string
		s            *server
		ok           bool
	}{
		{"own", "http://" + own.addr, own, true},
		{"foreign", "https://evil.example", own, false},
		{"foreign loopback", "http://127.0.0.1:1", own, false},
		{"null", "null", own, false},
		{"allowed", "https://app.example", open, true},
		{"not among the allowed", "https://evil.example", open, false},
		{"allowed host, other scheme", "http://app.example", open, false},
		{"allowed host, longer", "https://app.example.evil.example", open, false},
	} {
		t.Run(tc.name, func(t *testing.T) {
			ann := tc.s.as(who("ann"))
			req := ann.request(t, "GET", "/v1/ws", nil)
			upgrade(req)
			req.Header.Set("Origin", tc.origin)
			want := map[bool]int{true: 101, false: 403}[tc.ok]
			if got := ann.sendRaw(t, req); got != want {
				t.Errorf("WebSocket: %d, want %d", got, want)
			}
			if tc.name == "own" {
				return
			}
			req = ann.request(t, "GET", "/v1/presence?ids=a", nil)
			req.Header.Set("Origin", tc.origin)
			wantAllowed(t, ann.send(t, req), tc.origin, tc.ok)

			req = tc.s.as("").request(t, "OPTIONS", "/v1/presence/me/devices/d", nil)
			req.Header.Set("Origin", tc.origin)
			req.Header.Set("Access-Control-Request-Method", "PUT")
			req.Header.Set("Access-Control-Request-Headers", "authorization,content-type")
			r := ann.send(t, req)
			wantAllowed(t, r, tc.origin, tc.ok)
			if tc.ok && (r.status/100 != 2 || r.header.Get("Access-Control-Allow-Methods") == "") {
				t.Errorf("preflight: %d %v", r.status, r.header)
			}
		})
	}
}

func wantAllowed(t *testing.T, r reply, origin string, ok bool) {
	t.Helper()
	got := r.header.Get("Access-Control-Allow-Origin")
	if ok && got != origin || !ok && got != "" {
		t.Errorf("%s from %s: Access-Control-Allow-Origin %q", r.what, origin, got)
	}
}
