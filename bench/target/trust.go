package target

import (
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"os"
)

// trust returns what certificates of https servers are checked with: the certificates in a file and
// no others, or without a file those of the system.
func trust(caFile string) (*tls.Config, error) {
	if caFile == "" {
		return &tls.Config{}, nil
	}
	text, err := os.ReadFile(caFile)
	if err != nil {
		return nil, fmt.Errorf("--ca-file: %w", err)
	}
	pool := x509.NewCertPool()
	if !pool.AppendCertsFromPEM(text) {
		return nil, fmt.Errorf("--ca-file=%s: there is no certificate in it that can be read; "+
			"must be PEM, with BEGIN CERTIFICATE", caFile)
	}
	return &tls.Config{RootCAs: pool}, nil
}
