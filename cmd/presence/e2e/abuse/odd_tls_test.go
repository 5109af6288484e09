package abuse

import (
	"bytes"
	"context"
	"crypto/tls"
	"net"
	"time"

	"golang.org/x/net/http2"
	"golang.org/x/net/http2/hpack"
)

// oddHandshakes are of TLS and HTTP/2.
func oddHandshakes() []oddity {
	h2 := func(name string, burst func(fr *http2.Framer, stream uint32) error) oddity {
		return oddity{name: name, tls: true, do: func(ctx context.Context, g *greedy) {
			g.again = again / 20
			g.each(ctx, func(ctx context.Context, c net.Conn) { multiplex(ctx, c, burst) })
		}}
	}
	return []oddity{
		{name: "TLS handshakes, 1,000 a second", tls: true, do: func(ctx context.Context, g *greedy) {
			g.again = again / 20
			g.each(ctx, func(ctx context.Context, c net.Conn) {
				_ = tls.Client(c, &tls.Config{InsecureSkipVerify: true}).HandshakeContext(ctx)
			})
		}},
		h2("HTTP2: requests that are reset, 10,000 a second", func(fr *http2.Framer, stream uint32) error {
			if err := open(fr, stream, true); err != nil {
				return err
			}
			return fr.WriteRSTStream(stream, http2.ErrCodeCancel)
		}),
		h2("HTTP2: headers without end, 10,000 pieces a second", func(fr *http2.Framer, stream uint32) error {
			if stream == 1 {
				return open(fr, stream, false)
			}
			return fr.WriteContinuation(1, false, nil)
		}),
		h2("HTTP2: settings, 10,000 a second", func(fr *http2.Framer, _ uint32) error {
			return fr.WriteSettings(http2.Setting{ID: http2.SettingInitialWindowSize, Val: 1 << 16})
		}),
		h2("HTTP2: pings, 10,000 a second", func(fr *http2.Framer, _ uint32) error { return fr.WritePing(false, [8]byte{}) }),
		h2("HTTP2: bodies announced on each stream", func(fr *http2.Framer, stream uint32) error { return announce(fr, stream) }),
	}
}

// multiplex makes a connection one of HTTP/2, and sends a hundred requests or frames at once each
// second.
func multiplex(ctx context.Context, c net.Conn, burst func(fr *http2.Framer, stream uint32) error) {
	over := tls.Client(c, &tls.Config{InsecureSkipVerify: true, NextProtos: []string{"h2"}})
	if over.HandshakeContext(ctx) != nil {
		return
	}
	var out bytes.Buffer
	fr := http2.NewFramer(&out, over)
	out.WriteString(http2.ClientPreface)
	_ = fr.WriteSettings()
	go func() {
		for {
			if _, err := fr.ReadFrame(); err != nil {
				return
			}
		}
	}()
	stream := uint32(1)
	for due := time.Now(); pause(ctx, time.Until(due)); due = due.Add(time.Second) {
		for range 100 {
			if burst(fr, stream) != nil {
				return
			}
			stream += 2
		}
		if _, err := over.Write(out.Bytes()); err != nil {
			return
		}
		out.Reset()
	}
}

// open begins a request without a token.
func open(fr *http2.Framer, stream uint32, whole bool) error {
	return fr.WriteHeaders(http2.HeadersFrameParam{StreamID: stream, BlockFragment: fields("GET", "/v1/presence?ids=ann"), EndStream: true, EndHeaders: whole})
}

// announce begins a body that doesn't come.
func announce(fr *http2.Framer, stream uint32) error {
	return fr.WriteHeaders(http2.HeadersFrameParam{StreamID: stream, BlockFragment: fields("POST", "/v1/presence/query"), EndHeaders: true})
}

func fields(method, path string) []byte {
	var b bytes.Buffer
	enc := hpack.NewEncoder(&b)
	for _, f := range [][2]string{{":method", method}, {":scheme", "https"}, {":authority", "localhost"}, {":path", path}} {
		_ = enc.WriteField(hpack.HeaderField{Name: f[0], Value: f[1]})
	}
	return b.Bytes()
}
