package link

import (
	"crypto/x509"
	"log/slog"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/scaiwave/presence/cluster/keyfiles"
)

// both are the usages that a node's certificate needs.
var both = []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth}

// later is a clock that a test can move.
type later struct{ by atomic.Int64 }

func (l *later) now() time.Time { return time.Now().Add(time.Duration(l.by.Load())) }

// ending is a node whose certificate, signed by a, ends at end, and which goes by a clock.
func (a *authority) ending(id string, end time.Time, clock *later) *TLS {
	a.t.Helper()
	a.issue(id, &x509.Certificate{ExtKeyUsage: both, NotAfter: end})
	t, err := LoadTLS(id, a.path(id+".crt"), a.path(id+".key"), a.path("ca.crt"), keyfiles.Options{})
	if err != nil {
		a.t.Fatal(err)
	}
	t.now = clock.now
	return t
}

// heard waits for a line that has all words.
func heard(t *testing.T, l *logged, words ...string) {
	t.Helper()
	deadline := time.After(2 * time.Minute)
	var last string
next:
	for {
		select {
		case last = <-l.lines:
		case <-deadline:
			t.Fatalf("no line with %q; the last was %q", words, last)
		}
		for _, w := range words {
			if !strings.Contains(last, w) {
				continue next
			}
		}
		return
	}
}

func logging(l *Local) *logged {
	lines := &logged{lines: make(chan string, 1000)}
	l.Logger = slog.New(slog.NewTextHandler(lines, nil))
	return lines
}

// TestLinksOutliveCertificates: connections that are open when the certificates end stay, and work.
func TestLinksOutliveCertificates(t *testing.T) {
	a := newAuthority(t)
	var clock later
	x, y := newSide(), newSide()
	one, two := local("a", x), local("b", y)
	soon := time.Now().Add(time.Minute)
	one.TLS, two.TLS = a.ending("a", soon, &clock), a.ending("b", soon, &clock)
	lines := logging(one)
	p := pair(t, one, two)
	open(t, x)
	var before [classes]*Conn
	for c := range classes {
		before[c] = p.Conn(c)
	}
	clock.by.Store(int64(time.Hour))
	one.TLS.Look()
	two.TLS.Look()
	for c := range classes {
		if got, err := echo(t.Context(), p, c, "still"); err != nil || got != "still" || p.Conn(c) != before[c] {
			t.Errorf("%v: %q, %v, the connection from before %v", c, got, err, p.Conn(c) == before[c])
		}
	}
	p2 := Dial(one, two.Name, p.address)
	t.Cleanup(p2.Close)
	heard(t, lines, "link not made")
	if p2.Conn(Hot) != nil {
		t.Error("a new link was made with certificates that have ended")
	}
}

// TestBothEndsSayWhatEnded: whichever end refuses a certificate that has ended, the logs of both
// say whose it is, and since when.
func TestBothEndsSayWhatEnded(t *testing.T) {
	end := time.Now().Add(time.Minute).Truncate(time.Second)
	far := time.Now().Add(24 * time.Hour)
	when := "ended at " + end.UTC().Format(time.RFC3339)
	for _, tc := range []struct {
		what             string
		dialer, listener time.Time
		dials, listens   []string
	}{
		{
			"the dialer's", end, far,
			[]string{"link not made", `this node's certificate, \"a\" in `, "a.crt", when},
			[]string{"handshake failed", `the other node's certificate, \"a\"`, when},
		},
		{
			"the listener's", far, end,
			[]string{"link not made", `the other node's certificate, \"b\"`, when},
			[]string{"handshake failed", `this node's certificate, \"b\" in `, "b.crt", when},
		},
	} {
		t.Run(tc.what, func(t *testing.T) {
			a := newAuthority(t)
			var clock later
			clock.by.Store(int64(2 * time.Minute))
			one, two := local("a", newSide()), local("b", newSide())
			one.TLS, two.TLS = a.ending("a", tc.dialer, &clock), a.ending("b", tc.listener, &clock)
			dials, listens := logging(one), logging(two)
			pair(t, one, two)
			heard(t, dials, tc.dials...)
			heard(t, listens, tc.listens...)
			if refused := two.Stats.Refused.Load(); (refused > 0) != tc.dialer.Equal(end) {
				t.Errorf("%d refused", refused)
			}
		})
	}
}

// TestAuthorityEnded: the certificates are good, and the authority that signed them has ended.
func TestAuthorityEnded(t *testing.T) {
	a := newAuthority(t) // for an hour
	end := a.cert.NotAfter.UTC().Format(time.RFC3339)
	var clock later
	clock.by.Store(int64(2 * time.Hour))
	far := time.Now().Add(24 * time.Hour)
	one, two := local("a", newSide()), local("b", newSide())
	one.TLS, two.TLS = a.ending("a", far, &clock), a.ending("b", far, &clock)
	dials, listens := logging(one), logging(two)
	pair(t, one, two)
	heard(t, dials, "link not made", `the authority of the other node's certificate, \"ca\" in `, "ended at "+end)
	heard(t, listens, "handshake failed", `the authority of this node's certificate, \"ca\" in `, "ended at "+end)
	if got := one.TLS.AuthoritiesEnd(); !got.Equal(a.cert.NotAfter) {
		t.Errorf("the authorities end at %v", got)
	}
	if got := one.TLS.End(); !got.Equal(far.UTC().Truncate(time.Second)) {
		t.Errorf("the certificate ends at %v", got)
	}
}
