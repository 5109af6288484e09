package main

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net/http"
	"os"

	"github.com/scaiwave/presence/cluster/keyfiles"
)

// httpClient returns a client that trusts the authorities of --ca-file too, if that is given.
func (s *serverSettings) httpClient() (*http.Client, error) {
	if s.CAFile == "" {
		return http.DefaultClient, nil
	}
	text, err := os.ReadFile(s.CAFile)
	if err != nil {
		return nil, fmt.Errorf("--ca-file: %w", err)
	}
	own, err := keyfiles.ReadCertificates(text)
	if err != nil {
		return nil, fmt.Errorf("--ca-file=%s: %w; it must hold the certificates of authorities, PEM", s.CAFile, err)
	}
	roots, err := x509.SystemCertPool()
	if err != nil {
		roots = x509.NewCertPool() // a machine without authorities
	}
	for _, c := range own {
		roots.AddCert(c)
	}
	transport := http.DefaultTransport.(*http.Transport).Clone()
	transport.DisableKeepAlives = true // a command asks once
	transport.TLSClientConfig = &tls.Config{MinVersion: tls.VersionTLS12, RootCAs: roots}
	return &http.Client{Transport: transport}, nil
}

// trustHint says what to do about a certificate of an authority that this machine doesn't know.
func trustHint(err error) error {
	if _, ok := errors.AsType[x509.UnknownAuthorityError](err); ok {
		return fmt.Errorf("%w; if it is an authority of your own, give its certificate by --ca-file", err)
	}
	return err
}
