package proxies

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strings"
	"syscall"
	"testing"
)

// behind is a proxy as the page has it, in front of two nodes.
type behind struct {
	*proxy
	nodes []*node
	ports ports
}

// setUp starts them. A busy machine may take its time to let people come back, and nobody may be
// offline for that: sockets linger for as long as they may.
func setUp(t *testing.T, k kind) *behind {
	t.Helper()
	b := &behind{ports: newPorts(t)}
	b.nodes = newPair(t, b.ports, "--trusted-proxies=127.0.0.1", "--drain-delay=4s", "--anonymous-rate=0.01",
		"--linger=60s", "--participant-rate=10000")
	b.proxy = newProxy(t, k, b.ports, asItIs)
	b.awaitAnswers(t)
	return b
}

// awaitAnswers waits until the proxy has found a node.
func (x *proxy) awaitAnswers(t *testing.T) {
	t.Helper()
	b := x.from(t, "127.0.0.1", false)
	eventually(t, "nothing is answered", func() error {
		got, err := b.ask("GET", "/v1/presence?ids=a", token("ada", ""), nil)
		if err == nil && got.status != 200 {
			err = fmt.Errorf("%d %s", got.status, got.body)
		}
		return err
	})
}

// TestProxies does all that the page promises of a proxy, one thing after the other, but for
// silence.
func TestProxies(t *testing.T) {
	t.Parallel()
	for _, k := range kinds {
		t.Run(k.name, func(t *testing.T) {
			t.Parallel()
			b := setUp(t, k)
			t.Run("requests", b.requests)
			t.Run("origins", b.origins)
			t.Run("addresses", b.addresses)
			t.Run("compressed", b.compressed)
			c := newCrowd(t, b.from(t, "127.0.0.1", false), 50)
			t.Run("reload", func(t *testing.T) { b.reloaded(t, c) })
			t.Run("drain", func(t *testing.T) { b.drained(t, c) })
			t.Run("death", func(t *testing.T) { b.killed(t, c) })
		})
	}
}

// requests go through as they are: ids with all that must be escaped, 3 MiB, HTTP/1.1 and HTTP/2.
func (b *behind) requests(t *testing.T) {
	for _, h2 := range []bool{false, true} {
		x, ada := b.from(t, "127.0.0.1", h2), token("ada", "")
		for escaped, id := range map[string]string{
			"team%2Fada": "team/ada", "%2E%2E": "..", "a%2F%2Fb": "a//b", "%2F": "/",
			"50%25": "50%", "%C3%A4": "ä", "a+b;c=d": "a+b;c=d",
		} {
			x.want(t, 200, fmt.Sprintf(`{"participant_id":%q,`, id), "GET", "/v1/presence/"+escaped, ada, nil)
		}
		got := x.want(t, 200, `"team/ada"`, "GET", "/v1/presence?ids=team%2Fada", ada, nil)
		if want := map[bool]int{false: 1, true: 2}[h2]; got.proto != want {
			t.Errorf("HTTP/%d, want HTTP/%d", got.proto, want)
		}
		large := append(append([]byte(`{"heartbeats":[]`), bytes.Repeat([]byte(" "), 3<<20)...), '}')
		backend := token("backend", "presence:service")
		x.want(t, 200, `{"accepted":0,"rejected":[]}`, "POST", "/v1/heartbeats", backend, large)
	}
	x := b.from(t, "127.0.0.1", false)
	long := "/v1/presence?ids=a" + strings.Repeat("&", 40<<10)
	got, err := x.ask("GET", long, token("ada", ""), nil)
	// refused while the line is still being sent
	early := errors.Is(err, syscall.EPIPE) || errors.Is(err, syscall.ECONNRESET)
	if err != nil && !early || (got.status == 200) != (b.name == "caddy") {
		t.Errorf("a line of 40 KiB: %d %.300v", got.status, err)
	}
}

// origins of the site itself pass, with a port and without; others don't.
func (b *behind) origins(t *testing.T) {
	x := b.from(t, "127.0.0.1", false)
	for origin, ok := range map[string]bool{x.base: true, "https://" + site: false, "https://evil.example": false} {
		ctx, cancel := context.WithTimeout(t.Context(), patience)
		ws, status, err := x.socket(ctx, origin)
		if ok != (err == nil) || !ok && status != 403 {
			t.Errorf("a socket for %s: %d %v", origin, status, err)
		}
		if ws != nil {
			_ = ws.CloseNow()
		}
		cancel()
	}
}

// addresses are the clients': one that has used up its answers without a token is refused, another
// isn't.
func (b *behind) addresses(t *testing.T) { differ(t, b.proxy) }

func differ(t *testing.T, x *proxy) {
	t.Helper()
	one, other := x.from(t, "127.0.0.21", false), x.from(t, "127.0.0.22", false)
	eventually(t, "an address is never refused", func() error {
		got, err := one.ask("GET", "/v1/presence?ids=a", "", nil)
		if err == nil && got.status != 429 {
			err = fmt.Errorf("%d %s", got.status, got.body)
		}
		return err
	})
	other.want(t, 401, "no token", "GET", "/v1/presence?ids=a", "", nil)
}

// compressed streams still tell each event when it happens: nginx sends on all that it has. HAProxy
// leaves alone what says no-transform, Caddy what it is told to. Other answers show that
// compression is on.
func (b *behind) compressed(t *testing.T) {
	x := newProxy(t, b.kind, b.ports, func(text string) string { return instead(t, text, b.gzip[0], b.gzip[1]) })
	x.awaitAnswers(t)
	ada := token("ada", "")
	for _, h2 := range []bool{false, true} {
		client, id := x.from(t, "127.0.0.1", h2), fmt.Sprintf("zipped-%t", h2)
		other := client.want(t, 200, "", "GET", "/v1/presence?ids=a", ada, nil, "Accept-Encoding", "gzip")
		if got := other.header.Get("Content-Encoding"); got != "gzip" {
			t.Errorf("compression is off: %q", got)
		}
		ctx, cancel := context.WithTimeout(t.Context(), patience)
		defer cancel()
		s, err := client.stream(ctx, id, ada)
		if err != nil {
			t.Fatal(err)
		}
		defer s.res.Body.Close()
		if got := s.res.Header.Get("Content-Encoding"); (got == "gzip") != (b.name == "nginx") {
			t.Errorf("a stream with Content-Encoding %q", got)
		}
		s.want(t, `{"`+id+`":"offline"}`)
		client.want(t, 204, "", "PUT", "/v1/presence/me/devices/d", token(id, ""), []byte(`{"activity":"online"}`))
		s.want(t, `{"`+id+`":"online"}`)
		client.want(t, 204, "", "PUT", "/v1/presence/me/override", token(id, ""), []byte(`{"override":"busy"}`))
		s.want(t, `{"`+id+`":"busy"}`)
	}
}
