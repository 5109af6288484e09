package many

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"math/big"
	"os"
	"path/filepath"
	"testing"
	"time"
)

// authority makes certificates for nodes, in a directory. Its own is ca.crt there.
type authority struct {
	dir  string
	key  *ecdsa.PrivateKey
	cert *x509.Certificate
}

// credentials are a certificate for each node, and a key for gossip.
func credentials(t *testing.T, ids ...string) (dir string) {
	t.Helper()
	a := newAuthority(t)
	a.issue(t, time.Now().Add(time.Hour), ids...)
	return a.dir
}

// newAuthority is one with a directory that has a key for gossip.
func newAuthority(t *testing.T) *authority {
	t.Helper()
	a := &authority{dir: t.TempDir()}
	a.certificate(t, "ca", time.Now().Add(time.Hour))
	secret := "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY="
	if err := os.WriteFile(filepath.Join(a.dir, "gossip.keys"), []byte(secret), 0o600); err != nil {
		t.Fatal(err)
	}
	return a
}

// issue makes certificates that are good until then, in the place of former ones.
func (a *authority) issue(t *testing.T, until time.Time, ids ...string) {
	t.Helper()
	for _, id := range ids {
		a.certificate(t, id, until)
	}
}

// certificate makes one, the authority's own if it has none.
func (a *authority) certificate(t *testing.T, name string, until time.Time) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	c := &x509.Certificate{
		SerialNumber: big.NewInt(time.Now().UnixNano()), Subject: pkix.Name{CommonName: name}, DNSNames: []string{name},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: until, KeyUsage: x509.KeyUsageDigitalSignature,
		ExtKeyUsage:           []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth},
		BasicConstraintsValid: true,
	}
	if a.cert == nil {
		c.IsCA, c.KeyUsage = true, x509.KeyUsageCertSign
		a.cert, a.key = c, key
	}
	der, err := x509.CreateCertificate(rand.Reader, c, a.cert, &key.PublicKey, a.key)
	if err != nil {
		t.Fatal(err)
	}
	raw, err := x509.MarshalECPrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	place(t, filepath.Join(a.dir, name+".key"), &pem.Block{Type: "EC PRIVATE KEY", Bytes: raw})
	place(t, filepath.Join(a.dir, name+".crt"), &pem.Block{Type: "CERTIFICATE", Bytes: der})
	if a.key == key {
		if a.cert, err = x509.ParseCertificate(der); err != nil {
			t.Fatal(err)
		}
	}
}

// place writes a file that is there as a whole or not at all.
func place(t *testing.T, path string, block *pem.Block) {
	t.Helper()
	if err := os.WriteFile(path+".new", pem.EncodeToMemory(block), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(path+".new", path); err != nil {
		t.Fatal(err)
	}
}
