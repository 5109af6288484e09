package auth

import (
	"strings"
	"testing"

	"github.com/scaiwave/presence/gateway/tenant"
)

func TestInsecure(t *testing.T) {
	a, longest := Insecure(), strings.Repeat("a", 128)
	in := func(n tenant.Name, id string) Identity { return Identity{Participant: n.Participant(id)} }
	for token, want := range map[string]Identity{
		"alice":           in("", "alice"),
		"zoë@example.org": in("", "zoë@example.org"),
		"service":         {Participant: "service", Service: true, Admin: true, Tenants: true},
		"Service":         in("", "Service"),
		longest:           in("", longest),
		"acme alice":      in("acme", "alice"),
		"me alice":        in("me", "alice"),
		"service alice":   in("service", "alice"),
		"acme service": {
			Participant: tenant.Name("acme").Participant("service"), Service: true, Admin: true,
		},
		longest[:64] + " " + longest: in(tenant.Name(longest[:64]), longest),
	} {
		if id, err := a.Authenticate(t.Context(), token); err != nil || id != want {
			t.Errorf("Authenticate(%.20q) = %+v, %v; want %+v", token, id, err, want)
		}
	}
	if err := Ready(a); err != nil {
		t.Error(err)
	}
}

func TestInsecureRefuses(t *testing.T) {
	for token, word := range map[string]string{
		"":                                   "the token is empty",
		"me":                                 "reserved",
		"acme me":                            "reserved",
		"a,b":                                "U+002C",
		"a b c":                              "U+0020",
		" a":                                 "tenant is empty",
		"a ":                                 "participant id is empty",
		"a,b c":                              "U+002C",
		"a\x00":                              "U+0000",
		"\x1facme\x1fada":                    "U+001F",
		"\xff":                               "UTF-8",
		strings.Repeat("a", 129):             "129 bytes",
		strings.Repeat("a", 65) + " b":       "65 bytes",
		strings.Repeat("a", MaxTokenBytes+1): "the limit is 8192",
	} {
		id, err := Insecure().Authenticate(t.Context(), token)
		wantRefused(t, err, ErrUnauthorized, word)
		if id != (Identity{}) {
			t.Errorf("Authenticate(%.20q) gave %+v and an error", token, id)
		}
	}
}
