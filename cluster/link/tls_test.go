package link

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/pem"
	"log/slog"
	"math/big"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// authority signs certificates in a test.
type authority struct {
	t    *testing.T
	dir  string
	key  *ecdsa.PrivateKey
	cert *x509.Certificate
	last int64
}

func newAuthority(t *testing.T) *authority {
	t.Helper()
	a := &authority{t: t, dir: t.TempDir()}
	a.key, a.cert = a.issue("ca", &x509.Certificate{IsCA: true, KeyUsage: x509.KeyUsageCertSign})
	return a
}

func (a *authority) path(name string) string { return filepath.Join(a.dir, name) }

// issue writes NAME.crt and NAME.key.
func (a *authority) issue(name string, c *x509.Certificate) (*ecdsa.PrivateKey, *x509.Certificate) {
	a.t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		a.t.Fatal(err)
	}
	a.last++
	c.SerialNumber, c.DNSNames, c.BasicConstraintsValid = big.NewInt(a.last), []string{name}, true
	c.NotBefore, c.NotAfter = time.Now().Add(-time.Hour), time.Now().Add(time.Hour)
	parent, signer := a.cert, a.key
	if parent == nil {
		parent, signer = c, key
	}
	der, err := x509.CreateCertificate(rand.Reader, c, parent, &key.PublicKey, signer)
	if err != nil {
		a.t.Fatal(err)
	}
	raw, err := x509.MarshalECPrivateKey(key)
	if err != nil {
		a.t.Fatal(err)
	}
	a.write(name+".crt", pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}))
	a.write(name+".key", pem.EncodeToMemory(&pem.Block{Type: "EC PRIVATE KEY", Bytes: raw}))
	parsed, err := x509.ParseCertificate(der)
	if err != nil {
		a.t.Fatal(err)
	}
	return key, parsed
}

// write gives a file a time of its own, however fast the test is.
func (a *authority) write(name string, b []byte) {
	a.t.Helper()
	if err := os.WriteFile(a.path(name), b, 0o600); err != nil {
		a.t.Fatal(err)
	}
	when := time.Now().Add(time.Duration(a.last) * time.Second)
	if err := os.Chtimes(a.path(name), when, when); err != nil {
		a.t.Fatal(err)
	}
}

// node loads a certificate for a node, signed by a, whose authorities are those of trusts.
func (a *authority) node(id, named string, trusts *authority) *TLS {
	a.t.Helper()
	a.issue(named, &x509.Certificate{ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth}})
	t, err := LoadTLS(named, a.path(named+".crt"), a.path(named+".key"), trusts.path("ca.crt"))
	if err != nil {
		a.t.Fatal(id, err)
	}
	return t
}

func TestMutualTLS(t *testing.T) {
	a := newAuthority(t)
	x, y := newSide(), newSide()
	one, two := local("a", x), local("b", y)
	one.TLS, two.TLS = a.node("a", "a", a), a.node("b", "b", a)
	p := pair(t, one, two)
	open(t, x)
	if got, err := echo(t.Context(), p, Bulk, "secret"); err != nil || got != "secret" {
		t.Fatalf("%q, %v", got, err)
	}
}

func TestTLSRefuses(t *testing.T) {
	a, other := newAuthority(t), newAuthority(t)
	for _, tc := range []struct {
		what     string
		one, two *TLS
		says     string
	}{
		{"a client whose certificate names another node", a.node("a", "c", a), a.node("b", "b", a), "does not name node"},
		{"a server whose certificate names another node", a.node("a", "a", a), a.node("b", "c", a), "not b"},
		{"a client of another authority", other.node("a", "a", a), a.node("b", "b", a), "certificate"},
		{"a server of another authority", a.node("a", "a", a), other.node("b", "b", a), "unknown authority"},
		{"a client without a certificate", nil, a.node("b", "b", a), ""},
	} {
		t.Run(tc.what, func(t *testing.T) {
			x, y := newSide(), newSide()
			log := &logged{lines: make(chan string, 100)}
			one, two := local("a", x), local("b", y)
			one.TLS, two.TLS = tc.one, tc.two
			one.Logger = slog.New(slog.NewTextHandler(log, nil))
			p := pair(t, one, two)
			if line := <-log.lines; !strings.Contains(line, "link not made") || !strings.Contains(line, tc.says) {
				t.Errorf("logged %q, want %q", line, tc.says)
			}
			if p.Conn(Hot) != nil {
				t.Error("connected")
			}
		})
	}
}

func TestCertificateMustNameTheNode(t *testing.T) {
	a := newAuthority(t)
	a.node("a", "a", a)
	if _, err := LoadTLS("b", a.path("a.crt"), a.path("a.key"), a.path("ca.crt")); err == nil || !strings.Contains(err.Error(), `"b"`) {
		t.Errorf("%v", err)
	}
}

// TestCertificateIsRenewed: new files count at the next handshake, unreadable ones don't.
func TestCertificateIsRenewed(t *testing.T) {
	a := newAuthority(t)
	n := a.node("a", "a", a)
	first, _ := n.current()
	_, second := a.issue("a", &x509.Certificate{})
	if got, _ := n.current(); got == first || got.Leaf.SerialNumber.Cmp(second.SerialNumber) != 0 {
		t.Errorf("serial %v, want %v", got.Leaf.SerialNumber, second.SerialNumber)
	}
	a.last++
	a.write("a.crt", []byte("half a file"))
	if got, _ := n.current(); got == nil || got.Leaf.SerialNumber.Cmp(second.SerialNumber) != 0 {
		t.Errorf("an unreadable file: %v", got)
	}
}
