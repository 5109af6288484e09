package gateway

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"math/big"
	"net"
	"net/http"
	"net/netip"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// serveTLS is serve where this node ends TLS.
func serveTLS(t *testing.T, edit ...func(*Config)) *serving {
	g := newGate(t, edit...)
	p := &pipes{conns: make(chan net.Conn), done: make(chan struct{})}
	transport := &http.Transport{DialContext: p.dial, TLSClientConfig: &tls.Config{InsecureSkipVerify: true}}
	s := &serving{gate: g, pipes: p, server: g.s.HTTPServer(), client: &http.Client{Transport: secured{transport}}}
	config := &tls.Config{Certificates: []tls.Certificate{selfSigned(t)}, SessionTicketsDisabled: true}
	ended := make(chan struct{})
	go func() { _ = s.server.Serve(tls.NewListener(g.s.Admit(p, true), config)); close(ended) }()
	t.Cleanup(func() {
		transport.CloseIdleConnections()
		_ = s.server.Close()
		<-ended
		time.Sleep(6 * time.Second) // virtual: crypto/tls says goodbye for up to 5 s
	})
	return s
}

// secured sends the requests of the harness over TLS.
type secured struct{ http.RoundTripper }

func (s secured) RoundTrip(r *http.Request) (*http.Response, error) {
	r = r.Clone(r.Context())
	r.URL.Scheme = "https"
	return s.RoundTripper.RoundTrip(r)
}

func selfSigned(t *testing.T) tls.Certificate {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	c := &x509.Certificate{SerialNumber: big.NewInt(1), NotAfter: time.Now().Add(24 * time.Hour)}
	der, err := x509.CreateCertificate(rand.Reader, c, c, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}
}

// Over TLS a write after its time breaks the connection for good. A stream and a socket that have
// been silent for far longer than a write may take are told what changes then.
func TestSilenceOverTLS(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const silence = 5 * time.Minute
		s := serveTLS(t, func(c *Config) { c.Limits.EventsKeepAlive = 2 * silence })
		st := s.stream(t, "ids=late", "viewer")
		st.want(event(`{"late":"offline"}`))
		ws := s.dial(t, "watcher")
		say(t, ws, `{"type":"hello"}`)
		say(t, ws, `{"type":"subscribe","ids":["late"],"req":"1"}`)
		await(t, ws, `"late":"offline"`)
		told := make(chan error, 1)
		go func() { // answers pings meanwhile, so that the socket stays
			_, _, err := ws.Read(t.Context())
			told <- err
		}()
		time.Sleep(silence)
		s.online("late")
		st.want(event(`{"late":"online"}`))
		if err := <-told; err != nil {
			t.Errorf("the socket: %v", err)
		}
	})
}

// clocked notes the time that was set for writes last.
type clocked struct {
	net.Conn
	mu    sync.Mutex
	until time.Time
}

func (c *clocked) SetWriteDeadline(t time.Time) error {
	c.mu.Lock()
	c.until = t
	c.mu.Unlock()
	return c.Conn.SetWriteDeadline(t)
}

func (c *clocked) RemoteAddr() net.Addr {
	return net.TCPAddrFromAddrPort(netip.MustParseAddrPort("127.0.0.1:4711"))
}

// Between two events no time is running: what TLS writes by itself must not find one that has
// passed.
func TestStreamTakesItsTimeBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := serve(t)
		conn := &clocked{}
		s.client = &http.Client{Transport: &http.Transport{DialContext: func(context.Context, string, string) (net.Conn,
			error,
		) {
			here, there := net.Pipe()
			conn.Conn = there
			s.pipes.conns <- conn
			return here, nil
		}}}
		st := s.stream(t, "ids=a", "viewer")
		for _, want := range []string{event(`{"a":"offline"}`), keepAlive, keepAlive} {
			st.want(want)
			synctest.Wait()
			conn.mu.Lock()
			if !conn.until.IsZero() {
				t.Errorf("after %q the next write has to come before %v", want, conn.until)
			}
			conn.mu.Unlock()
		}
		st.close()
		synctest.Wait()
	})
}
