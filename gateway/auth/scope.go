package auth

import (
	"strings"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// object is a JSON object whose members are decoded when they are needed.
type object map[string]jsontext.Value

// find returns the member of that name, or nil; null is none. A name that is no member itself leads
// into objects by its dots: `realm_access.roles`. Names of providers have dots, too
// (`https://example.com/roles`), so that the longest is tried first.
func (o object) find(name string) jsontext.Value {
	if v, ok := o[name]; ok {
		if v.Kind() == 'n' {
			return nil
		}
		return v
	}
	for i := strings.LastIndexByte(name, '.'); i > 0; i = strings.LastIndexByte(name[:i], '.') {
		var inner object
		if v, ok := o[name[:i]]; !ok || v.Kind() != '{' || json.Unmarshal(v, &inner) != nil {
			continue
		}
		if v := inner.find(name[i+1:]); v != nil {
			return v
		}
	}
	return nil
}

// scopes yields what the token's scope claims hold: one string, with spaces between its scopes, or
// a list of strings, each of them a scope. Whatever else is there holds none. No token is refused
// for it: a participant needs no scope.
func (c *claims) scopes(yield func(string) bool) {
	for _, name := range c.cfg.ScopeClaims {
		for _, scope := range scopesIn(c.all.find(name)) {
			if !yield(scope) {
				return
			}
		}
	}
}

func scopesIn(claim jsontext.Value) (list []string) {
	switch claim.Kind() {
	case '"':
		var text string
		if json.Unmarshal(claim, &text) == nil {
			return strings.Split(text, " ")
		}
	case '[':
		if json.Unmarshal(claim, &list) == nil {
			return list
		}
	}
	return nil
}
