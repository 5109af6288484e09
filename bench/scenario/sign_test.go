package scenario

import (
	"crypto/ed25519"
	"crypto/x509"
	"encoding/pem"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"github.com/scaiwave/presence/gateway/auth"
)

var secret = strings.Repeat("secret/", 5)

func keyFile(t *testing.T, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "key")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// TestSecretsAreReadAsTheServerReadsThem: a secret that the server refuses is refused, and the
// server takes what another one has signed.
func TestSecretsAreReadAsTheServerReadsThem(t *testing.T) {
	for _, text := range []string{
		secret, secret + "\n", secret + "\r\n", secret + "\n\n", secret + "\r", " " + secret + " \n", secret + "\n\r\n",
		strings.Repeat("\x00\xff{-", 8),
		strings.Repeat("x", 32), strings.Repeat("x", 31) + "\n", strings.Repeat("x", 31) + "\n\n",
		strings.Repeat("x", 31), "", "\n", "-----BEGIN PUBLIC KEY-----\n" + secret,
	} {
		path := keyFile(t, text)
		server, refused := auth.NewJWT(t.Context(), auth.JWTConfig{KeyFile: path})
		sign, err := signer(path, "")
		if (err == nil) != (refused == nil) {
			t.Errorf("%q: %v; the server says %v", text, err, refused)
		}
		if err != nil || refused != nil {
			continue
		}
		if id, err := server.Authenticate(t.Context(), sign("ann")); err != nil || id.Participant != "ann" {
			t.Errorf("%q: the server sees %+v, %v", text, id, err)
		}
	}
}

func TestFilesThatAreNoSecretSayWhatWouldBe(t *testing.T) {
	public, _, _ := ed25519.GenerateKey(nil)
	der, _ := x509.MarshalPKIXPublicKey(public)
	for text, want := range map[string]string{
		string(pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der})): "this is PEM, of a public or a " +
			"private key; must be a secret for HS256",
		"short\n": "a secret of 5 bytes; HS256 needs at least 32",
	} {
		if _, err := signer(keyFile(t, text), ""); err == nil || !strings.Contains(err.Error(), want) ||
			!strings.Contains(err.Error(), "--key-file=") {
			t.Errorf("%q: %v; want %q", text, err, want)
		}
	}
}

// TestTokensAreAsTheBackends: the server checks the issuer and the audience of a token.
func TestTokensAreAsTheBackends(t *testing.T) {
	path := keyFile(t, secret)
	server, err := auth.NewJWT(t.Context(),
		auth.JWTConfig{KeyFile: path, Issuer: "https://id", Audiences: []string{"presence"}})
	if err != nil {
		t.Fatal(err)
	}
	claims := jwt.MapClaims{
		"sub": "backend", "exp": time.Now().Add(time.Hour).Unix(), "iss": "https://id",
		"aud": []string{"presence", "others"}, "scope": "presence:service",
	}
	backend, err := jwt.NewWithClaims(jwt.SigningMethodHS256, claims).SignedString([]byte(secret))
	if err != nil {
		t.Fatal(err)
	}
	for token, good := range map[string]bool{backend: true, "opaque": false} {
		sign, err := signer(path, token)
		if err != nil {
			t.Fatal(err)
		}
		if id, err := server.Authenticate(t.Context(), sign("ann")); (err == nil) != good || id.Service {
			t.Errorf("like %q: the server sees %+v, %v", token, id, err)
		}
	}
}
