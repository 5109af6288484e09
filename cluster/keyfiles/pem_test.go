package keyfiles

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"math/big"
	"strings"
	"testing"
	"time"
)

// made is a certificate that signs itself and ends at end, and its key, as PEM.
func made(t *testing.T, end time.Time) (cert, key string) {
	t.Helper()
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), DNSNames: []string{"a"}, NotAfter: end}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &private.PublicKey, private)
	if err != nil {
		t.Fatal(err)
	}
	raw, err := x509.MarshalECPrivateKey(private)
	if err != nil {
		t.Fatal(err)
	}
	block := func(kind string, b []byte) string {
		return string(pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: b}))
	}
	return block("CERTIFICATE", der), block("EC PRIVATE KEY", raw)
}

func TestReadPair(t *testing.T) {
	end := time.Date(2030, 1, 1, 0, 0, 0, 0, time.UTC)
	cert, key := made(t, end.Add(time.Hour))
	above, otherKey := made(t, end)
	for _, tc := range []struct{ what, cert, key, says string }{
		{"a pair", cert, key, ""},
		{"a chain", cert + above, key, ""},
		{"the key of another", cert, otherKey, "private key does not match"},
		{"a chain that ends half-way", cert + above[:len(above)/2], key, errHalf.Error()},
		{"half a certificate", cert[:len(cert)/2], key, "failed to find any PEM data"},
		{"no key", cert, "", "failed to find any PEM data"},
		{
			"rubbish in the chain", cert + "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n", key,
			"certificate 2: ",
		},
	} {
		p, err := ReadPair([]byte(tc.cert), []byte(tc.key))
		switch {
		case tc.says == "" && (err != nil || p.Leaf == nil || len(p.Chain) != strings.Count(tc.cert, "BEGIN")):
			t.Errorf("%s: %v, %v", tc.what, p, err)
		case tc.says != "" && (err == nil || !strings.Contains(err.Error(), tc.says)):
			t.Errorf("%s: %v; want %q", tc.what, err, tc.says)
		}
	}
	p, err := ReadPair([]byte(cert+above), []byte(key))
	if err != nil || !End(p.Chain).Equal(end) {
		t.Errorf("the chain ends at %v, want that of its second: %v, %v", End(p.Chain), end, err)
	}
}

func TestReadCertificates(t *testing.T) {
	one, key := made(t, time.Now())
	two, _ := made(t, time.Now())
	if all, err := ReadCertificates([]byte("comment\n" + one + key + two)); err != nil || len(all) != 2 {
		t.Errorf("%d, %v", len(all), err)
	}
	if _, err := ReadCertificates([]byte(one + two[:len(two)-10])); !errors.Is(err, errHalf) {
		t.Errorf("half a file: %v", err)
	}
	if _, err := ReadCertificates([]byte(key)); err == nil {
		t.Error("a key was taken for certificates")
	}
}
