package auth

import (
	"crypto/rsa"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"
)

func TestEachAlgorithm(t *testing.T) {
	for alg, c := range map[string]struct {
		file []byte
		key  any
	}{
		"HS256": {testSecret, testSecret},
		"RS256": {publicPEM(testRSA), testRSA},
		"ES256": {publicPEM(testEC), testEC},
		"EdDSA": {publicPEM(testEd), testEd},
	} {
		t.Run(alg, func(t *testing.T) {
			a := withKeyFile(t, c.file)
			wantAlice(t, a, good(t, alg, c.key, ""))
			wantAlice(t, a, good(t, alg, c.key, "any name"))
			token := good(t, alg, c.key, "")
			for i := range token {
				wrong := token[:i] + string(token[i]^1) + token[i+1:]
				if id, err := a.Authenticate(t.Context(), wrong); !errors.Is(err, ErrUnauthorized) ||
					errors.Is(err, ErrExpired) {
					t.Fatalf("with byte %d changed: %+v, %v; want ErrUnauthorized", i, id, err)
				}
			}
			if err := Ready(a); err != nil {
				t.Error(err)
			}
		})
	}
}

// A public key is known to everyone; the token's header must not be able to turn it into a secret.
func TestAlgorithmConfusion(t *testing.T) {
	der := publicPEM(testRSA)
	a := withKeyFile(t, der)
	for name, token := range map[string]string{
		"the PEM file as secret":   good(t, "HS256", der, ""),
		"without its last newline": good(t, "HS256", der[:len(der)-1], ""),
		"its modulus":              good(t, "HS256", public(testRSA).(*rsa.PublicKey).N.Bytes(), ""),
		"another hash":             good(t, "RS512", testRSA, ""),
		"another padding":          good(t, "PS256", testRSA, ""),
		"another kind":             good(t, "ES256", testEC, ""),
		"Ed25519":                  good(t, "EdDSA", testEd, ""),
	} {
		t.Run(name, func(t *testing.T) {
			_, err := a.Authenticate(t.Context(), token)
			wantRefused(t, err, ErrUnauthorized, "the key is for RS256")
		})
	}
	_, err := a.Authenticate(t.Context(), good(t, "RS256", testOtherRSA, ""))
	wantRefused(t, err, ErrUnauthorized, "signature")
	_, err = withKeyFile(t, testSecret).Authenticate(t.Context(), good(t, "HS512", testSecret, ""))
	wantRefused(t, err, ErrUnauthorized, "the key is for HS256")
}

func TestForm(t *testing.T) {
	a := withKeyFile(t, testSecret)
	claims := fmt.Sprintf(`{"sub":"alice","exp":%d}`, epoch.Add(time.Hour).Unix())
	hs := func(header string) string { return signed(t, "HS256", testSecret, header, claims) }
	token := hs(`{"alg":"HS256"}`)
	wantAlice(t, a, token)
	wantAlice(t, a, hs(`{"alg":"HS256","typ":"at+jwt","x5u":"https://example.org","jwk":{}}`))
	for name, c := range map[string]struct{ token, word string }{
		"empty":             {"", "the token is empty"},
		"too long":          {token + strings.Repeat("A", MaxTokenBytes), "the limit is 8192"},
		"one part":          {"abc", "not a JWT"},
		"two parts":         {token[:strings.LastIndex(token, ".")], "not a JWT"},
		"four parts":        {token + ".x", "not a JWT"},
		"only dots":         {"..", "not a JWT"},
		"padded":            {token + "=", "not a JWT"},
		"space":             {token + " ", "not a JWT"},
		"not JSON":          {signed(t, "HS256", testSecret, `{"alg":"HS256"}`, `sub=alice`), "not a JWT"},
		"a list":            {signed(t, "HS256", testSecret, `{"alg":"HS256"}`, `[]`), "wrong type"},
		"null":              {signed(t, "HS256", testSecret, `{"alg":"HS256"}`, `null`), "`exp` is required"},
		"header is a list":  {hs(`[]`), "not a JWT"},
		"header is null":    {hs(`null`), "doesn't name an algorithm"},
		"no signature":      {token[:strings.LastIndex(token, ".")+1], "signature"},
		"none":              {part(`{"alg":"none"}`) + "." + part(claims) + ".", "the key is for HS256"},
		"None":              {part(`{"alg":"None"}`) + "." + part(claims) + ".", "the key is for HS256"},
		"no alg":            {hs(`{"ALG":"HS256"}`), "doesn't name an algorithm"},
		"alg is a number":   {hs(`{"alg":256}`), "doesn't name an algorithm"},
		"alg is long":       {hs(`{"alg":"` + strings.Repeat("x", 1000) + `"}`), `"xxxxxxxxxxxxxxxx"`},
		"alg in lower case": {hs(`{"alg":"hs256"}`), `"hs256"`},
		"crit":              {hs(`{"alg":"HS256","crit":["b64"],"b64":false}`), "crit"},
		"crit null":         {hs(`{"alg":"HS256","crit":null}`), "crit"},
		"kid is a number":   {hs(`{"alg":"HS256","kid":1}`), "kid"},
		"kid is long":       {hs(`{"alg":"HS256","kid":"` + strings.Repeat("x", 257) + `"}`), "257 bytes"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := a.Authenticate(t.Context(), c.token)
			wantRefused(t, err, ErrUnauthorized, c.word)
			if strings.Contains(err.Error(), string(testSecret)) {
				t.Fatalf("err = %v: tells the secret", err)
			}
		})
	}
}

// The last character of a 32-byte signature has two bits to spare, so a lax decoder takes four
// texts for one token.
func TestOneTextAToken(t *testing.T) {
	const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
	a, token := withKeyFile(t, testSecret), good(t, "HS256", testSecret, "")
	last := strings.IndexByte(alphabet, token[len(token)-1])
	for spare := 1; spare < 4; spare++ {
		_, err := a.Authenticate(t.Context(), token[:len(token)-1]+string(alphabet[last|spare]))
		wantRefused(t, err, ErrUnauthorized, "not a JWT")
	}
}

// A key says itself what it is for, whatever the parser was told to let through.
func TestKeyIsForOneAlgorithm(t *testing.T) {
	for _, alg := range []string{"HS256", "ES256", "EdDSA", "RS384", "PS256", "none", "", "rs256"} {
		_, err := key{alg: algRS256, verify: public(testRSA)}.find("", alg)
		wantRefused(t, err, ErrUnauthorized, "the key is for RS256")
	}
}

func TestIssuerAndAudience(t *testing.T) {
	cfg := JWTConfig{
		KeyFile: keyFile(t, testSecret), Issuer: "https://id", Audiences: []string{"presence"},
		Now: atEpoch,
	}
	a, err := NewJWT(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	for claims, word := range map[string]string{
		`"iss":"https://id","aud":"presence"`:           "",
		`"iss":"https://id","aud":["x","presence"]`:     "",
		`"aud":"presence"`:                              "no issuer",
		`"iss":"","aud":"presence"`:                     "no issuer",
		`"iss":null,"aud":"presence"`:                   "no issuer",
		`"iss":["https://id"],"aud":"presence"`:         `"iss" has the wrong type`,
		`"iss":"https://id/","aud":"presence"`:          "issuer is another",
		`"iss":"https://id"`:                            "no audience",
		`"iss":"https://id","aud":[]`:                   "no audience",
		`"iss":"https://id","aud":null`:                 "no audience",
		`"iss":"https://id","aud":"Presence"`:           "another audience",
		`"iss":"https://id","aud":["x"]`:                "another audience",
		`"iss":"https://id","aud":["presence",1]`:       `"aud" has the wrong type`,
		`"iss":"https://id","aud":{"presence":1}`:       `"aud" has the wrong type`,
		`"iss":"https://id","aud":"a","AUD":"presence"`: "another audience",
	} {
		t.Run(claims, func(t *testing.T) {
			token := withClaims(t, fmt.Sprintf(`{"sub":"alice","exp":%d,%s}`, epoch.Add(time.Hour).Unix(), claims))
			if word == "" {
				wantAlice(t, a, token)
				return
			}
			_, err := a.Authenticate(t.Context(), token)
			wantRefused(t, err, ErrUnauthorized, word)
		})
	}
	wantAlice(t, withKeyFile(t, testSecret),
		withClaims(t, fmt.Sprintf(`{"sub":"alice","exp":%d,"iss":"x","aud":"y"}`, epoch.Unix()+1)))
}

func withClaims(t testing.TB, claims string) string {
	t.Helper()
	return signed(t, "HS256", testSecret, `{"alg":"HS256"}`, claims)
}

func TestConfig(t *testing.T) {
	for name, cfg := range map[string]JWTConfig{
		"neither":    {},
		"both":       {KeyFile: keyFile(t, testSecret), JWKSURL: "https://id/jwks"},
		"no file":    {KeyFile: "/nonexistent/key"},
		"directory":  {KeyFile: t.TempDir()},
		"empty file": {KeyFile: keyFile(t, nil)},
		"http":       {JWKSURL: "http://id.example.org/jwks"},
	} {
		if a, err := NewJWT(t.Context(), cfg); err == nil || a != nil {
			t.Errorf("%s: NewJWT = %v, %v; want an error alone", name, a, err)
		}
	}
}

func TestDefaults(t *testing.T) {
	a, err := NewJWT(t.Context(), JWTConfig{KeyFile: keyFile(t, testSecret), Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	wantAlice(t, a, withClaims(t, fmt.Sprintf(`{"sub":"alice","exp":%d}`, time.Now().Unix()+60)))
	_, err = a.Authenticate(t.Context(), withClaims(t, fmt.Sprintf(`{"sub":"alice","exp":%d}`, time.Now().Unix()-60)))
	wantRefused(t, err, ErrExpired, "expired 1m")
}
