package main

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/scaiwave/presence/cluster"
)

// TestSettingsReachTheCluster: without flags the cluster has its own defaults. A setting that is
// forgotten on the way would be zero.
func TestSettingsReachTheCluster(t *testing.T) {
	c, _, err := parseServe(nil)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(cluster.DefaultSettings(), c.settings()); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

// TestSocketsOfAServiceAreApart: each of the two limits of sockets reaches the gateway as what it
// is.
func TestSocketsOfAServiceAreApart(t *testing.T) {
	c, _, err := parseServe(nil, "--max-sockets=3", "--service-sockets=7")
	if err != nil {
		t.Fatal(err)
	}
	if l := c.limits(); l.MaxSockets != 3 || l.ServiceSockets != 7 {
		t.Errorf("%d sockets a participant, %d a service; want 3 and 7", l.MaxSockets, l.ServiceSockets)
	}
	c, given, err := parseServe(nil, "--service-sockets=0")
	if err == nil {
		err = c.check(t.Context(), given)
	}
	if err == nil {
		t.Error("no sockets at all are taken for a limit")
	} else if want := "gateway: service-sockets is 0; it must be 1 to 1000000"; err.Error() != want {
		t.Errorf("%v, want %s", err, want)
	}
}
