package wire

import (
	"slices"
	"strings"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/scaiwave/presence/gateway/tenant"
	"github.com/scaiwave/presence/shard"
)

// AppendString appends s as a JSON string. What isn't UTF-8 in s becomes U+FFFD.
func AppendString(b []byte, s string) []byte {
	if verbatim(s) {
		b = append(b, '"')
		b = append(b, s...)
		return append(b, '"')
	}
	b, _ = jsontext.AppendQuote(b, strings.ToValidUTF8(s, "\uFFFD"))
	return b
}

// AppendStrings writes a list of strings.
func AppendStrings(b []byte, list []string) []byte {
	b = append(b, '[')
	for i, s := range list {
		if i > 0 {
			b = append(b, ',')
		}
		b = AppendString(b, s)
	}
	return append(b, ']')
}

// verbatim reports whether s needs no escape and no check for UTF-8: nearly every id. Five times as
// fast as AppendQuote.
func verbatim(s string) bool {
	for i := 0; i < len(s); i++ {
		if c := s[i]; c < ' ' || c >= 0x7f || c == '"' || c == '\\' {
			return false
		}
	}
	return true
}

// AppendStates appends the object {"id":"state",…} in the order of a list; its participants must be
// distinct, and states as many.
func AppendStates(b []byte, list tenant.List, states []shard.State) []byte {
	b = slices.Grow(b, statesSize(list))
	b = append(b, '{')
	for i := range list.Len() {
		if i > 0 {
			b = append(b, ',')
		}
		b = AppendMember(b, list.At(i), states[i])
	}
	return append(b, '}')
}

// statesSize is what AppendStates takes at most, but for escapes: a buffer that doubles as it grows
// takes twice as much, and three times while it does.
func statesSize(list tenant.List) int {
	n := len("{}\n")
	for i := range list.Len() {
		n += len(list.At(i).ID()) + len(`"":"appear_offline",`)
	}
	return n
}

// AppendMember appends one member "id":"state" of such an object.
func AppendMember(b []byte, p tenant.Participant, s shard.State) []byte {
	b = AppendString(b, p.ID())
	b = append(b, `:"`...)
	b = append(b, s.String()...)
	return append(b, '"')
}
