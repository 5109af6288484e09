package link

import (
	"bytes"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"slices"
	"strings"
	"time"
)

// A certificate that has ended breaks a link on both ends, and each end knows only half of it. The
// end that refuses sees the certificate. The other one sees an alert, "bad certificate". Both have
// to say whose it is and when it ended, so the end that is refused checks its own.

// theirs returns why a peer's chain was refused: which certificate is out of its time, or else err.
func (t *TLS) theirs(chain []*x509.Certificate, err error) error {
	now := t.now()
	for _, c := range chain {
		if when := outOfTime(c, now); when != "" {
			return fmt.Errorf("the other node's certificate, %s, %s; renew it there", nameOf(c), when)
		}
	}
	if a, when := t.authority(chain, now); a != nil {
		return fmt.Errorf("the authority of the other node's certificate, %s in %s, %s", nameOf(a), t.caFile, when)
	}
	return err
}

// ours returns err, with which a handshake ended. It adds which of this node's own certificates is
// out of its time.
func (t *TLS) ours(err error) error {
	alert := strings.Contains(err.Error(), "remote error: tls:")
	if !alert && !cut(err) {
		return err
	}
	id, now := t.files.Current(), t.now()
	for _, c := range id.pair.Chain {
		if when := outOfTime(c, now); when != "" {
			return fmt.Errorf("this node's certificate, %s in %s, %s: %w", nameOf(c), t.certFile, when, err)
		}
	}
	if a, when := t.authority(id.pair.Chain, now); a != nil {
		return fmt.Errorf("the authority of this node's certificate, %s in %s, %s: %w", nameOf(a), t.caFile, when, err)
	}
	if alert {
		return fmt.Errorf("the other node refused, and its log says why: %w", err)
	}
	return err
}

// cut reports whether a connection was closed without an alert. The dialer of a link writes its
// request before it has read the alert, and the reset that follows may overtake it.
func cut(err error) bool {
	for _, how := range []string{"EOF", "connection reset by peer", "broken pipe"} {
		if strings.HasSuffix(err.Error(), how) {
			return true
		}
	}
	return false
}

// authority is one of this node's that has signed a certificate of the chain and is out of its
// time. It is nil if there is a renewed one of the same name, which is then not the reason.
func (t *TLS) authority(chain []*x509.Certificate, now time.Time) (found *x509.Certificate, when string) {
	for _, a := range t.files.Current().authorities {
		signed := func(c *x509.Certificate) bool { return bytes.Equal(a.RawSubject, c.RawIssuer) }
		if !slices.ContainsFunc(chain, signed) {
			continue
		}
		if found, when = a, outOfTime(a, now); when == "" {
			return nil, ""
		}
	}
	return found, when
}

// outOfTime is when a certificate ended or begins, or nothing if it is good now. The present time
// is not in the text, so the text is the same each time.
func outOfTime(c *x509.Certificate, now time.Time) string {
	switch {
	case now.After(c.NotAfter):
		return "ended at " + c.NotAfter.UTC().Format(time.RFC3339)
	case now.Before(c.NotBefore):
		return "is not good before " + c.NotBefore.UTC().Format(time.RFC3339) + " (or a clock is wrong)"
	}
	return ""
}

func nameOf(c *x509.Certificate) string {
	if len(c.DNSNames) > 0 {
		return fmt.Sprintf("%q", c.DNSNames[0])
	}
	return fmt.Sprintf("%q", c.Subject)
}

// listenerLines turns net/http's lines about connections to the peer listener into records.
type listenerLines struct{ local *Local }

// Write takes a line: "http: TLS handshake error from HOST:PORT: REASON", or another.
func (l listenerLines) Write(b []byte) (int, error) {
	line := strings.TrimSpace(string(b))
	if strings.HasSuffix(line, net.ErrClosed.Error()) { // closed here, and logged then
		return len(b), nil
	}
	rest, ok := strings.CutPrefix(line, "http: TLS handshake error from ")
	from, reason, both := strings.Cut(rest, ": ")
	if !ok || !both || l.local.TLS == nil {
		l.local.Logger.Warn(line)
		return len(b), nil
	}
	l.local.Logger.Warn("handshake failed", "from", from, "error", l.local.TLS.ours(errors.New(reason)))
	return len(b), nil
}
