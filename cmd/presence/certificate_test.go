package main

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"log/slog"
	"math/big"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/scaiwave/presence/cluster/keyfiles"
)

// newPair makes a key and a certificate that signs itself, as PEM.
func newPair(t *testing.T, name string) (cert, key []byte) {
	t.Helper()
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: name}, DNSNames: []string{name},
		NotAfter: time.Now().Add(1000 * time.Hour), IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &private.PublicKey, private)
	if err != nil {
		t.Fatal(err)
	}
	keyDER, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		t.Fatal(err)
	}
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}),
		pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: keyDER})
}

func write(t *testing.T, path string, content []byte) {
	t.Helper()
	if err := os.WriteFile(path, content, 0o600); err != nil {
		t.Fatal(err)
	}
}

// pairOnDisk writes a new pair, and gives the paths.
func pairOnDisk(t *testing.T, name string) (certFile, keyFile string) {
	t.Helper()
	dir := t.TempDir()
	certFile, keyFile = filepath.Join(dir, "tls.crt"), filepath.Join(dir, "tls.key")
	cert, key := newPair(t, name)
	write(t, certFile, cert)
	write(t, keyFile, key)
	return certFile, keyFile
}

// TestCertificateFollowsItsFiles, step by step as a renewal might go wrong.
func TestCertificateFollowsItsFiles(t *testing.T) {
	certFile, keyFile := pairOnDisk(t, "first")
	logs := &output{}
	c, err := loadCertificate(certFile, keyFile, keyfiles.Options{Logger: slog.New(slog.NewTextHandler(logs, nil))})
	if err != nil {
		t.Fatal(err)
	}
	secondCert, secondKey := newPair(t, "second")
	for _, step := range []struct {
		what   string
		change func()
		shows  string
		errors int // complaints so far
	}{
		{"nothing", func() {}, "first", 0},
		{"certificate without its key", func() { write(t, certFile, secondCert) }, "first", 1},
		{"nothing again", func() {}, "first", 1},
		{"the key", func() { write(t, keyFile, secondKey) }, "second", 1},
		{"rubbish", func() { write(t, certFile, []byte("rubbish")) }, "second", 2},
		{"a file gone", func() { _ = os.Remove(certFile) }, "second", 3},
		{"and back", func() { write(t, certFile, secondCert) }, "second", 3},
	} {
		step.change()
		c.look()
		if got := c.files.Current().Leaf.Subject.CommonName; got != step.shows {
			t.Errorf("after %s: shows %s, want %s", step.what, got, step.shows)
		}
		if got := strings.Count(logs.String(), "level=WARN"); got != step.errors {
			t.Errorf("after %s: %d complaints, want %d: %s", step.what, got, step.errors, logs)
		}
	}
}

// TestCertificateWatch: the files are looked at by themselves, and a listener shows what is new at
// the next handshake.
func TestCertificateWatch(t *testing.T) {
	certFile, keyFile := pairOnDisk(t, "first")
	cert, key := newPair(t, "second")
	synctest.Test(t, func(t *testing.T) {
		k := newKeyWatch(slog.New(slog.DiscardHandler))
		c, err := loadCertificate(certFile, keyFile, k.options(&k.publicFailures))
		if err != nil {
			t.Fatal(err)
		}
		k.public = c
		go k.watch(t.Context())
		if got := shownBy(t, c); got != "first" {
			t.Errorf("shows %s at first", got)
		}
		write(t, certFile, cert)
		write(t, keyFile, key)
		time.Sleep(keyInterval)
		synctest.Wait()
		if got := shownBy(t, c); got != "second" {
			t.Errorf("shows %s after the files have changed", got)
		}
	})
}

// shownBy makes a handshake.
func shownBy(t *testing.T, c *certificate) string {
	t.Helper()
	here, there := net.Pipe()
	defer here.Close()
	server, err := c.wrap(&oneConn{there}).Accept()
	if err != nil {
		t.Fatal(err)
	}
	go func() { _, _ = server.Read(make([]byte, 1)) }()
	client := tls.Client(here, &tls.Config{InsecureSkipVerify: true})
	if err := client.HandshakeContext(t.Context()); err != nil {
		t.Fatal(err)
	}
	return client.ConnectionState().PeerCertificates[0].Subject.CommonName
}

// oneConn is a listener with one connection waiting.
type oneConn struct{ net.Conn }

func (o *oneConn) Accept() (net.Conn, error) { return o.Conn, nil }
func (o *oneConn) Addr() net.Addr            { return o.LocalAddr() }

func TestFirstCertificateMustBeGood(t *testing.T) {
	certFile, keyFile := pairOnDisk(t, "x")
	_, otherKey := pairOnDisk(t, "y")
	for _, tc := range []struct{ cert, key, says string }{
		{certFile, otherKey, "private key does not match"},
		{certFile, certFile, "--tls-key"},
		{certFile, "/no/such.key", "/no/such.key"},
		{"/no/such.crt", keyFile, "/no/such.crt"},
	} {
		if _, err := loadCertificate(tc.cert, tc.key, keyfiles.Options{}); err == nil ||
			!strings.Contains(err.Error(), tc.says) {
			t.Errorf("%s, %s: %v", tc.cert, tc.key, err)
		}
	}
}

// trusting is an HTTP client that trusts one certificate.
func trusting(t *testing.T, certFile string) *http.Client {
	t.Helper()
	text, err := os.ReadFile(certFile)
	if err != nil {
		t.Fatal(err)
	}
	pool := x509.NewCertPool()
	pool.AppendCertsFromPEM(text)
	return &http.Client{Transport: &http.Transport{
		ForceAttemptHTTP2: true,
		TLSClientConfig:   &tls.Config{RootCAs: pool},
	}}
}
