package auth

import (
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/rsa"
	"encoding/base64"
	"fmt"
	"math/big"
	"strings"
	"testing"
)

// jwk writes a public key as a JWKS has it, with further members at the end.
func jwk(k any, more string) string {
	switch p := public(k).(type) {
	case *rsa.PublicKey:
		return fmt.Sprintf(`{"kty":"RSA","n":%q,"e":%q%s}`, number(p.N), number(big.NewInt(int64(p.E))), more)
	case *ecdsa.PublicKey:
		point := must(p.Bytes())[1:]
		x, y := point[:len(point)/2], point[len(point)/2:]
		return fmt.Sprintf(`{"kty":"EC","crv":%q,"x":%q,"y":%q%s}`, p.Params().Name, part(string(x)), part(string(y)),
			more)
	case ed25519.PublicKey:
		return fmt.Sprintf(`{"kty":"OKP","crv":"Ed25519","x":%q%s}`, part(string(p)), more)
	case []byte:
		return fmt.Sprintf(`{"kty":"oct","k":%q%s}`, part(string(p)), more)
	default:
		panic(fmt.Sprintf("%T", p))
	}
}

func number(n *big.Int) string { return base64.RawURLEncoding.EncodeToString(n.Bytes()) }

func named(kid string) string { return fmt.Sprintf(`,"kid":%q`, kid) }

func document(jwks ...string) string { return `{"keys":[` + strings.Join(jwks, ",") + `]}` }

func TestKeySetTakes(t *testing.T) {
	for name, c := range map[string]struct{ key, alg string }{
		"RSA":          {jwk(testRSA, named("k")), "RS256"},
		"RSA with all": {jwk(testRSA, named("k")+`,"alg":"RS256","use":"sig","key_ops":["verify"]`), "RS256"},
		"RSA with certificates": {
			jwk(testRSA, named("k")+`,"x5c":["AAAA"],"x5t":"x","x5u":"http://169.254.169.254/"`),
			"RS256",
		},
		"members unknown": {jwk(testRSA, named("k")+`,"exp":1,"ext":true`), "RS256"},
		"P-256":           {jwk(testEC, named("k")), "ES256"},
		"Ed25519":         {jwk(testEd, named("k")), "EdDSA"},
		"padding":         {strings.Replace(jwk(testEd, named("k")), `","kid"`, `=","kid"`, 1), "EdDSA"},
	} {
		t.Run(name, func(t *testing.T) {
			set, skipped, err := parseKeySet([]byte(document(c.key)))
			if err != nil || len(skipped) > 0 || len(set) != 1 {
				t.Fatalf("parseKeySet = %v, %v, %v; want one key", set, skipped, err)
			}
			if set[0].kid != "k" || set[0].alg != c.alg {
				t.Errorf("key %q for %s; want k for %s", set[0].kid, set[0].alg, c.alg)
			}
		})
	}
}

// Each odd key is left out, and takes nothing else down with it.
func TestKeySetLeavesOut(t *testing.T) {
	private := fmt.Sprintf(`,"kid":"k","d":%q`, part("0123456789abcdef0123456789abcdef"))
	for name, c := range map[string]struct{ key, why string }{
		"symmetric":          {jwk(testSecret, named("k")), "could sign with it"},
		"symmetric as RS256": {jwk(testSecret, named("k")+`,"alg":"RS256"`), "could sign with it"},
		"private":            {jwk(testEd, private), "private"},
		"private RSA":        {jwk(testRSA, private), "private"},
		"for encryption":     {jwk(testRSA, named("k")+`,"use":"enc"`), "not for signatures"},
		"use unknown":        {jwk(testRSA, named("k")+`,"use":"SIG"`), "not for signatures"},
		"for signing alone":  {jwk(testRSA, named("k")+`,"key_ops":["sign"]`), "key_ops"},
		"PS256":              {jwk(testRSA, named("k")+`,"alg":"PS256"`), "RS256 alone"},
		"HS256":              {jwk(testRSA, named("k")+`,"alg":"HS256"`), "RS256 alone"},
		"none":               {jwk(testEC, named("k")+`,"alg":"none"`), "ES256 alone"},
		"encryption alg":     {jwk(testRSA, named("k")+`,"alg":"RSA-OAEP"`), "RS256 alone"},
		"P-384":              {jwk(testEC384, named("k")), "P-384"},
		"RSA of 1024 bits":   {jwk(smallRSA(), named("k")), "1024 bits"},
		"RSA, e of 64 bits":  {strings.Replace(jwk(testRSA, named("k")), `"AQAB"`, `"__________8"`, 1), "exponent"},
		"RSA, e wraps":       {strings.Replace(jwk(testRSA, named("k")), `"AQAB"`, `"AQAAAAAAAAAD"`, 1), "exponent"},
		"X25519": {
			`{"kty":"OKP","crv":"X25519","kid":"k","x":"` + part(strings.Repeat("x", 32)) + `"}`,
			"ecdh",
		},
		"Ed448":             {`{"kty":"OKP","crv":"Ed448","kid":"k","x":"AAAA"}`, "Ed448"},
		"off the curve":     {`{"kty":"EC","crv":"P-256","kid":"k","x":"AQ","y":"AQ"}`, "curve"},
		"short Ed25519":     {`{"kty":"OKP","crv":"Ed25519","kid":"k","x":"AAAA"}`, "32 bytes"},
		"no kty":            {`{"kid":"k"}`, "kty"},
		"no numbers":        {`{"kty":"RSA","kid":"k"}`, "requires"},
		"not base64":        {`{"kty":"RSA","kid":"k","n":"*","e":"AQAB"}`, "decode"},
		"kid is a number":   {jwk(testRSA, `,"kid":1`), "not a JSON Web Key"},
		"kid is long":       {jwk(testRSA, named(strings.Repeat("k", 257))), "257 bytes"},
		"names in capitals": {strings.ToUpper(jwk(testEd, named("k"))), "kty"},
		"null":              {`null`, "kty"},
		"a string":          {`"x"`, "not a JSON Web Key"},
		"name taken":        {jwk(testOtherRSA, named("good")), "earlier key"},
	} {
		t.Run(name, func(t *testing.T) {
			set, skipped,
				err := parseKeySet([]byte(document(jwk(testRSA, named("good")), c.key, jwk(testEC, named("last")))))
			if err != nil || len(skipped) != 1 || !strings.Contains(skipped[0].Error(), c.why) {
				t.Fatalf("skipped %v, %v; want one, because of %q", skipped, err, c.why)
			}
			if len(set) != 2 || set[0].kid != "good" || set[1].kid != "last" ||
				!set[0].verify.(*rsa.PublicKey).Equal(public(testRSA)) {
				t.Errorf("left with %v; want good and last", set)
			}
		})
	}
}

func TestKeySetRefused(t *testing.T) {
	many := strings.Repeat(jwk(testEd, "")+",", maxKeys) + jwk(testEd, "")
	for name, c := range map[string]struct{ text, why string }{
		"empty":        {"", "list of `keys`"},
		"a page":       {"<html>", "list of `keys`"},
		"a list":       {"[]", "list of `keys`"},
		"null":         {"null", "without `keys`"},
		"no keys":      {"{}", "without `keys`"},
		"keys is null": {`{"keys":null}`, "without `keys`"},
		"in capitals":  {`{"KEYS":[]}`, "without `keys`"},
		"keys twice":   {`{"keys":[],"keys":[]}`, "list of `keys`"},
		"cut short":    {document(jwk(testRSA, ""))[:100], "list of `keys`"},
		"two":          {document() + document(), "list of `keys`"},
		"a lone key":   {jwk(testRSA, ""), "without `keys`"},
		"too many":     {document(many), "257 keys"},
	} {
		if set, _, err := parseKeySet([]byte(c.text)); err == nil || !strings.Contains(err.Error(), c.why) ||
			set != nil {
			t.Errorf("%s: parseKeySet = %v, %v; want an error with %q", name, set, err, c.why)
		}
	}
}

func TestKeySetFind(t *testing.T) {
	for name, c := range map[string]struct {
		doc, kid, alg string
		want          any
		word          string
	}{
		"by name": {
			document(jwk(testRSA, named("a")), jwk(testOtherRSA, named("b"))), "b", "RS256",
			testOtherRSA, "",
		},
		"by name and algorithm": {
			document(jwk(testRSA, named("a")), jwk(testEC, named("a"))), "a", "ES256", testEC,
			"",
		},
		"single, no name":       {document(jwk(testRSA, "")), "", "RS256", testRSA, ""},
		"single, token without": {document(jwk(testRSA, named("a"))), "", "RS256", testRSA, ""},
		"single of its kind": {
			document(jwk(testRSA, named("a")), jwk(testEC, named("b"))), "", "ES256", testEC,
			"",
		},
		"several, token without": {
			document(jwk(testRSA, named("a")), jwk(testOtherRSA, named("b"))), "", "RS256",
			nil, "name the key",
		},
		"name of another kind": {
			document(jwk(testRSA, named("a")), jwk(testEC, named("b"))), "a", "ES256", nil,
			"no such key",
		},
		"single of another kind":   {document(jwk(testRSA, named("a"))), "", "EdDSA", nil, "no such key"},
		"none":                     {document(), "", "EdDSA", nil, "no such key"},
		"unknown name":             {document(jwk(testRSA, named("a"))), "b", "RS256", nil, "unknown kid"},
		"unnamed key, named token": {document(jwk(testRSA, "")), "a", "RS256", nil, "unknown kid"},
		"name in another case":     {document(jwk(testRSA, named("a"))), "A", "RS256", nil, "unknown kid"},
	} {
		t.Run(name, func(t *testing.T) {
			set, _, err := parseKeySet([]byte(c.doc))
			if err != nil {
				t.Fatal(err)
			}
			got, err := set.find(c.kid, c.alg)
			if c.want == nil {
				if err == nil || !strings.Contains(err.Error(), c.word) {
					t.Fatalf("find = %v, %v; want an error with %q", got, err, c.word)
				}
				return
			}
			k, _ := newKey(public(c.want))
			if other := (key{alg: c.alg, verify: got}); err != nil || !k.equal(other) {
				t.Fatalf("find = %v, %v; want %v", got, err, k)
			}
		})
	}
}

func FuzzKeySet(f *testing.F) {
	f.Add([]byte(document(jwk(testRSA, named("a")), jwk(testEC, named("b")), jwk(testEd, ""))))
	f.Add([]byte(document(jwk(testSecret, named("a")), jwk(testEC384, ""))))
	f.Fuzz(func(t *testing.T, text []byte) {
		set, _, err := parseKeySet(text)
		if err != nil && set != nil {
			t.Fatal("keys and an error")
		}
		for _, k := range set {
			if again, err := newKey(k.verify); err != nil || again.alg != k.alg {
				t.Fatalf("%T as %s: %v", k.verify, k.alg, err)
			}
		}
	})
}
