package e2e

import (
	"strings"
	"testing"

	"github.com/golang-jwt/jwt/v5"
)

// TestJWTAlgorithms: a PEM key takes its own algorithm alone.
func TestJWTAlgorithms(t *testing.T) {
	t.Parallel()
	ec, ed := newECKey(t), newEdKey(t)
	keys := map[string]struct {
		file string
		key  key
	}{
		"HS256": {secret, hs256},
		"RS256": {publicPEM(t, rsaKey()), key{method: jwt.SigningMethodRS256, sign: rsaKey()}},
		"ES256": {publicPEM(t, ec), key{method: jwt.SigningMethodES256, sign: ec}},
		"EdDSA": {publicPEM(t, ed), key{method: jwt.SigningMethodEdDSA, sign: ed}},
	}
	for name, own := range keys {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := start(t, "--auth=jwt", "--jwt-key-file="+writeFile(t, "key", own.file))
			claims := jwt.MapClaims{"sub": "ann"}
			s.as(own.key.token(t, claims)).get(t, "/v1/presence?ids=a").want(t, 200)
			forged := map[string]key{
				"none":                       {method: jwt.SigningMethodNone, sign: jwt.UnsafeAllowNoneSignatureType},
				"HMAC with the file's bytes": {method: jwt.SigningMethodHS256, sign: []byte(own.file)},
				"HMAC with them trimmed": {
					method: jwt.SigningMethodHS256,
					sign:   []byte(strings.TrimSpace(own.file)),
				},
				"HS384":                       {method: jwt.SigningMethodHS384, sign: []byte(secret)},
				"HS512":                       {method: jwt.SigningMethodHS512, sign: []byte(secret)},
				"RS512":                       {method: jwt.SigningMethodRS512, sign: rsaKey()},
				"PS256":                       {method: jwt.SigningMethodPS256, sign: rsaKey()},
				"another ES256":               {method: jwt.SigningMethodES256, sign: newECKey(t)},
				"another EdDSA":               {method: jwt.SigningMethodEdDSA, sign: newEdKey(t)},
				"HMAC with no secret":         {method: jwt.SigningMethodHS256, sign: []byte{}},
				"HMAC with the secret cut up": {method: jwt.SigningMethodHS256, sign: []byte(secret[:31])},
			}
			for other, k := range keys {
				forged["key of "+other] = k.key
			}
			delete(forged, "key of "+name)
			if name == "HS256" {
				delete(forged, "HMAC with the file's bytes")
				delete(forged, "HMAC with them trimmed")
			}
			for kind, k := range forged {
				r := s.as(k.token(t, claims)).get(t, "/v1/presence?ids=a")
				if r.status != 401 {
					t.Errorf("forged with %s: %d", kind, r.status)
				}
			}
			good := own.key.token(t, claims)
			s.as(good[:len(good)-4]+"AAAA").get(t, "/v1/presence?ids=a").problem(t, 401, "unauthorized")
		})
	}
}

// TestBadKeyFiles: the server refuses to start with them.
func TestBadKeyFiles(t *testing.T) {
	t.Parallel()
	ec := newECKey(t)
	for name, flags := range map[string][]string{
		"a short secret": {"--auth=jwt", "--jwt-key-file=" + writeFile(t, "key", secret[:31]+"\n")},
		"an empty file":  {"--auth=jwt", "--jwt-key-file=" + writeFile(t, "key", "")},
		"no such file":   {"--auth=jwt", "--jwt-key-file=" + t.TempDir() + "/none"},
		"a broken PEM": {
			"--auth=jwt",
			"--jwt-key-file=" + writeFile(t, "key", strings.Replace(publicPEM(t, ec), "M", "!", 3)),
		},
		"no key":            {"--auth=jwt"},
		"JWKS without TLS":  {"--auth=jwt", "--jwt-jwks-url=http://keys.example/jwks.json"},
		"an unknown scheme": {"--auth=ldap"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			wantRefused(t, flags...)
		})
	}
}
