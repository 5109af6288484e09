package proxies

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"context"
	"crypto/tls"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"

	"github.com/coder/websocket"
)

// site is what browsers call the proxy.
const site = "presence.example.com"

// browser is a client of a proxy, at an address of loopback.
type browser struct {
	base string // https://presence.example.com:PORT
	http *http.Client
}

// from is a browser at ip; with h2 it speaks HTTP/2 where the proxy does.
func (x *proxy) from(t *testing.T, ip string, h2 bool) *browser {
	t.Helper()
	_, port, _ := net.SplitHostPort(x.addr)
	dialer := &net.Dialer{LocalAddr: &net.TCPAddr{IP: net.ParseIP(ip)}}
	transport := &http.Transport{
		DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
			return dialer.DialContext(ctx, "tcp", x.addr)
		},
		TLSClientConfig:   &tls.Config{InsecureSkipVerify: true, ServerName: site},
		ForceAttemptHTTP2: h2,
	}
	if !h2 {
		transport.TLSNextProto = map[string]func(string, *tls.Conn) http.RoundTripper{}
	}
	t.Cleanup(transport.CloseIdleConnections)
	return &browser{base: "https://" + site + ":" + port, http: &http.Client{Transport: transport}}
}

// reply is an answer that has been read.
type reply struct {
	status int
	proto  int
	header http.Header
	body   string
}

// ask sends a request; header is name, value, name, value. A Host among them is the request's.
func (b *browser) ask(method, path, token string, body []byte, header ...string) (reply, error) {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	res, err := b.open(ctx, method, path, token, body, header...)
	if err != nil {
		return reply{}, err
	}
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	return reply{res.StatusCode, res.ProtoMajor, res.Header, string(text)}, err
}

// open sends a request like ask, and leaves its answer to be read.
func (b *browser) open(
	ctx context.Context, method, path, token string, body []byte, header ...string,
) (*http.Response, error) {
	r, err := http.NewRequestWithContext(ctx, method, b.base+path, bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	if body != nil {
		r.Header.Set("Content-Type", "application/json")
	}
	if token != "" {
		r.Header.Set("Authorization", "Bearer "+token)
	}
	for i := 0; i < len(header); i += 2 {
		if r.Header.Set(header[i], header[i+1]); header[i] == "Host" {
			r.Host = header[i+1]
		}
	}
	return b.http.Do(r)
}

// want asks, and fails unless the answer has this status and, somewhere, this text.
func (b *browser) want(
	t *testing.T, status int, text, method, path, token string, body []byte, header ...string,
) reply {
	t.Helper()
	a, err := b.ask(method, path, token, body, header...)
	if err != nil || a.status != status || !strings.Contains(a.body, text) {
		t.Errorf("%s %.100s: %d %.300s %v; want %d with %q", method, path, a.status, a.body, err, status, text)
	}
	return a
}

// socket opens a WebSocket as a page of origin does, and returns the status of the answer if it was
// refused.
func (b *browser) socket(ctx context.Context, origin string) (*websocket.Conn, int, error) {
	ws, res, err := websocket.Dial(ctx, b.base+"/v1/ws", &websocket.DialOptions{
		HTTPClient: b.http, Subprotocols: []string{"presence.v1"}, HTTPHeader: http.Header{"Origin": {origin}},
	})
	if err != nil && res != nil {
		return nil, res.StatusCode, err
	}
	return ws, 0, err
}

// events is an open event stream, decompressed as it comes.
type events struct {
	res *http.Response
	in  *bufio.Reader
}

// stream opens one. Its answer is compressed if the proxy does that.
func (b *browser) stream(ctx context.Context, ids, token string) (*events, error) {
	res, err := b.open(ctx, "GET", "/v1/events?ids="+ids, token, nil, "Accept-Encoding", "gzip")
	if err != nil {
		return nil, err
	}
	if res.StatusCode != http.StatusOK {
		defer res.Body.Close()
		text, _ := io.ReadAll(res.Body)
		return nil, fmt.Errorf("%s %s", res.Status, text)
	}
	e := &events{res: res, in: bufio.NewReader(res.Body)}
	if res.Header.Get("Content-Encoding") == "gzip" {
		z, err := gzip.NewReader(res.Body)
		if err != nil {
			return nil, err
		}
		e.in = bufio.NewReader(z)
	}
	return e, nil
}

// next returns the next whole event, up to its empty line.
func (e *events) next() (string, error) {
	var block strings.Builder
	for {
		line, err := e.in.ReadString('\n')
		if err != nil {
			return block.String(), err
		}
		if block.WriteString(line); line == "\n" {
			return block.String(), nil
		}
	}
}

// want fails unless the next event has this text. What keeps the stream alive is passed over.
func (e *events) want(t *testing.T, text string) {
	t.Helper()
	for {
		got, err := e.next()
		if err != nil || !strings.HasPrefix(got, ":") {
			if err != nil || !strings.Contains(got, text) {
				t.Errorf("%q %v; want %s", got, err, text)
			}
			return
		}
	}
}
