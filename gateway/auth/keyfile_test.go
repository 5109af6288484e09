package auth

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"math/big"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf16"
)

func certificate(t testing.TB) []byte {
	t.Helper()
	template := &x509.Certificate{SerialNumber: big.NewInt(1), NotAfter: time.Unix(1, 0)}
	return must(x509.CreateCertificate(rand.Reader, template, template, public(testEC), testEC))
}

func TestPEMKeys(t *testing.T) {
	for name, c := range map[string]struct {
		file []byte
		alg  string
		key  any
	}{
		"RSA":          {publicPEM(testRSA), "RS256", testRSA},
		"RSA, PKCS #1": {pemOf("RSA PUBLIC KEY", x509.MarshalPKCS1PublicKey(&testRSA.PublicKey)), "RS256", testRSA},
		"P-256":        {publicPEM(testEC), "ES256", testEC},
		"Ed25519":      {publicPEM(testEd), "EdDSA", testEd},
		"certificate":  {pemOf("CERTIFICATE", certificate(t)), "ES256", testEC},
		"text before":  {append([]byte("Certificate:\n"), publicPEM(testRSA)...), "RS256", testRSA},
		"CRLF":         {bytes.ReplaceAll(publicPEM(testRSA), []byte("\n"), []byte("\r\n")), "RS256", testRSA},
	} {
		t.Run(name, func(t *testing.T) {
			wantAlice(t, withKeyFile(t, c.file), good(t, c.alg, c.key, ""))
		})
	}
}

func TestSecretFiles(t *testing.T) {
	secret := strings.Repeat("\x80", 31) + "\n" // 32 bytes, the last of them a newline
	for name, c := range map[string]struct{ file, secret string }{
		"no newline":       {string(testSecret), string(testSecret)},
		"newline":          {string(testSecret) + "\n", string(testSecret)},
		"CRLF":             {string(testSecret) + "\r\n", string(testSecret)},
		"only one newline": {secret + "\n", secret},
		"space is kept":    {" " + string(testSecret) + " \n", " " + string(testSecret) + " "},
		"CR alone is kept": {string(testSecret) + "\r", string(testSecret) + "\r"},
		"exactly 32":       {strings.Repeat("x", 32), strings.Repeat("x", 32)},
		"hex":              {strings.Repeat("0123456789abcdef", 4) + "\n", strings.Repeat("0123456789abcdef", 4)},
		"base64": {
			"c2VjcmV0c2VjcmV0c2VjcmV0c2VjcmV0c2VjcmV0\n",
			"c2VjcmV0c2VjcmV0c2VjcmV0c2VjcmV0c2VjcmV0",
		},
		"binary with zeroes": {strings.Repeat("\x00\xff{-", 8), strings.Repeat("\x00\xff{-", 8)},
	} {
		t.Run(name, func(t *testing.T) {
			wantAlice(t, withKeyFile(t, []byte(c.file)), good(t, "HS256", []byte(c.secret), ""))
		})
	}
}

func TestKeyFilesRefused(t *testing.T) {
	small := must(x509.MarshalPKIXPublicKey(smallRSA()))
	pkcs8 := must(x509.MarshalPKCS8PrivateKey(testRSA))
	spki := must(x509.MarshalPKIXPublicKey(public(testRSA)))
	sec1 := must(x509.MarshalECPrivateKey(testEC))
	jwk := `{"kty":"RSA","n":"` + strings.Repeat("A", 40) + `","e":"AQAB"}`
	lines := bytes.SplitAfter(publicPEM(testRSA), []byte("\n"))
	ecParameters := pemOf("EC PARAMETERS", []byte{6, 8, 42, 134, 72, 206, 61, 3, 1, 7})
	for name, c := range map[string]struct {
		file []byte
		word string
	}{
		"empty":       {nil, "empty"},
		"newline":     {[]byte("\n"), "empty"},
		"31 bytes":    {[]byte(strings.Repeat("x", 31) + "\n"), "31 bytes"},
		"large":       {make([]byte, maxKeyFileBytes+1), "larger than 65536"},
		"private key": {pemOf("PRIVATE KEY", pkcs8), "give the public key"},
		"RSA private key": {
			pemOf("RSA PRIVATE KEY", x509.MarshalPKCS1PrivateKey(testRSA)),
			"give the public key",
		},
		"EC private key":        {append(ecParameters, pemOf("EC PRIVATE KEY", sec1)...), "give the public key"},
		"encrypted private key": {pemOf("ENCRYPTED PRIVATE KEY", pkcs8), "give the public key"},
		"OpenSSH private key":   {pemOf("OPENSSH PRIVATE KEY", pkcs8), "give the public key"},
		"public and private":    {append(publicPEM(testRSA), pemOf("PRIVATE KEY", pkcs8)...), "give the public key"},
		"two public keys":       {append(publicPEM(testRSA), publicPEM(testEC)...), "more than one"},
		"damaged, then good": {
			append([]byte("-----BEGIN PUBLIC KEY-----\n*\n"), publicPEM(testEC)...),
			"more than one",
		},
		"RSA of 1024 bits": {pemOf("PUBLIC KEY", small), "1024 bits"},
		"RSA of 8200 bits": {
			pemOf("PUBLIC KEY",
				must(x509.MarshalPKIXPublicKey(&rsa.PublicKey{N: new(big.Int).Lsh(big.NewInt(1), 8199), E: 65537}))),
			"8200 bits",
		},
		"RSA with e = 1": {pemOf("PUBLIC KEY",
			must(x509.MarshalPKIXPublicKey(&rsa.PublicKey{N: testRSA.N, E: 1}))), "exponent"},
		"P-384": {publicPEM(testEC384), "P-384"},
		"X25519": {pemOf("PUBLIC KEY",
			append([]byte{0x30, 0x2a, 0x30, 5, 6, 3, 0x2b, 0x65, 0x6e, 3, 0x21, 0}, make([]byte, 32)...)), "ecdh"},
		"request":               {pemOf("CERTIFICATE REQUEST", spki), "CERTIFICATE REQUEST"},
		"PEM with garbage":      {pemOf("PUBLIC KEY", []byte("garbage")), ""},
		"certificate, garbage":  {pemOf("CERTIFICATE", []byte("garbage")), ""},
		"PEM cut short":         {publicPEM(testRSA)[:200], "damaged PEM"},
		"PEM without its start": {publicPEM(testRSA)[1:], "damaged PEM"},
		"PEM in lower case":     {bytes.ToLower(publicPEM(testRSA)), "damaged PEM"},
		"PEM in one line":       {bytes.ReplaceAll(publicPEM(testRSA), []byte("\n"), []byte(" ")), "damaged PEM"},
		"PEM, newlines escaped": {bytes.ReplaceAll(publicPEM(testRSA), []byte("\n"), []byte(`\n`)), "damaged PEM"},
		"PEM after a mark":      {append([]byte("\uFEFF"), publicPEM(testRSA)...), "damaged PEM"},
		"PEM in UTF-16":         {inUTF16(publicPEM(testRSA)), "damaged PEM"},
		"PEM in base64":         {[]byte(base64.StdEncoding.EncodeToString(publicPEM(testRSA))), "damaged PEM"},
		"PEM, twice in base64": {
			[]byte(
				base64.StdEncoding.EncodeToString([]byte(base64.StdEncoding.EncodeToString(publicPEM(testRSA))))),
			"damaged PEM",
		},
		"SSH2": {
			[]byte("---- BEGIN SSH2 PUBLIC KEY ----\nAAAAB3NzaC1yc2EAAAADAQABAAABAQ\n"),
			"damaged PEM",
		},
		"ssh-rsa":                {[]byte("ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAABAQ a@b\n"), "SSH"},
		"ssh-ed25519":            {[]byte("ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIA a@b\n"), "SSH"},
		"DER":                    {spki, "without its PEM lines"},
		"DER, PKCS #1":           {x509.MarshalPKCS1PublicKey(&testRSA.PublicKey), "without its PEM lines"},
		"DER certificate":        {certificate(t), "without its PEM lines"},
		"DER, private":           {pkcs8, "without its PEM lines"},
		"DER, private, PKCS #1":  {x509.MarshalPKCS1PrivateKey(testRSA), "without its PEM lines"},
		"DER, private, EC":       {sec1, "without its PEM lines"},
		"base64 of DER":          {[]byte(base64.StdEncoding.EncodeToString(spki) + "\n"), "without its PEM lines"},
		"PEM without its fences": {slices.Concat(lines[1 : len(lines)-2]...), "without its PEM lines"},
		"JWK":                    {[]byte(jwk), "JWK"},
		"JWKS":                   {[]byte(" {\"keys\":[" + jwk + "]}\n"), "JWK"},
		"JWKs in a list":         {[]byte("[" + jwk + "]"), "JWK"},
		"JWK after a mark":       {[]byte("\uFEFF" + jwk), "JWK"},
	} {
		t.Run(name, func(t *testing.T) {
			a, err := NewJWT(t.Context(), JWTConfig{KeyFile: keyFile(t, c.file)})
			if err == nil || !strings.Contains(err.Error(), c.word) {
				t.Fatalf("NewJWT = %v, %v; want an error with %q", a, err, c.word)
			}
		})
	}
}

func smallRSA() *rsa.PublicKey {
	return &rsa.PublicKey{N: new(big.Int).SetBit(big.NewInt(1), 1023, 1), E: 65537}
}

func inUTF16(text []byte) []byte {
	out := []byte{0xff, 0xfe}
	for _, u := range utf16.Encode([]rune(string(text))) {
		out = append(out, byte(u), byte(u>>8))
	}
	return out
}

func FuzzKeyFile(f *testing.F) {
	f.Add(testSecret)
	f.Add(publicPEM(testEC))
	f.Add([]byte("-----BEGIN PUBLIC KEY-----"))
	f.Fuzz(func(t *testing.T, text []byte) {
		k, err := parseKeyFile(text)
		if err != nil {
			return
		}
		secret, symmetric := k.verify.([]byte)
		if symmetric != (k.alg == algHS256) {
			t.Fatalf("%T for %s", k.verify, k.alg)
		}
		if symmetric && (len(secret) < minSecretBytes || bytes.Contains(secret, []byte("-----BEGIN "))) {
			t.Fatalf("taken as a secret: %q", secret)
		}
		if ec, ok := k.verify.(*ecdsa.PublicKey); ok && ec.Curve != elliptic.P256() {
			t.Fatal(ec.Curve)
		}
	})
}
