package link

import (
	"errors"
	"net"
	"strings"
	"testing"
	"time"
)

// TestOursOnlyWhereItExplains: a port that is closed has nothing to do with certificates.
func TestOursOnlyWhereItExplains(t *testing.T) {
	a := newAuthority(t)
	var clock later
	n := a.ending("a", time.Now().Add(time.Minute), &clock)
	alert := errors.New("remote error: tls: bad certificate")
	if got := n.ours(alert); !errors.Is(got, alert) || !strings.Contains(got.Error(), "its log says why") {
		t.Errorf("an alert while the certificate is good: %v", got)
	}
	clock.by.Store(int64(time.Hour))
	reset := &net.OpError{Op: "read", Err: errors.New("connection reset by peer")}
	if got := n.ours(reset); !errors.Is(got, reset) || !strings.Contains(got.Error(), "ended at") {
		t.Errorf("a reset after the certificate has ended: %v", got)
	}
	refused := &net.OpError{Op: "dial", Err: errors.New("connection refused")}
	if got := n.ours(refused); got != error(refused) {
		t.Errorf("a closed port: %v", got)
	}
}

// TestRenewedAuthority: an old authority in the file is not blamed while a new one of its name is
// good.
func TestRenewedAuthority(t *testing.T) {
	a := newAuthority(t)
	var clock later
	n := a.ending("a", time.Now().Add(24*time.Hour), &clock)
	later := time.Now().Add(2 * time.Hour)
	if c, _ := n.authority(n.files.Current().pair.Chain, later); c == nil {
		t.Fatal("an authority that has ended is not found")
	}
	id := n.files.Current()
	renewed := *a.cert
	renewed.NotAfter = later.Add(time.Hour)
	id.authorities[0] = &renewed
	id.authorities = append(id.authorities, a.cert)
	if c, when := n.authority(id.pair.Chain, later); c != nil {
		t.Errorf("%v %s", c.Subject, when)
	}
}
