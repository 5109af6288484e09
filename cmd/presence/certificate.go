package main

import (
	"crypto/tls"
	"fmt"
	"log/slog"
	"net"

	"github.com/scaiwave/presence/cluster/keyfiles"
)

// certificate is the key pair that the listener shows to clients, kept equal to two files. A pair
// that can't be used leaves the last good one in place: half of a renewal is on disk for a moment
// each time.
type certificate struct {
	certFile string
	files    *keyfiles.Files[keyfiles.Pair]
	log      *slog.Logger
}

// loadCertificate reads the pair for the first time; it must be good.
func loadCertificate(certFile, keyFile string, o keyfiles.Options) (*certificate, error) {
	read := func(contents [][]byte) (keyfiles.Pair, error) {
		pair, err := keyfiles.ReadPair(contents[0], contents[1])
		if err != nil {
			return pair, fmt.Errorf("%s with %s: %w", certFile, keyFile, err)
		}
		return pair, nil
	}
	files, err := keyfiles.Load(o, read, certFile, keyFile)
	if err != nil {
		return nil, fmt.Errorf("--tls-cert, --tls-key: %w", err)
	}
	return &certificate{certFile, files, o.Logger}, nil
}

// wrap makes a listener speak TLS with whatever pair is current at each handshake. Nobody wraps it
// without a certificate.
func (c *certificate) wrap(l net.Listener) net.Listener {
	if c == nil {
		return l
	}
	return tls.NewListener(l, &tls.Config{
		MinVersion: tls.VersionTLS12,
		// by HTTP/2 a stranger keeps 100 MiB with a connection and 36 KiB, before a handler knows
		NextProtos: []string{"http/1.1"},
		GetCertificate: func(*tls.ClientHelloInfo) (*tls.Certificate, error) {
			return c.files.Current().Certificate,
				nil
		},
	})
}

// look follows the files.
func (c *certificate) look() {
	if c.files.Look() {
		c.log.Info("certificate reloaded", "certificate", "public",
			"file", c.certFile, "end", keyfiles.End(c.files.Current().Chain))
	}
}
