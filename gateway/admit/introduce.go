package admit

import (
	"errors"
	"net"

	"github.com/pires/go-proxyproto"
)

var (
	errHeaders     = errors.New("admit: no memory left for large headers")
	errAddress     = errors.New("admit: the client's address has all its connections")
	errProxyHeader = errors.New("admit: a trusted proxy sent no PROXY header")
)

// refused is an error that net/http takes for a broken connection: it adds no answer of its own.
func refused(why error) error { return &net.OpError{Op: "read", Net: "tcp", Err: why} }

// announcedBy reads the PROXY header of nc when it is first used.
func announcedBy(nc net.Conn) net.Conn {
	return proxyproto.NewConn(nc, proxyproto.WithPolicy(proxyproto.REQUIRE),
		proxyproto.SetReadHeaderTimeout(proxyHeaderWait))
}

// introduce waits for the PROXY header, if one must come, and takes a place for the client that it
// names.
func (c *Conn) introduce() error {
	if !c.announced {
		return nil
	}
	c.introduced.Do(func() { c.denied = c.meet() })
	return c.denied
}

func (c *Conn) meet() error {
	pc := c.Conn.(*proxyproto.Conn)
	if pc.ProxyHeader() == nil {
		c.l.counts.refuse(limitProxyHeader)
		return refused(errProxyHeader)
	}
	if !c.claim(AddrOf(pc.RemoteAddr())) {
		c.l.tell(c, limitAddress)
		return refused(errAddress)
	}
	return nil
}
