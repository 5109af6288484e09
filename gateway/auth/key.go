package auth

import (
	"context"
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rsa"
	"errors"
	"fmt"
)

// The algorithms, each with its one kind of key.
const (
	algHS256 = "HS256" // a secret of at least minSecretBytes
	algRS256 = "RS256" // RSA, minRSABits to maxRSABits
	algES256 = "ES256" // ECDSA on P-256
	algEdDSA = "EdDSA" // Ed25519
)

// RSA keys in use are 2048 to 4096 bits. Shorter ones can be broken; longer ones cost every refusal
// milliseconds.
const (
	minRSABits = 2048
	maxRSABits = 8192
)

// key checks signatures of one algorithm alone. That a token names its own algorithm is the oldest
// hole in JWT: with the algorithm bound to the key, an RSA public key cannot be offered as an HMAC
// secret.
type key struct {
	kid    string // from a JWKS; may be empty
	alg    string
	verify any // []byte, *rsa.PublicKey, *ecdsa.PublicKey or ed25519.PublicKey
}

// newKey binds a public key to the algorithm that fits it.
func newKey(public any) (key, error) {
	switch p := public.(type) {
	case *rsa.PublicKey:
		return key{alg: algRS256, verify: p}, checkRSA(p)
	case *ecdsa.PublicKey:
		if p.Curve != elliptic.P256() {
			return key{}, fmt.Errorf("EC key on curve %s; only P-256 (ES256) is accepted", p.Curve.Params().Name)
		}
		return key{alg: algES256, verify: p}, nil
	case ed25519.PublicKey:
		return key{alg: algEdDSA, verify: p}, nil
	default:
		return key{}, fmt.Errorf("key of type %T; RSA, EC P-256 and Ed25519 public keys are accepted", public)
	}
}

func checkRSA(p *rsa.PublicKey) error {
	if bits := p.N.BitLen(); bits < minRSABits || bits > maxRSABits {
		return fmt.Errorf("RSA key of %d bits; %d to %d are accepted", bits, minRSABits, maxRSABits)
	}
	if p.E < 3 || p.E%2 == 0 {
		return errors.New("RSA key with a public exponent that is even or below 3")
	}
	return nil
}

// equal is for public keys, which all have Equal.
func (k key) equal(other key) bool {
	p, ok := k.verify.(interface{ Equal(crypto.PublicKey) bool })
	return ok && k.kid == other.kid && k.alg == other.alg && p.Equal(other.verify)
}

// find makes a lone key a key source. A file has one key, so what the token calls it doesn't
// matter.
func (k key) find(_, alg string) (any, error) {
	if alg != k.alg {
		return nil, wrongAlg(alg, k.alg)
	}
	return k.verify, nil
}

func (k key) version() *keySet { return nil }

// hold is never called: a lone key isn't unknown.
func (k key) hold(context.Context, *query) error { return nil }

func wrongAlg(have, want string) error {
	return unauthorized("the token is signed with %.16q; the key is for %s", have, want)
}
