package auth

import (
	"bytes"
	"crypto/x509"
	"encoding/base64"
	"errors"
	"fmt"
	"regexp"

	"github.com/go-json-experiment/json/jsontext"
)

// minSecretBytes is the size of HS256's hash: RFC 7518 section 3.2 asks for no less.
const minSecretBytes = 32

// newSecret makes an HS256 key of a file that is not PEM. Only the newline that editors add is
// taken off.
func newSecret(text []byte) (key, error) {
	if what := looksPublic(text); what != "" {
		return key{}, fmt.Errorf("looks like %s, which is never used as a secret, because others may know it; "+
			"give a PEM public key, or at least %d random bytes", what, minSecretBytes)
	}
	secret := bytes.TrimSuffix(text, []byte("\n"))
	if len(secret) < len(text) {
		secret = bytes.TrimSuffix(secret, []byte("\r"))
	}
	if len(secret) == 0 {
		return key{}, errors.New("empty; give a PEM public key, or a secret for HS256")
	}
	if len(secret) < minSecretBytes {
		return key{}, fmt.Errorf("a secret of %d bytes; HS256 needs at least %d (openssl rand -hex 32)", len(secret),
			minSecretBytes)
	}
	return key{alg: algHS256, verify: secret}, nil
}

// fence is a line that opens or ends PEM, SSH2 and PGP keys, however damaged the rest is.
var fence = regexp.MustCompile(`(?i)-{4,} ?(BEGIN|END)\b`)

// sshLine opens the one-line form of SSH public keys.
var sshLine = regexp.MustCompile(`^\s*(ssh-|ecdsa-sha2-|sk-ssh-|sk-ecdsa-)`)

// looksPublic says which kind of key material that is no secret the text is, also in base64; empty
// if none. With the public key anyone could sign tokens if it were taken for a secret, and
// operators do mix up the files.
func looksPublic(text []byte) string {
	ascii := bytes.ReplaceAll(text, []byte{0}, nil) // PowerShell's `>` writes UTF-16
	trimmed := bytes.TrimSpace(bytes.TrimPrefix(ascii, []byte("\uFEFF")))
	switch {
	case fence.Match(ascii):
		return "damaged PEM"
	case sshLine.Match(ascii):
		return "an SSH key"
	case isJSON(trimmed):
		return "a JSON key (JWK)"
	case isDER(text):
		return "a key or certificate without its PEM lines"
	}
	if inside, err := base64.StdEncoding.DecodeString(string(trimmed)); err == nil && len(inside) > 0 {
		return looksPublic(inside)
	}
	return ""
}

func isJSON(text []byte) bool {
	v := jsontext.Value(text)
	return (v.Kind() == '{' || v.Kind() == '[') && v.IsValid(jsontext.AllowDuplicateNames(true))
}

func isDER(der []byte) bool {
	for _, parse := range []func([]byte) error{
		func(b []byte) error { _, err := x509.ParsePKIXPublicKey(b); return err },
		func(b []byte) error { _, err := x509.ParsePKCS1PublicKey(b); return err },
		func(b []byte) error { _, err := x509.ParseCertificate(b); return err },
		func(b []byte) error { _, err := x509.ParsePKCS8PrivateKey(b); return err },
		func(b []byte) error { _, err := x509.ParsePKCS1PrivateKey(b); return err },
		func(b []byte) error { _, err := x509.ParseECPrivateKey(b); return err },
	} {
		if parse(der) == nil {
			return true
		}
	}
	return false
}
