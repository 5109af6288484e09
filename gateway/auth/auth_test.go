package auth

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"
	"go.uber.org/goleak"

	"github.com/scaiwave/presence/gateway/wire"
	"github.com/scaiwave/presence/shard"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// Keys for all tests; making the RSA ones is slow.
var (
	testRSA      = must(rsa.GenerateKey(rand.Reader, 2048))
	testOtherRSA = must(rsa.GenerateKey(rand.Reader, 2048))
	testEC       = must(ecdsa.GenerateKey(elliptic.P256(), rand.Reader))
	testEC384    = must(ecdsa.GenerateKey(elliptic.P384(), rand.Reader))
	testEd       = ed25519.NewKeyFromSeed([]byte("0123456789abcdef0123456789abcdef"))
	testSecret   = []byte("a secret of more than 32 bytes, really")
)

// epoch is what the tests' clock shows.
var epoch = time.Unix(1_800_000_000, 0)

func atEpoch() time.Time { return epoch }

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

// public gives the part of a key that may be shown.
func public(k any) any {
	if s, ok := k.(crypto.Signer); ok {
		return s.Public()
	}
	return k
}

func pemOf(blockType string, der []byte) []byte {
	return pem.EncodeToMemory(&pem.Block{Type: blockType, Bytes: der})
}

func publicPEM(k any) []byte {
	return pemOf("PUBLIC KEY", must(x509.MarshalPKIXPublicKey(public(k))))
}

func keyFile(t testing.TB, text []byte) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "key")
	if err := os.WriteFile(path, text, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// signed makes a token of a header and claims as they are written, however odd.
func signed(t testing.TB, alg string, k any, header, claims string) string {
	t.Helper()
	text := part(header) + "." + part(claims)
	signature, err := jwt.GetSigningMethod(alg).Sign(text, k)
	if err != nil {
		t.Fatal(err)
	}
	return text + "." + base64.RawURLEncoding.EncodeToString(signature)
}

func part(text string) string { return base64.RawURLEncoding.EncodeToString([]byte(text)) }

// good is a token for alice that lives for an hour, under a key name unless that is empty.
func good(t testing.TB, alg string, k any, kid string) string {
	t.Helper()
	header := fmt.Sprintf(`{"alg":%q,"typ":"JWT"}`, alg)
	if kid != "" {
		header = fmt.Sprintf(`{"alg":%q,"kid":%q}`, alg, kid)
	}
	return signed(t, alg, k, header, fmt.Sprintf(`{"sub":"alice","exp":%d}`, epoch.Add(time.Hour).Unix()))
}

// withKeyFile is an Authenticator with that key, at epoch.
func withKeyFile(t testing.TB, text []byte) Authenticator {
	t.Helper()
	a, err := NewJWT(t.Context(), JWTConfig{KeyFile: keyFile(t, text), Now: atEpoch})
	if err != nil {
		t.Fatal(err)
	}
	return a
}

// wantRefused checks the kind of a refusal, its words, and that the wire knows what to do with it.
func wantRefused(t testing.TB, err, kind error, word string) {
	t.Helper()
	if !errors.Is(err, kind) {
		t.Fatalf("err = %v; want one that is %v", err, kind)
	}
	if errors.Is(err, ErrExpired) != (kind == ErrExpired) {
		t.Fatalf("err = %v; only what has expired, and is good otherwise, is ErrExpired", err)
	}
	if !strings.Contains(err.Error(), word) {
		t.Fatalf("err = %v; want %q in it", err, word)
	}
	if errors.Is(err, shard.ErrInvalidID) || strings.Contains(err.Error(), shard.ErrInvalidID.Error()) {
		t.Fatalf("err = %v; a token is no `invalid_id`", err)
	}
	code := wire.Unauthorized
	if kind == ErrUnavailable {
		code = wire.Unavailable
	}
	if e := wire.FromError(err); e.Code != code || !strings.Contains(e.Detail, word) {
		t.Fatalf("on the wire: %v; want code %s and %q", e, code, word)
	}
}

func wantAlice(t testing.TB, a Authenticator, token string) {
	t.Helper()
	id, err := a.Authenticate(t.Context(), token)
	if err != nil || id.Participant != "alice" {
		t.Fatalf("Authenticate = %+v, %v; want alice", id, err)
	}
}
