package admit

import (
	"net"
	"testing"

	"github.com/pires/go-proxyproto"
)

func behind(t *testing.T, limit int) *door {
	proxies := trusted(t, "127.0.0.2")
	return open(t, func(c *Config) {
		c.Trusted, c.ProxyProtocol, c.Addresses = proxies, true, NewPlaces(limit, 100, proxies)
	})
}

// announce is what a proxy sends first.
func announce(t *testing.T, version byte, source string) string {
	t.Helper()
	h := proxyproto.HeaderProxyFromAddrs(version,
		&net.TCPAddr{IP: net.ParseIP(source), Port: 4711}, &net.TCPAddr{IP: net.ParseIP("192.0.2.1"), Port: 443})
	b, err := h.Format()
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func TestProxyProtocol(t *testing.T) {
	d := behind(t, 100)
	for version := byte(1); version <= 2; version++ {
		c := d.dial("127.0.0.2")
		c.send(announce(t, version, "203.0.113.7"))
		c.get("/")
		c.want(200, "hello 203.0.113.7:4711")
		c.get("/")
		c.want(200, "hello 203.0.113.7:4711")
	}
	direct := d.dial("127.0.0.3")
	direct.get("/")
	direct.want(200, "hello 127.0.0.3:")
}

// A header from who is no trusted proxy is not looked at: it is no HTTP.
func TestProxyHeaderOfAStranger(t *testing.T) {
	d := behind(t, 100)
	c := d.dial("127.0.0.3")
	// at once: it is closed after the first line
	c.send(announce(t, 1, "203.0.113.7") + "GET / HTTP/1.1\r\nHost: x\r\n\r\n")
	c.want(400, "")
}

func TestProxyWithoutHeader(t *testing.T) {
	d := behind(t, 100)
	c := d.dial("127.0.0.2")
	c.get("/")
	c.wantEnd()
	eventually(t, "it is counted", func() bool { return d.l.Stats().Refused["proxy_header"] == 1 })
}

// A proxy that says nothing keeps nobody else from being accepted.
func TestSilentProxy(t *testing.T) {
	d := behind(t, 100)
	d.dial("127.0.0.2")
	c := d.dial("127.0.0.3")
	c.get("/")
	c.want(200, "hello")
}

// Limits by address count the clients of a proxy, not the proxy.
func TestConnectionsThroughAProxy(t *testing.T) {
	d := behind(t, 1)
	from := func(source string) *client {
		c := d.dial("127.0.0.2")
		c.send(announce(t, 2, source))
		c.get("/")
		return c
	}
	first := from("203.0.113.7")
	first.want(200, "hello")
	from("203.0.113.7").want(429, "1 connections")
	from("203.0.113.8").want(200, "hello")
	first.conn.Close()
	eventually(t, "the place is free", func() bool { return d.l.config.Addresses.Addresses() == 1 })
	from("203.0.113.7").want(200, "hello")
}
