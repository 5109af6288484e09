package keyfiles

import (
	"bytes"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"time"
)

// Pair is a certificate with its key, as crypto/tls wants it, and its chain, parsed.
type Pair struct {
	*tls.Certificate
	Chain []*x509.Certificate
}

// ReadPair makes a pair of two PEM texts. The key must be that of the first certificate.
func ReadPair(cert, key []byte) (Pair, error) {
	pair, err := tls.X509KeyPair(cert, key)
	if err != nil {
		return Pair{}, err
	}
	chain, err := ReadCertificates(cert)
	return Pair{&pair, chain}, err
}

// errHalf is of a file that is being written. encoding/pem skips such an end in silence, and a list
// of authorities would be shorter than it should be.
var errHalf = errors.New("the last PEM block is not whole, as in a file that is being written")

// ReadCertificates reads all certificates of a PEM text. There must be at least one.
func ReadCertificates(text []byte) (all []*x509.Certificate, err error) {
	block, rest := pem.Decode(text)
	for ; block != nil; block, rest = pem.Decode(rest) {
		if block.Type != "CERTIFICATE" {
			continue
		}
		c, err := x509.ParseCertificate(block.Bytes)
		if err != nil {
			return nil, fmt.Errorf("certificate %d: %w", len(all)+1, err)
		}
		all = append(all, c)
	}
	if bytes.Contains(rest, []byte("-----BEGIN")) {
		return nil, errHalf
	}
	if len(all) == 0 {
		return nil, errors.New("no certificate in PEM")
	}
	return all, nil
}

// End is when the first of some certificates ends. From then on the chain is worth nothing.
func End(all []*x509.Certificate) (end time.Time) {
	for i, c := range all {
		if i == 0 || c.NotAfter.Before(end) {
			end = c.NotAfter
		}
	}
	return end
}
