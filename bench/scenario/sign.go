package scenario

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/golang-jwt/jwt/v5"
)

// signer returns what makes the tokens of participants with sockets. Without a secret a token is
// the id, as with --auth=insecure. With a secret it is a JWT with the issuer and audience of the
// backend's, if it has them: a server may check those too.
func signer(keyFile, backend string) (sign func(id string) string, err error) {
	if keyFile == "" {
		return func(id string) string { return id }, nil
	}
	secret, err := readSecret(keyFile)
	if err != nil {
		return nil, fmt.Errorf("--key-file=%s: %w", keyFile, err)
	}
	like := jwt.MapClaims{}
	_, _, _ = jwt.NewParser().ParseUnverified(backend, like) // another kind of token has no claims
	return func(id string) string {
		claims := jwt.MapClaims{"sub": id, "exp": time.Now().Add(2 * maxDuration).Unix()}
		for _, name := range []string{"iss", "aud"} {
			if v, ok := like[name]; ok {
				claims[name] = v
			}
		}
		token, err := jwt.NewWithClaims(jwt.SigningMethodHS256, claims).SignedString(secret)
		if err != nil {
			panic(err) // HMAC signs anything
		}
		return token
	}, nil
}

// minSecretBytes is the least that a server takes: the size of HS256's hash.
const minSecretBytes = 32

// readSecret reads a secret as a server reads --jwt-key-file: without the newline at the end, of
// Unix or Windows, that an editor adds.
func readSecret(path string) ([]byte, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	if bytes.Contains(text, []byte("-----BEGIN")) {
		return nil, errors.New("this is PEM, of a public or a private key; must be a secret for HS256, the same that " +
			"the servers have as --jwt-key-file")
	}
	secret, ended := bytes.CutSuffix(text, []byte("\n"))
	if ended {
		secret = bytes.TrimSuffix(secret, []byte("\r"))
	}
	if len(secret) < minSecretBytes {
		return nil, fmt.Errorf("a secret of %d bytes; HS256 needs at least %d, and the servers take none that is "+
			"shorter (openssl rand -hex 32)", len(secret), minSecretBytes)
	}
	return secret, nil
}
