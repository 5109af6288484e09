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

	"github.com/scaiwave/presence/cluster/keyfiles"
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
	c.NotBefore = time.Now().Add(-time.Hour)
	if c.NotAfter.IsZero() {
		c.NotAfter = time.Now().Add(time.Hour)
	}
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

func (a *authority) write(name string, b []byte) {
	a.t.Helper()
	if err := os.WriteFile(a.path(name), b, 0o600); err != nil {
		a.t.Fatal(err)
	}
}

// node loads a certificate for a node, signed by a, whose authorities are those of trusts.
func (a *authority) node(id, named string, trusts *authority) *TLS {
	a.t.Helper()
	both := []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth}
	a.issue(named, &x509.Certificate{ExtKeyUsage: both})
	t, err := LoadTLS(named, a.path(named+".crt"), a.path(named+".key"), trusts.path("ca.crt"), keyfiles.Options{})
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
		{
			"a client whose certificate names another node", a.node("a", "c", a), a.node("b", "b", a),
			"the other node refused",
		},
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
	_, err := LoadTLS("b", a.path("a.crt"), a.path("a.key"), a.path("ca.crt"), keyfiles.Options{})
	if err == nil || !strings.Contains(err.Error(), `"b"`) {
		t.Errorf("%v", err)
	}
}

// TestCertificateIsRenewed, step by step: a file that can't be used, if only because it is for
// another node, leaves the last good one in use.
func TestCertificateIsRenewed(t *testing.T) {
	a := newAuthority(t)
	n := a.node("a", "a", a)
	serial := func() int64 { return n.shown().Leaf.SerialNumber.Int64() }
	n.Look()
	first := serial()
	a.issue("a", &x509.Certificate{})
	n.Look()
	second := serial()
	if second != a.last || second == first {
		t.Errorf("serial %d, want %d", second, a.last)
	}
	whole, err := os.ReadFile(a.path("ca.crt"))
	if err != nil {
		t.Fatal(err)
	}
	a.issue("b", &x509.Certificate{})
	other, err := os.ReadFile(a.path("b.crt"))
	if err != nil {
		t.Fatal(err)
	}
	for _, step := range []struct {
		file string
		text []byte
	}{{"a.crt", []byte("rubbish")}, {"a.crt", other}, {"ca.crt", whole[:len(whole)/2]}, {"ca.crt", nil}} {
		a.write(step.file, step.text)
		if n.Look(); serial() != second {
			t.Errorf("%s of %d bytes: serial %d", step.file, len(step.text), serial())
		}
	}
}

func TestMissingUsagesAreNamed(t *testing.T) {
	a := newAuthority(t)
	for _, tc := range []struct {
		has  []x509.ExtKeyUsage
		says []string // and no other
	}{
		{nil, nil},
		{both, nil},
		{[]x509.ExtKeyUsage{x509.ExtKeyUsageAny}, nil},
		{both[:1], []string{"clientAuth"}},
		{both[1:], []string{"serverAuth"}},
		{[]x509.ExtKeyUsage{x509.ExtKeyUsageCodeSigning}, []string{"serverAuth", "clientAuth"}},
	} {
		a.issue("a", &x509.Certificate{})
		lines := &logged{lines: make(chan string, 10)}
		o := keyfiles.Options{Logger: slog.New(slog.NewTextHandler(lines, nil))}
		load := func() (*TLS, error) { return LoadTLS("a", a.path("a.crt"), a.path("a.key"), a.path("ca.crt"), o) }
		n, err := load()
		if err != nil {
			t.Fatal(err)
		}
		a.issue("a", &x509.Certificate{ExtKeyUsage: tc.has})
		n.Look() // a renewal is taken, and named
		_, err = load()
		said := "usage " + strings.Join(tc.says, " and ") + ", so"
		if (err != nil) != (len(tc.says) > 0) || err != nil && !strings.Contains(err.Error(), said) {
			t.Errorf("%v: at the start: %v", tc.has, err)
		}
		close(lines.lines)
		var got []string
		for line := range lines.lines {
			if strings.Contains(line, "lacks") {
				got = append(got, line)
			}
		}
		if len(got) != len(tc.says) {
			t.Errorf("%v: %q", tc.has, got)
			continue
		}
		for i, want := range tc.says {
			if !strings.Contains(got[i], "usage="+want) || !strings.Contains(got[i], "a.crt") {
				t.Errorf("%v: %q, want %s", tc.has, got[i], want)
			}
		}
	}
}
