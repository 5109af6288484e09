package link

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"sync/atomic"
)

// config is what both ends of a link have in common. crypto/tls checks no certificate by itself:
// VerifyConnection does, with the authorities of the moment.
func (t *TLS) config(verify func(tls.ConnectionState) error) *tls.Config {
	return &tls.Config{MinVersion: tls.VersionTLS13, Time: t.now, VerifyConnection: verify}
}

func (t *TLS) client(peerID string) *tls.Config {
	c := t.config(func(s tls.ConnectionState) error { return t.verify(s, peerID, x509.ExtKeyUsageServerAuth) })
	c.ServerName = peerID
	c.InsecureSkipVerify = true
	c.GetClientCertificate = func(*tls.CertificateRequestInfo) (*tls.Certificate, error) { return t.shown(), nil }
	return c
}

// listener makes l a listener for other nodes. It counts those whose certificate is refused.
func (t *TLS) listener(l net.Listener, refused *atomic.Int64) net.Listener {
	c := t.config(func(s tls.ConnectionState) error {
		err := t.verify(s, "", x509.ExtKeyUsageClientAuth)
		if err != nil {
			refused.Add(1)
		}
		return err
	})
	c.NextProtos = []string{"http/1.1"}
	c.ClientAuth = tls.RequireAnyClientCert
	c.GetCertificate = func(*tls.ClientHelloInfo) (*tls.Certificate, error) { return t.shown(), nil }
	return tls.NewListener(l, c)
}

func (t *TLS) shown() *tls.Certificate { return t.files.Current().pair.Certificate }

func (t *TLS) verify(s tls.ConnectionState, name string, usage x509.ExtKeyUsage) error {
	if len(s.PeerCertificates) == 0 {
		return errors.New("the other node showed no certificate")
	}
	between := x509.NewCertPool()
	for _, c := range s.PeerCertificates[1:] {
		between.AddCert(c)
	}
	_, err := s.PeerCertificates[0].Verify(x509.VerifyOptions{
		DNSName: name, Roots: t.files.Current().roots, Intermediates: between, KeyUsages: []x509.ExtKeyUsage{usage},
		CurrentTime: t.now(),
	})
	if err != nil {
		return t.theirs(s.PeerCertificates, err)
	}
	return nil
}

// named returns an error unless a peer's certificate names the peer.
func named(s *tls.ConnectionState, id string) error {
	if s == nil || len(s.PeerCertificates) == 0 {
		return errors.New("no certificate")
	}
	if err := s.PeerCertificates[0].VerifyHostname(id); err != nil {
		return fmt.Errorf("the certificate does not name node %q: %w", id, err)
	}
	return nil
}
