package shard

import (
	"errors"
	"strings"
	"testing"
)

func TestInnerID(t *testing.T) {
	longest := InnerID(strings.Repeat("t", MaxTenant), strings.Repeat("p", MaxParticipantID))
	if len(longest) != MaxInnerID || MaxInnerID > 255 {
		t.Errorf("the longest has %d bytes; want %d, and 255 at most", len(longest), MaxInnerID)
	}
	for _, c := range []struct{ tenant, id string }{
		{"", "ada"}, {"acme", "ada"}, {"me", "ada"}, {"zoë", "日本"}, {longest[1 : 1+MaxTenant], longest[2+MaxTenant:]},
	} {
		inner := InnerID(c.tenant, c.id)
		if tenant, id := SplitInnerID(inner); tenant != c.tenant || id != c.id {
			t.Errorf("%q is split into %q and %q; want %q and %q", inner, tenant, id, c.tenant, c.id)
		}
		if err := ValidateInnerID(inner); err != nil {
			t.Errorf("%q: %v", inner, err)
		}
		if err := ValidateParticipant(inner); (err == nil) != (c.tenant == "") {
			t.Errorf("as an id that a client sent, %q: %v", inner, err)
		}
	}
}

func TestInvalidInnerID(t *testing.T) {
	for _, inner := range []string{
		"", "\x1f", "\x1facme", "\x1facme\x1f", "\x1f\x1fada", "\x1facme\x1f\x1fada", "\x1facme\x1fme", "ada\x1f",
		"\x1fa b\x1fada", "\x1facme\x1fa,b", "\x1f" + strings.Repeat("t", MaxTenant+1) + "\x1fada",
		"\x1facme\x1f" + strings.Repeat("p", MaxParticipantID+1),
	} {
		if err := ValidateInnerID(inner); !errors.Is(err, ErrInvalidID) {
			t.Errorf("%q: %v; want %v", inner, err, ErrInvalidID)
		}
	}
}

func TestPrefixCountsInEachTenant(t *testing.T) {
	s := Settings{AIPrefixes: []string{"model:"}}
	for _, tenant := range []string{"", "acme", "model:"} {
		if !s.hasAIPrefix(InnerID(tenant, "model:x")) || s.hasAIPrefix(InnerID(tenant, "ada")) {
			t.Errorf("tenant %q: model:x is an AI by its prefix, and ada isn't", tenant)
		}
	}
}
