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
		if len(k.keys) == 0 {
			w.WriteHeader(http.StatusBadGateway)
			return
		}
		body, _ := json.Marshal(obj{"keys": k.keys})
		w.Header().Set("Content-Type", "application/json")
		_, _ = w.Write(body)
	}))
	t.Cleanup(k.Close)
	return k
}

// publish replaces the keys; without any, the server is down.
func (k *keyServer) publish(keys ...obj) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.keys = keys
}

func b64(b []byte) string { return base64.RawURLEncoding.EncodeToString(b) }

func edJWK(kid string, k ed25519.PrivateKey) obj {
	return obj{
		"kty": "OKP", "crv": "Ed25519", "alg": "EdDSA", "use": "sig", "kid": kid,
		"x": b64(k.Public().(ed25519.PublicKey)),
	}
}

func ecJWK(t testing.TB, kid string, k *ecdsa.PrivateKey) obj {
	t.Helper()
	point, err := k.PublicKey.Bytes()
	if err != nil {
		t.Fatal(err)
	}
	return obj{
		"kty": "EC", "crv": "P-256", "alg": "ES256", "use": "sig", "kid": kid, "x": b64(point[1:33]),
		"y": b64(point[33:]),
	}
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

// TestUnknownKidFlood: a stranger who makes up key ids has the server ask for keys a few times, and
// nobody else waits for that.
func TestUnknownKidFlood(t *testing.T) {
	t.Parallel()
	ed := newEdKey(t)
	keys := newKeyServer(t, edJWK("ed", ed))
	s := start(t, "--auth=jwt", "--jwt-jwks-url="+keys.URL)
	good := s.as(key{jwt.SigningMethodEdDSA, ed, "ed"}.token(t, jwt.MapClaims{"sub": "ann"}))
	good.get(t, "/v1/presence?ids=a").want(t, 200)
	before, begin := keys.asked.Load(), time.Now()
	answers := make([]reply, 200)
	var all sync.WaitGroup
	for i := range answers {
		forged := s.as(key{jwt.SigningMethodEdDSA, ed, fmt.Sprint("kid-", i)}.token(t, jwt.MapClaims{"sub": "ann"}))
		all.Go(func() { answers[i] = forged.get(t, "/v1/presence?ids=a") })
	}
	for range 50 {
		good.get(t, "/v1/presence?ids=a").want(t, 200)
	}
	all.Wait()
	// Four fetches at once, and one every 5 s.
	if n, d := keys.asked.Load()-before, time.Since(begin); n > 5+int64(d/(5*time.Second)) {
		t.Errorf("200 unknown key ids made the server ask for keys %d times in %v", n, d)
	}
	for _, r := range answers {
		if r.status == http.StatusServiceUnavailable {
			r.problem(t, 503, "unavailable")
		} else {
			r.problem(t, 401, "unauthorized")
		}
	}
}

// TestRotatedKey: a key that nobody announced is found while its first token waits, and that is
// never refused.
func TestRotatedKey(t *testing.T) {
	t.Parallel()
	first, second := newEdKey(t), newEdKey(t)
	keys := newKeyServer(t, edJWK("first", first))
	s := start(t, "--auth=jwt", "--jwt-jwks-url="+keys.URL)
	keys.publish(edJWK("second", second))
	c := s.as(key{jwt.SigningMethodEdDSA, second, "second"}.token(t, jwt.MapClaims{"sub": "ann"}))
	eventually(t, "the new key is known", func() bool {
		r := c.once(t, "GET", "/v1/presence?ids=a", nil)
		if r.status != 200 {
			r.problem(t, 503, "unavailable")
		}
		return r.status == 200
	})
}

// TestKeyServerDown: a token whose key can't be fetched now may be sent again, on a socket too, and
// is good as soon as it can be.
func TestKeyServerDown(t *testing.T) {
	t.Parallel()
	first, second := newEdKey(t), newEdKey(t)
	keys := newKeyServer(t, edJWK("first", first))
	s := start(t, "--auth=jwt", "--jwt-jwks-url="+keys.URL)
	keys.publish()
	c := s.as(key{jwt.SigningMethodEdDSA, second, "second"}.token(t, jwt.MapClaims{"sub": "ann"}))
	r := c.once(t, "GET", "/v1/presence?ids=a", nil)
	r.problem(t, 503, "unavailable")
	if r.header.Get("Retry-After") == "" {
		t.Error("nobody is told when to send it again")
	}
	w := c.mute(t)
	w.refused(t, "unavailable", c.helloMessage(nil))
	keys.publish(edJWK("second", second))
	eventually(t, "the token is good", func() bool {
		r := c.once(t, "GET", "/v1/presence?ids=a", nil)
		if r.status != 200 {
			r.problem(t, 503, "unavailable")
		}
		return r.status == 200
	})
	c.mute(t).want(t, "welcome", c.helloMessage(nil))
}
