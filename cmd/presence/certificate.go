package main

import (
	"bytes"
	"context"
	"crypto/tls"
	"fmt"
	"log/slog"
	"net"
	"os"
	"sync/atomic"
	"time"
)

// certificateInterval is how often the files are read. They are compared by content: file times miss a change within
// their resolution, and a Kubernetes secret changes by way of a symbolic link.
const certificateInterval = 2 * time.Second

// certificate is the key pair that the listener shows, kept equal to two files. A pair that can't be used is logged once,
// and the last good one stays: half of a renewal is on disk for a moment each time.
type certificate struct {
	certFile, keyFile string
	log               *slog.Logger

	current atomic.Pointer[tls.Certificate]

	// refresh only
	cert, key []byte // as last seen, good or not
}

// loadCertificate reads the pair for the first time; it must be good.
func loadCertificate(certFile, keyFile string, log *slog.Logger) (*certificate, error) {
	c := &certificate{certFile: certFile, keyFile: keyFile, log: log}
	if _, err := c.refresh(); err != nil {
		return nil, fmt.Errorf("--tls-cert, --tls-key: %w", err)
	}
	return c, nil
}

// wrap makes a listener speak TLS with whatever pair is current at each handshake.
func (c *certificate) wrap(l net.Listener) net.Listener {
	return tls.NewListener(l, &tls.Config{
		MinVersion:     tls.VersionTLS12,
		NextProtos:     []string{"h2", "http/1.1"}, // event streams share an HTTP/2 connection; browsers open WebSockets on 1.1
		GetCertificate: func(*tls.ClientHelloInfo) (*tls.Certificate, error) { return c.current.Load(), nil },
	})
}

// watch refreshes until ctx ends.
func (c *certificate) watch(ctx context.Context) {
	ticker := time.NewTicker(certificateInterval)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
			c.refreshAndTell()
		}
	}
}

func (c *certificate) refreshAndTell() {
	switch changed, err := c.refresh(); {
	case err != nil && changed:
		c.log.Error("the new certificate can't be used; the old one stays", "cert", c.certFile, "key", c.keyFile, "err", err)
	case changed:
		c.log.Info("certificate reloaded", "cert", c.certFile, "expires", c.current.Load().Leaf.NotAfter)
	}
}

// refresh takes over what the files hold, if that is new. A file that can't be read counts as one without content.
func (c *certificate) refresh() (changed bool, err error) {
	cert, certErr := os.ReadFile(c.certFile)
	key, keyErr := os.ReadFile(c.keyFile)
	changed = !bytes.Equal(cert, c.cert) || !bytes.Equal(key, c.key)
	c.cert, c.key = cert, key
	if certErr != nil {
		return changed, certErr
	}
	if keyErr != nil {
		return changed, keyErr
	}
	if !changed {
		return false, nil
	}
	pair, err := tls.X509KeyPair(cert, key)
	if err != nil {
		return true, err
	}
	c.current.Store(&pair)
	return true, nil
}
