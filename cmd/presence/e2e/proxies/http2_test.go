//lint:file-ignore SA1019 net/http, which is to be used instead, refuses the field :protocol.

package proxies

import (
	"bytes"
	"context"
	"crypto/tls"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"

	"golang.org/x/net/http2"
)

// TestSocketsOverHTTP2: HAProxy offers browsers sockets over the HTTP/2 connection that they have
// (RFC 8441), and makes an upgrade of HTTP/1.1 for the node out of it. nginx and Caddy don't offer
// it.
func TestSocketsOverHTTP2(t *testing.T) {
	t.Parallel()
	p := newPorts(t)
	newNode(t, hosts[0], p, "--trusted-proxies=127.0.0.1", "--node-id=n1").awaitReady(t)
	x := newProxy(t, kinds[1], p, asItIs)
	x.awaitAnswers(t)
	b := x.from(t, "127.0.0.1", true)
	b.http = &http.Client{Transport: x.plainHTTP2(t)}
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	out, in := io.Pipe()
	defer in.Close()
	r, err := http.NewRequestWithContext(ctx, "CONNECT", b.base+"/v1/ws", out)
	if err != nil {
		t.Fatal(err)
	}
	r.Header = http.Header{
		":protocol": {"websocket"}, "Origin": {b.base},
		"Sec-Websocket-Version": {"13"}, "Sec-Websocket-Protocol": {"presence.v1"},
	}
	res, err := b.http.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	if res.StatusCode != 200 || res.Header.Get("Sec-Websocket-Protocol") != "presence.v1" {
		t.Fatalf("%s %v", res.Status, res.Header)
	}
	if _, err := in.Write(masked(`{"type":"hello","token":"` + token("ada", "") + `","device_id":"d"}`)); err != nil {
		t.Fatal(err)
	}
	var got bytes.Buffer
	for part := make([]byte, 4096); !strings.Contains(got.String(), `"welcome"`); {
		n, err := res.Body.Read(part)
		if got.Write(part[:n]); err != nil {
			t.Fatalf("%q %v", got.String(), err)
		}
	}
}

// plainHTTP2 takes :protocol, which net/http refuses.
func (x *proxy) plainHTTP2(t *testing.T) *http2.Transport {
	transport := &http2.Transport{
		TLSClientConfig: &tls.Config{InsecureSkipVerify: true, ServerName: site},
		DialTLSContext: func(ctx context.Context, _, _ string, config *tls.Config) (net.Conn, error) {
			dialer := tls.Dialer{Config: config}
			return dialer.DialContext(ctx, "tcp", x.addr)
		},
	}
	t.Cleanup(transport.CloseIdleConnections)
	return transport
}

// masked is a text frame of a client, of 126 to 65,535 bytes, with a mask of zeros.
func masked(text string) []byte {
	return append([]byte{0x81, 0x80 | 126, byte(len(text) >> 8), byte(len(text)), 0, 0, 0, 0}, text...)
}
