package auth

import (
	"bytes"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"os"
)

// maxKeyFileBytes is far above any key and far below what could hurt, should the flag name a log by
// mistake.
const maxKeyFileBytes = 64 << 10

// readKeyFile gives the one key in a file: a PEM public key, or a secret. It is read once, at the
// start.
func readKeyFile(path string) (key, error) {
	f, err := os.Open(path)
	if err != nil {
		return key{}, fmt.Errorf("key file: %w", err)
	}
	defer f.Close()
	text, err := io.ReadAll(io.LimitReader(f, maxKeyFileBytes+1))
	if err != nil {
		return key{}, fmt.Errorf("key file: %w", err)
	}
	if len(text) > maxKeyFileBytes {
		return key{}, fmt.Errorf("key file %s: larger than %d bytes", path, maxKeyFileBytes)
	}
	k, err := parseKeyFile(text)
	if err != nil {
		return key{}, fmt.Errorf("key file %s: %w", path, err)
	}
	return k, nil
}

func parseKeyFile(text []byte) (key, error) {
	block, _ := pem.Decode(text)
	switch {
	case block == nil:
		return newSecret(text)
	case bytes.Contains(text, []byte("PRIVATE KEY-----")):
		return key{},
			errors.New("a private key, which this server must not have; give the public key (openssl pkey -in " +
				"private.pem -pubout)")
	case bytes.Count(text, []byte("-----BEGIN")) > 1: // pem.Decode steps over damaged ones
		return key{}, errors.New("more than one PEM block; give one public key alone")
	}
	public, err := parseBlock(block)
	if err != nil {
		return key{}, err
	}
	return newKey(public)
}

func parseBlock(block *pem.Block) (any, error) {
	switch block.Type {
	case "PUBLIC KEY":
		return x509.ParsePKIXPublicKey(block.Bytes)
	case "RSA PUBLIC KEY":
		return x509.ParsePKCS1PublicKey(block.Bytes)
	case "CERTIFICATE":
		return certificateKey(block.Bytes)
	default:
		return nil, fmt.Errorf("PEM block %.40q; PUBLIC KEY, RSA PUBLIC KEY and CERTIFICATE are accepted", block.Type)
	}
}

// certificateKey takes a certificate for the envelope of its key: the operator vouches for the
// file, so neither its dates nor its issuer are looked at.
func certificateKey(der []byte) (any, error) {
	c, err := x509.ParseCertificate(der)
	if err != nil {
		return nil, err
	}
	return c.PublicKey, nil
}
