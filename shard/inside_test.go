package shard

import (
	"fmt"
	"testing"
)

// TestRecordsOfStrangersAreAlike: what is for the participant itself is not read for others, so
// neither the time nor the size of the answer between nodes tells of it.
func TestRecordsOfStrangersAreAlike(t *testing.T) {
	set := testSettings()
	next, until := stamps(set, Origin), set.Time(Origin+100)
	p, k := sayer(set)
	p.SetOverrideUntil(Origin, k, OverrideBusy, until, next())
	for n := range MaxClaims {
		p.SetClaim(Origin, k, fmt.Sprint("source", n), until, next())
	}
	r := p.Record(Origin, k, viewerNamed("ben"), false)
	if r.Devices != nil || r.Claims != nil || r.OverrideUntil != 0 {
		t.Errorf("read for a stranger: %+v", r)
	}
	if r := p.Record(Origin, k, viewerNamed("ada"), true); len(r.Claims) != MaxClaims || r.OverrideUntil != until {
		t.Errorf("read for ada: %+v", r)
	}
}
