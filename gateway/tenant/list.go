package tenant

import (
	"slices"
	"strings"
)

// List is participants of one tenant. It holds the ids that owners know; the zero List is empty.
type List struct{ keys []string }

// Participants is the list of a tenant's participants by these ids, which are valid. It takes the
// slice over.
func (n Name) Participants(ids []string) List {
	if n != "" {
		n.lead(ids)
	}
	return List{ids}
}

// ListOf is a list of participants of one tenant.
func ListOf(all ...Participant) List {
	keys := make([]string, len(all))
	for i, p := range all {
		keys[i] = string(p)
	}
	return List{keys}
}

// lead puts the tenant in front of each id. The texts share one piece of memory: they come and go
// together.
func (n Name) lead(ids []string) {
	front := string(n.Participant(""))
	size := 0
	for _, id := range ids {
		size += len(front) + len(id)
	}
	var text strings.Builder
	text.Grow(size)
	for i, id := range ids {
		begin := text.Len()
		text.WriteString(front)
		text.WriteString(id)
		ids[i] = text.String()[begin:]
	}
}

// Keys are the ids that owners know, for those who ask them. The list keeps the slice.
func (l List) Keys() []string { return l.keys }

// Len is how many participants there are.
func (l List) Len() int { return len(l.keys) }

// At is the i-th participant.
func (l List) At(i int) Participant { return Participant(l.keys[i]) }

// Distinct is the list without repetitions, in order. It is a copy.
func (l List) Distinct() List {
	seen := make(map[string]struct{}, len(l.keys))
	return List{slices.DeleteFunc(slices.Clone(l.keys), func(key string) bool {
		_, again := seen[key]
		seen[key] = struct{}{}
		return again
	})}
}
