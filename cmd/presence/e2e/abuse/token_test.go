package abuse

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/pem"
	"math/big"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"
)

// secret signs all tokens, for as long as this process lives.
var secret = []byte(rand.Text() + rand.Text())

// keyFile is what the node checks tokens with.
func keyFile(t *testing.T) string {
	t.Helper()
	return file(t, "secret", secret)
}

func file(t *testing.T, name string, content []byte) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, content, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// token is good for an hour. more are claims beside that and the participant.
func token(t *testing.T, participant string, more jwt.MapClaims) string {
	t.Helper()
	claims := jwt.MapClaims{"sub": participant, "exp": time.Now().Add(time.Hour).Unix()}
	for name, value := range more {
		claims[name] = value
	}
	signed, err := jwt.NewWithClaims(jwt.SigningMethodHS256, claims).SignedString(secret)
	if err != nil {
		t.Fatal(err)
	}
	return signed
}

// overTLS is a node's setting with a certificate of its own, which no client checks.
func overTLS(t *testing.T) setting {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	c := &x509.Certificate{
		SerialNumber: big.NewInt(1), DNSNames: []string{"localhost"},
		NotAfter: time.Now().Add(time.Hour),
	}
	cert, err := x509.CreateCertificate(rand.Reader, c, c, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	encoded := func(name string, der []byte) []byte { return pem.EncodeToMemory(&pem.Block{Type: name, Bytes: der}) }
	return setting{
		flags: []string{
			"--tls-cert=" + file(t, "crt", encoded("CERTIFICATE", cert)),
			"--tls-key=" + file(t, "key", encoded("PRIVATE KEY", der)),
		},
		tls: true,
	}
}
