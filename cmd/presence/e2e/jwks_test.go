package e2e

import (
	"crypto/ecdsa"
	"crypto/ed25519"
	"encoding/base64"
	"fmt"
	"math/big"
	"net/http"
	"net/http/httptest"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/golang-jwt/jwt/v5"
)

// keyServer serves a JWKS over loopback, and counts how often it is asked.
type keyServer struct {
	*httptest.Server
	asked atomic.Int64
	mu    sync.Mutex
	keys  []obj
}

func newKeyServer(t testing.TB, keys ...obj) *keyServer {
	t.Helper()
	k := &keyServer{keys: keys}
	k.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		k.asked.Add(1)
		k.mu.Lock()
		defer k.mu.Unlock()
		body, _ := json.Marshal(obj{"keys": k.keys})
		w.Header().Set("Content-Type", "application/json")
		_, _ = w.Write(body)
	}))
	t.Cleanup(k.Close)
	return k
}

func b64(b []byte) string { return base64.RawURLEncoding.EncodeToString(b) }

func edJWK(kid string, k ed25519.PrivateKey) obj {
	return obj{"kty": "OKP", "crv": "Ed25519", "alg": "EdDSA", "use": "sig", "kid": kid, "x": b64(k.Public().(ed25519.PublicKey))}
}

func ecJWK(t testing.TB, kid string, k *ecdsa.PrivateKey) obj {
	t.Helper()
	point, err := k.PublicKey.Bytes()
	if err != nil {
		t.Fatal(err)
	}
	return obj{"kty": "EC", "crv": "P-256", "alg": "ES256", "use": "sig", "kid": kid, "x": b64(point[1:33]), "y": b64(point[33:])}
}

func rsaJWK(kid string) obj {
	pub := rsaKey().PublicKey
	return obj{
		"kty": "RSA", "alg": "RS256", "use": "sig", "kid": kid,
		"n": b64(pub.N.Bytes()), "e": b64(big.NewInt(int64(pub.E)).Bytes()),
	}
}

func TestJWKS(t *testing.T) {
	t.Parallel()
	ed, ec := newEdKey(t), newECKey(t)
	symmetric := obj{"kty": "oct", "alg": "HS256", "kid": "hs", "k": b64([]byte(secret))}
	keys := newKeyServer(t, edJWK("ed", ed), ecJWK(t, "ec", ec), rsaJWK("rsa"), symmetric)
	s := start(t, "--auth=jwt", "--jwt-jwks-url="+keys.URL)
	for name, tc := range map[string]struct {
		key key
		ok  bool
	}{
		"EdDSA":           {key{jwt.SigningMethodEdDSA, ed, "ed"}, true},
		"ES256":           {key{jwt.SigningMethodES256, ec, "ec"}, true},
		"RS256":           {key{jwt.SigningMethodRS256, rsaKey(), "rsa"}, true},
		"HS256":           {key{jwt.SigningMethodHS256, []byte(secret), "hs"}, false},
		"RS512":           {key{jwt.SigningMethodRS512, rsaKey(), "rsa"}, false},
		"another's kid":   {key{jwt.SigningMethodES256, ec, "ed"}, false},
		"a stranger's":    {key{jwt.SigningMethodEdDSA, newEdKey(t), "ed"}, false},
		"an unknown kid":  {key{jwt.SigningMethodEdDSA, ed, "nobody"}, false},
		"the RSA as HMAC": {key{jwt.SigningMethodHS256, []byte(publicPEM(t, rsaKey())), "rsa"}, false},
	} {
		t.Run(name, func(t *testing.T) {
			r := s.as(tc.key.token(t, jwt.MapClaims{"sub": "ann"})).get(t, "/v1/presence?ids=a")
			if tc.ok {
				r.want(t, 200)
			} else {
				r.problem(t, 401, "unauthorized")
			}
		})
	}
}

// TestUnknownKidFlood: a stranger who makes up key ids doesn't make the server
// ask for keys, or wait.
func TestUnknownKidFlood(t *testing.T) {
	t.Parallel()
	ed := newEdKey(t)
	keys := newKeyServer(t, edJWK("ed", ed))
	s := start(t, "--auth=jwt", "--jwt-jwks-url="+keys.URL)
	good := s.as(key{jwt.SigningMethodEdDSA, ed, "ed"}.token(t, jwt.MapClaims{"sub": "ann"}))
	good.get(t, "/v1/presence?ids=a").want(t, 200)
	// A stranger may not make anyone wait for the network, so that 200 forged tokens cost about what 200 good ones do, on whatever machine.
	begin := time.Now()
	for range 200 {
		good.get(t, "/v1/presence?ids=a").want(t, 200)
	}
	usual := time.Since(begin)
	before, begin := keys.asked.Load(), time.Now()
	for i := range 200 {
		forged := key{jwt.SigningMethodEdDSA, ed, fmt.Sprint("kid-", i)}
		s.as(forged.token(t, jwt.MapClaims{"sub": "ann"})).get(t, "/v1/presence?ids=a").problem(t, 401, "unauthorized")
	}
	d := time.Since(begin)
	// The server asks again for whoever is new once in a while, which a busy machine makes part of the 200.
	if n := keys.asked.Load() - before; n > 2+int64(d/(30*time.Second)) {
		t.Errorf("200 unknown key ids made the server ask for keys %d times in %v", n, d)
	}
	if d > 5*time.Second+4*usual {
		t.Errorf("200 unknown key ids took %v, 200 good tokens %v", d, usual)
	}
	good.get(t, "/v1/presence?ids=a").want(t, 200)
}

// TestRotatedKey: a key that appears later is found.
func TestRotatedKey(t *testing.T) {
	t.Parallel()
	first, second := newEdKey(t), newEdKey(t)
	keys := newKeyServer(t, edJWK("first", first))
	s := start(t, "--auth=jwt", "--jwt-jwks-url="+keys.URL)
	keys.mu.Lock()
	keys.keys = append(keys.keys, edJWK("second", second))
	keys.mu.Unlock()
	c := s.as(key{jwt.SigningMethodEdDSA, second, "second"}.token(t, jwt.MapClaims{"sub": "ann"}))
	eventually(t, "the new key is known", func() bool { return c.get(t, "/v1/presence?ids=a").status == 200 })
}
