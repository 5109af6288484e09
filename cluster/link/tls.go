package link

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"os"
	"sync"
	"time"
)

// TLS is a node's certificate, and who signs those of the others. The files are looked at again at each handshake, so a
// renewed certificate needs no restart; one that can't be read leaves the last good one in use.
type TLS struct {
	files [3]string // certificate, key, authorities

	mu    sync.Mutex
	read  [3]time.Time // modification times of what is in use
	cert  *tls.Certificate
	roots *x509.CertPool
}

// LoadTLS reads PEM files. The certificate must name the node, as a DNS name.
func LoadTLS(nodeID, certFile, keyFile, caFile string) (*TLS, error) {
	t := &TLS{files: [3]string{certFile, keyFile, caFile}}
	if err := t.load(t.modified()); err != nil {
		return nil, err
	}
	if err := t.cert.Leaf.VerifyHostname(nodeID); err != nil {
		return nil, fmt.Errorf("%s does not name this node, %q, as other nodes will ask it to: %w", certFile, nodeID, err)
	}
	return t, nil
}

func (t *TLS) modified() (times [3]time.Time) {
	for i, f := range t.files {
		if s, err := os.Stat(f); err == nil {
			times[i] = s.ModTime()
		}
	}
	return times
}

func (t *TLS) load(modified [3]time.Time) error {
	cert, err := tls.LoadX509KeyPair(t.files[0], t.files[1])
	if err != nil {
		return fmt.Errorf("%s with %s: %w", t.files[0], t.files[1], err)
	}
	pem, err := os.ReadFile(t.files[2])
	if err != nil {
		return err
	}
	roots := x509.NewCertPool()
	if !roots.AppendCertsFromPEM(pem) {
		return fmt.Errorf("%s holds no certificate in PEM", t.files[2])
	}
	t.cert, t.roots, t.read = &cert, roots, modified
	return nil
}

// current is what is in the files now.
func (t *TLS) current() (*tls.Certificate, *x509.CertPool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if m := t.modified(); m != t.read {
		_ = t.load(m)
	}
	return t.cert, t.roots
}

func (t *TLS) client(peerID string) *tls.Config {
	return &tls.Config{
		MinVersion: tls.VersionTLS13,
		ServerName: peerID,
		GetClientCertificate: func(*tls.CertificateRequestInfo) (*tls.Certificate, error) {
			cert, _ := t.current()
			return cert, nil
		},
		InsecureSkipVerify: true, // VerifyConnection does it, with the authorities that are in the file now
		VerifyConnection: func(s tls.ConnectionState) error {
			return t.verify(s, peerID, x509.ExtKeyUsageServerAuth)
		},
	}
}

func (t *TLS) listener(l net.Listener) net.Listener {
	return tls.NewListener(l, &tls.Config{
		MinVersion: tls.VersionTLS13,
		NextProtos: []string{"http/1.1"},
		ClientAuth: tls.RequireAnyClientCert,
		GetCertificate: func(*tls.ClientHelloInfo) (*tls.Certificate, error) {
			cert, _ := t.current()
			return cert, nil
		},
		VerifyConnection: func(s tls.ConnectionState) error {
			return t.verify(s, "", x509.ExtKeyUsageClientAuth)
		},
	})
}

func (t *TLS) verify(s tls.ConnectionState, name string, usage x509.ExtKeyUsage) error {
	if len(s.PeerCertificates) == 0 {
		return errors.New("the peer showed no certificate")
	}
	_, roots := t.current()
	between := x509.NewCertPool()
	for _, c := range s.PeerCertificates[1:] {
		between.AddCert(c)
	}
	_, err := s.PeerCertificates[0].Verify(x509.VerifyOptions{
		DNSName: name, Roots: roots, Intermediates: between, KeyUsages: []x509.ExtKeyUsage{usage},
	})
	return err
}

// named says whether a peer's certificate names it.
func named(s *tls.ConnectionState, id string) error {
	if s == nil || len(s.PeerCertificates) == 0 {
		return errors.New("no certificate")
	}
	if err := s.PeerCertificates[0].VerifyHostname(id); err != nil {
		return fmt.Errorf("the certificate does not name node %q: %w", id, err)
	}
	return nil
}
