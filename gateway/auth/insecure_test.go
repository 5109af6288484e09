package auth

import (
	"strings"
	"testing"
)

func TestInsecure(t *testing.T) {
	a := Insecure()
	for token, want := range map[string]Identity{
		"alice":                  {Participant: "alice"},
		"zoë@example.org":        {Participant: "zoë@example.org"},
		"service":                {Participant: "service", Service: true, Admin: true},
		"Service":                {Participant: "Service"},
		strings.Repeat("a", 128): {Participant: strings.Repeat("a", 128)},
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
		"a,b":                                "U+002C",
		"a b":                                "U+0020",
		"a\x00":                              "U+0000",
		"\xff":                               "UTF-8",
		strings.Repeat("a", 129):             "129 bytes",
		strings.Repeat("a", MaxTokenBytes+1): "the limit is 8192",
	} {
		id, err := Insecure().Authenticate(t.Context(), token)
		wantRefused(t, err, ErrUnauthorized, word)
		if id != (Identity{}) {
			t.Errorf("Authenticate(%.20q) gave %+v and an error", token, id)
		}
	}
}
