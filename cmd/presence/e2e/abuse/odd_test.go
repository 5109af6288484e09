package abuse

import (
	"context"
	"encoding/base64"
	"fmt"
	"net"
	"strings"
	"testing"
)

// oddity is something cheap to send.
type oddity struct {
	name string
	tls  bool
	do   func(ctx context.Context, g *greedy)
}

// TestOddities tries what else may be cheap for a stranger, and dear for a node.
func TestOddities(t *testing.T) {
	if !full() {
		t.Skip("each way by itself is for `make abuse`")
	}
	for _, o := range append(append(oddRequests(), oddFrames()...), oddHandshakes()...) {
		t.Run(o.name, func(t *testing.T) {
			how := setting{}
			if o.tls {
				how = overTLS(t)
			}
			n := newNode(t, how)
			got := besiege(t, n, sized(), func(ctx context.Context) { o.do(ctx, newGreedy(t, n, 100)) })
			rows.add(t, o.name, got.figures(byStrangers, mostMemory)...)
		})
	}
}

// Requests, the first of them without its end.
const (
	get      = "GET /v1/presence?ids=ann HTTP/1.1\r\nHost: localhost\r\n"
	contract = "GET /v1/openapi.yaml HTTP/1.1\r\nHost: localhost\r\n\r\n"
)

// post is a question with a body that is odd.
func post(token, header, body string) []byte {
	return fmt.Appendf(nil, "POST /v1/presence/query HTTP/1.1\r\nHost: localhost\r\n%sContent-Type: "+
		"application/json\r\n%s\r\n%s",
		auth(token), header, body)
}

// oddRequests are of HTTP/1.1: on 100 connections, at a rate each.
func oddRequests() []oddity {
	length := func(body string) string { return fmt.Sprintf("Content-Length: %d\r\n", len(body)) }
	bad := "Authorization: Bearer eyJhbGciOiJIUzI1NiJ9." + strings.Repeat("a", 14<<10) + ".AAAA\r\n"
	claims := base64.RawURLEncoding.EncodeToString([]byte(`{"sub":"` + strings.Repeat("a", 400<<10) + `"}`))
	long := "Authorization: Bearer eyJhbGciOiJIUzI1NiJ9." + claims + ".AAAA\r\n"
	deep := strings.Repeat("[", 1<<20)
	plain := func(name, request string, rate int) oddity { return repeated(name, []byte(request), rate, false) }
	return []oddity{
		plain("headers of 200,000 short fields", get+strings.Repeat("a:b\r\n", 200_000)+"\r\n", 1),
		plain("2,000 short header fields", get+strings.Repeat("a:b\r\n", 2000)+"\r\n", 20),
		plain("100 Authorization headers", get+strings.Repeat("Authorization: Bearer x\r\n", 100)+"\r\n", 20),
		plain("bad tokens of 14 KB", get+bad+"\r\n", 20),
		plain("bad tokens of 550 KB", get+long+"\r\n", 2),
		plain("preflights", "OPTIONS /v1/presence HTTP/1.1\r\nHost: localhost\r\nOrigin: https://evil.example\r\n"+
			"Access-Control-Request-Method: PUT\r\nAccess-Control-Request-Headers: "+strings.Repeat("a,", 4000)+
			"a\r\n\r\n", 20),
		plain("paths that are not there, of 8 KB",
			"GET /"+strings.Repeat("%41/", 2000)+" HTTP/1.1\r\nHost: localhost\r\n\r\n", 20),
		repeated("1,000 pipelined requests for the contract, unread", []byte(strings.Repeat(contract, 1000)), 1, true),
		plain("1,000 pipelined requests without a token", strings.Repeat(get+"\r\n", 1000), 1),
		withToken("JSON a million deep", func(token string) []byte { return post(token, length(deep), deep) }, 1),
		withToken("bodies in chunks of 1 byte", func(token string) []byte {
			return post(token, "Transfer-Encoding: chunked\r\n", strings.Repeat("1\r\n \r\n", 100_000)+"0\r\n\r\n")
		}, 1),
		withToken("compressed bodies", func(token string) []byte {
			return post(token,
				"Content-Encoding: gzip\r\n"+length(deep), deep)
		}, 1),
		withToken("bodies announced, waiting for 100", func(token string) []byte {
			return post(token, "Expect: 100-continue\r\nContent-Length: 4000000\r\n", "")
		}, 1),
		withToken("event streams that are not read", func(token string) []byte {
			return []byte("GET /v1/events?ids=" + strings.ReplaceAll(names(1000), `"`, "") +
				" HTTP/1.1\r\nHost: localhost\r\n" + auth(token) + "\r\n")
		}, 1),
	}
}

func repeated(name string, request []byte, rate int, deaf bool) oddity {
	return oddity{name: fmt.Sprintf("%s, %d a second", name, 100*rate), do: func(ctx context.Context, g *greedy) {
		g.again = again / 20
		g.spam(ctx, nil, request, rate, deaf)
	}}
}

func withToken(name string, request func(token string) []byte, rate int) oddity {
	return oddity{
		name: fmt.Sprintf("with a token: %s, %d a second", name, 100*rate),
		do: func(ctx context.Context, g *greedy) {
			g.again = again / 20
			g.spam(ctx, nil, request(g.token), rate, false)
		},
	}
}

// oddFrames are of WebSockets.
func oddFrames() []oddity {
	spam := func(name, before string, chunk []byte, rate int) oddity {
		return oddity{name: name, do: func(ctx context.Context, g *greedy) {
			g.again = again / 20
			g.spam(ctx, func(c net.Conn) error { return upgrade(c, before) }, chunk, rate, false)
		}}
	}
	pings := []byte(strings.Repeat("\x89\x80\x00\x00\x00\x00", 100))
	pieces := []byte("\x01\x80\x00\x00\x00\x00" + strings.Repeat("\x00\x81\x00\x00\x00\x00 ", 1000))
	tiny := []byte(strings.Repeat(string(clientFrame("{}")), 1000))
	held := append([]byte{0x81, 0x80 | 127, 0, 0, 0, 0, 0, 3, 0xff, 0, 0, 0, 0, 0}, strings.Repeat(" ", 250_000)...)
	return []oddity{
		spam("pings before hello, 10,000 a second", "", pings, 1),
		spam("frames of 1 byte before hello, 100,000 a second", "", pieces, 1),
		spam("tiny messages before hello, 100,000 a second", "", tiny, 1),
		{
			name: "2,000 sockets, a frame of 256 KB each held back before hello",
			do: func(ctx context.Context, g *greedy) {
				g.conns = sized().conns
				g.hold(ctx, func(c net.Conn) error {
					if err := upgrade(c, ""); err != nil {
						return err
					}
					_, err := c.Write(held)
					return err
				}, " ")
			},
		},
		{name: "with a token: pings on 32 sockets, 32,000 a second", do: func(ctx context.Context, g *greedy) {
			g.conns, g.again = 32, again/20
			hello := func(c net.Conn) error {
				if err := upgrade(c, g.token); err != nil {
					return err
				}
				_, err := c.Write(clientFrame(`{"type":"hello"}`))
				return err
			}
			g.spam(ctx, hello, pings, 10, false)
		}},
		{
			name: "with a token: 1,000 new ids subscribed and unsubscribed on 32 sockets",
			do:   func(ctx context.Context, g *greedy) { g.flipNew(ctx) },
		},
	}
}
