package proxies

import (
	"context"
	"net"
	"strings"
	"testing"
	"time"
)

// plain is nginx as its guide to WebSockets has it, with a server for each way to set Host and
// path.
const plain = `
events {}
http {
    map $http_upgrade $connection_upgrade {
        default upgrade;
        ''      close;
    }
    server { listen HOST:UPSTREAM ssl; CERT location / { LINES } }
    server { listen HOST:NAME ssl; CERT location / { proxy_set_header Host $host; LINES } }
    server { listen HOST:NAMED ssl; CERT location / { proxy_set_header X-Forwarded-Host $http_host; LINES } }
    server { listen HOST:PATH ssl; CERT location /chat/ { proxy_pass http://NODE/; } }
}
`

const guide = `proxy_pass http://NODE; proxy_http_version 1.1;
    proxy_set_header Upgrade $http_upgrade; proxy_set_header Connection $connection_upgrade;`

// TestGuides puts a page behind nginx as guides write it. It is refused, and the node's log has
// what to set; X-Forwarded-Host from a trusted proxy helps. A path that is taken off takes escapes
// with it.
func TestGuides(t *testing.T) {
	t.Parallel()
	p, port := newPorts(t), freePorts(t, 4)
	n := newNode(t, hosts[0], p, "--trusted-proxies=127.0.0.1", "--node-id=n1")
	n.awaitReady(t)
	dir := t.TempDir()
	moved(t, "", dir, "", p) // the certificate
	text := strings.NewReplacer("LINES", guide).Replace(plain)
	text = strings.NewReplacer(
		"CERT", "ssl_certificate "+dir+"/presence.crt; ssl_certificate_key "+dir+"/presence.key;", "HOST", "127.0.0.1",
		"UPSTREAM", port[0], "NAMED", port[2], "NAME", port[1], "PATH", port[3], "NODE", hosts[0]+":"+p.public,
		"events {}", "pid "+dir+"/pid;\nevents {}", "http {\n", "http {\n    access_log off;\n",
	).Replace(text)
	x := launch(t, kinds[0], dir, net.JoinHostPort("127.0.0.1", port[0]), text)
	for i, tt := range []struct{ says string }{{"proxy_set_header Host $http_host"}, {"the port differs"}, {""}} {
		x.addr = net.JoinHostPort("127.0.0.1", port[i])
		b := x.from(t, "127.0.0.1", false)
		ctx, cancel := context.WithTimeout(t.Context(), patience)
		ws, status, err := b.socket(ctx, b.base)
		if refused := tt.says != ""; refused != (status == 403) || refused != (err != nil) {
			t.Errorf("server %d: %d %v", i, status, err)
		}
		if tt.says != "" {
			eventually(t, "the node is silent",
				func() error { return n.said("origin refused", "origin="+b.base, tt.says) })
		}
		if ws != nil {
			_ = ws.CloseNow()
		}
		cancel()
	}
	x.addr = net.JoinHostPort("127.0.0.1", port[3])
	b := x.from(t, "127.0.0.1", false)
	b.want(t, 200, `"ada"`, "GET", "/chat/v1/presence/ada", token("ada", ""), nil)
	b.want(t, 404, `there is nothing at`, "GET", "/chat/v1/presence/team%2Fada", token("ada", ""), nil)
}

// TestBelowAPath: the page's second block for nginx, with all that is below the path.
func TestBelowAPath(t *testing.T) {
	t.Parallel()
	p := newPorts(t)
	n := newNode(t, hosts[0], p, "--trusted-proxies=127.0.0.1", "--path-prefix=/presence", "--node-id=n1", "--demo")
	n.awaitReady(t)
	x := newProxy(t, kinds[0], p, func(text string) string {
		from, to := strings.Index(text, "        location / {"), strings.LastIndex(text, "    }\n}")
		return text[:from] + block(t, "nginx", 1) + text[to:]
	})
	b, ada := x.from(t, "127.0.0.1", true), token("ada", "")
	b.want(t, 200, `"team/ada"`, "GET", "/presence/v1/presence/team%2Fada", ada, nil)
	b.want(t, 200, "- url: /presence\n", "GET", "/presence/v1/openapi.yaml", "", nil)
	b.want(t, 200, "<!doctype html>", "GET", "/presence/", "", nil)
	if got, err := b.ask("GET", "/v1/presence/ada", ada, nil); err != nil || got.status == 200 {
		t.Errorf("outside the path: %d %v", got.status, err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	s, err := (&browser{base: b.base + "/presence", http: b.http}).stream(ctx, "bob", ada)
	if err != nil {
		t.Fatal(err)
	}
	s.want(t, `"bob":"offline"`)
	_ = s.res.Body.Close()
	h1 := x.from(t, "127.0.0.1", false)
	newCrowd(t, &browser{base: h1.base + "/presence", http: h1.http}, 2)
}

// TestProxyProtocol: HAProxy passes TLS on to the node, which learns from the PROXY header who
// comes.
func TestProxyProtocol(t *testing.T) {
	t.Parallel()
	p, port, dir := newPorts(t), freePorts(t, 1)[0], t.TempDir()
	text := moved(t, block(t, "haproxy", 1), dir, port, p)
	n := newNode(t, hosts[0], p, "--trusted-proxies=127.0.0.1", "--proxy-protocol", "--anonymous-rate=0.01",
		"--node-id=n1", "--tls-cert="+dir+"/presence.crt", "--tls-key="+dir+"/presence.key")
	n.awaitReady(t)
	x := launch(t, kinds[1], dir, net.JoinHostPort("127.0.0.1", port), text)
	differ(t, x)
	newCrowd(t, x.from(t, "127.0.0.1", false), 5)
}

// TestDrainDelay: a node that was told to stop isn't ready, and takes newcomers for as long as it
// was told to. A second signal ends it at once.
func TestDrainDelay(t *testing.T) {
	t.Parallel()
	p := newPorts(t)
	n := newNode(t, hosts[1], p, "--drain-delay=10m", "--node-id=n2")
	n.awaitReady(t)
	x := &proxy{addr: n.host + ":" + p.public}
	b := x.from(t, "127.0.0.1", false)
	b.base = n.URL
	terminate(t, n)
	n.await(t, "presence_ready", 0)
	for range 3 {
		ctx, cancel := context.WithTimeout(t.Context(), patience)
		ws, _, err := b.socket(ctx, n.URL)
		if err != nil {
			t.Fatalf("a newcomer is refused: %v", err)
		}
		_ = ws.CloseNow()
		cancel()
	}
	begun := time.Now()
	terminate(t, n)
	<-n.gone
	if code := n.cmd.ProcessState.ExitCode(); code != 1 || time.Since(begun) > patience {
		t.Errorf("ended with %d after %v", code, time.Since(begun))
	}
}
