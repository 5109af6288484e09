package link

import (
	"crypto/x509"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"time"

	"github.com/scaiwave/presence/cluster/keyfiles"
)

// TLS is a node's certificate, and the authorities that sign those of the others. Look follows the
// files, so a renewed certificate needs no restart. Files that can't be used leave the last good
// ones in use. All methods are safe for concurrent use.
type TLS struct {
	// static
	certFile, caFile string
	files            *keyfiles.Files[identity]
	log              *slog.Logger
	now              func() time.Time // the time by which certificates are judged
}

// identity is what the files hold.
type identity struct {
	pair        keyfiles.Pair
	authorities []*x509.Certificate
	roots       *x509.CertPool // the authorities
}

// LoadTLS reads PEM files. The certificate must name the node, as a DNS name.
func LoadTLS(nodeID, certFile, keyFile, caFile string, o keyfiles.Options) (*TLS, error) {
	t := &TLS{certFile: certFile, caFile: caFile, log: o.Logger, now: time.Now}
	if t.log == nil {
		t.log = slog.New(slog.DiscardHandler)
	}
	read := func(contents [][]byte) (identity, error) { return t.read(nodeID, keyFile, contents) }
	var err error
	if t.files, err = keyfiles.Load(o, read, certFile, keyFile, caFile); err != nil {
		return nil, err
	}
	if err := t.usable(); err != nil {
		return nil, err
	}
	return t, nil
}

// usable returns an error if other nodes will refuse the certificate for its key usages. Such a
// node would start, and never have a link.
func (t *TLS) usable() error {
	lacks := missing(t.files.Current().pair.Leaf)
	if len(lacks) == 0 {
		return nil
	}
	var names, lost []string
	for _, u := range lacks {
		names, lost = append(names, u.name), append(lost, u.lost)
	}
	return fmt.Errorf("%s lacks the extended key usage %s, so %s; "+
		"issue it with extendedKeyUsage=serverAuth,clientAuth, or with none",
		t.certFile, strings.Join(names, " and "), strings.Join(lost, ", and "))
}

func (t *TLS) read(nodeID, keyFile string, contents [][]byte) (id identity, err error) {
	if id.pair, err = keyfiles.ReadPair(contents[0], contents[1]); err != nil {
		return id, fmt.Errorf("%s with %s: %w", t.certFile, keyFile, err)
	}
	if err := id.pair.Leaf.VerifyHostname(nodeID); err != nil {
		return id, fmt.Errorf("%s does not name this node, %q, as other nodes will ask it to: %w",
			t.certFile, nodeID, err)
	}
	if id.authorities, err = keyfiles.ReadCertificates(contents[2]); err != nil {
		return id, fmt.Errorf("%s: %w", t.caFile, err)
	}
	id.roots = x509.NewCertPool()
	for _, c := range id.authorities {
		id.roots.AddCert(c)
	}
	return id, nil
}

// Look reads the files again. New ones count from the next handshake on. Links that live stay.
func (t *TLS) Look() {
	if !t.files.Look() {
		return
	}
	t.log.Info("certificate reloaded", "certificate", "peer", "file", t.certFile, "end", t.End())
	t.doubt()
}

// Files are the paths of the certificate and of the authorities.
func (t *TLS) Files() (certFile, caFile string) { return t.certFile, t.caFile }

// End is when the first of this node's certificate and those that it shows with it ends.
func (t *TLS) End() time.Time { return keyfiles.End(t.files.Current().pair.Chain) }

// AuthoritiesEnd is when the first of the authorities ends.
func (t *TLS) AuthoritiesEnd() time.Time { return keyfiles.End(t.files.Current().authorities) }

// doubt warns of what other nodes will refuse a renewed certificate for. It is no error, as links
// that live stay.
func (t *TLS) doubt() {
	for _, u := range missing(t.files.Current().pair.Leaf) {
		t.log.Warn("the certificate lacks an extended key usage", "file", t.certFile, "usage", u.name, "reason", u.lost)
	}
}

// use is a usage that a node's certificate must have, and what is lost without it.
type use struct {
	of   x509.ExtKeyUsage
	name string
	lost string
}

var uses = []use{
	{x509.ExtKeyUsageServerAuth, "serverAuth", "other nodes will refuse to dial this one"},
	{x509.ExtKeyUsageClientAuth, "clientAuth", "other nodes will refuse to be dialed by this one"},
}

// missing are the usages that a certificate lacks.
func missing(c *x509.Certificate) (lacks []use) {
	for _, u := range uses {
		if !good(c, u.of) {
			lacks = append(lacks, u)
		}
	}
	return lacks
}

// good reports whether a certificate has a usage. One that names no usage has all.
func good(c *x509.Certificate, usage x509.ExtKeyUsage) bool {
	if len(c.ExtKeyUsage) == 0 && len(c.UnknownExtKeyUsage) == 0 {
		return true
	}
	return slices.Contains(c.ExtKeyUsage, usage) || slices.Contains(c.ExtKeyUsage, x509.ExtKeyUsageAny)
}
