package e2e

import (
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"math/big"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"testing"
	"time"
)

// writeCertificate makes a new self-signed one for loopback.
func writeCertificate(t *testing.T, dir string, serial int64) {
	t.Helper()
	k := newECKey(t)
	template := &x509.Certificate{
		SerialNumber: big.NewInt(serial), IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
	}
	cert, err := x509.CreateCertificate(rand.Reader, template, template, k.Public(), k)
	if err != nil {
		t.Fatal(err)
	}
	der, err := x509.MarshalPKCS8PrivateKey(k)
	if err != nil {
		t.Fatal(err)
	}
	for name, block := range map[string]*pem.Block{
		"cert.pem": {Type: "CERTIFICATE", Bytes: cert}, "key.pem": {Type: "PRIVATE KEY", Bytes: der},
	} {
		if err := os.WriteFile(filepath.Join(dir, name), pem.EncodeToMemory(block), 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

// TestTLS: HTTPS and WSS with the given certificate, and with the new one when
// its files change.
func TestTLS(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	writeCertificate(t, dir, 1)
	s := start(t, "--tls-cert="+filepath.Join(dir, "cert.pem"), "--tls-key="+filepath.Join(dir, "key.pem"))
	s.url = "https://" + s.addr
	s.http.Transport.(*http.Transport).TLSClientConfig = &tls.Config{InsecureSkipVerify: true}
	ann := s.as("ann")
	serial := func() int64 {
		s.http.CloseIdleConnections()
		res, err := s.http.Do(ann.request(t, "GET", "/v1/presence?ids=a", nil))
		if err != nil {
			return 0
		}
		defer res.Body.Close()
		return res.TLS.PeerCertificates[0].SerialNumber.Int64()
	}
	if got := serial(); got != 1 {
		t.Errorf("serial %d, want 1", got)
	}
	w := ann.connect(t, "d")
	writeCertificate(t, dir, 2)
	eventually(t, "the new certificate is served", func() bool { return serial() == 2 })
	w.want(t, "ok", obj{"type": "heartbeat", "activity": "idle"})
	ann.wantState(t, "ann", "idle")
}
