package auth

import (
	"strings"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// object is a JSON object whose members are decoded when they are needed.
type object map[string]jsontext.Value

// find returns the member of that name, or nil; null is none.
func (o object) find(name string) jsontext.Value {
	if v := o.seek(name); v.Kind() != 'n' {
		return v
	}
	return nil
}

// seek returns the member of that name, or nil if nothing of it is there. A name that is no member
// itself leads into objects by its dots: `realm_access.roles`. Names of providers have dots, too
// (`https://example.com/roles`), so that the longest is tried first.
//
// It is null where the dots lead into what is no object: something is there, and says nothing.
func (o object) seek(name string) (found jsontext.Value) {
	if v, ok := o[name]; ok {
		return v
	}
	for i := strings.LastIndexByte(name, '.'); i > 0; i = strings.LastIndexByte(name[:i], '.') {
		around, ok := o[name[:i]]
		if !ok {
			continue
		}
		v := seekIn(around, name[i+1:])
		if v != nil && v.Kind() != 'n' {
			return v
		}
		if v != nil {
			found = v
		}
	}
	return found
}

// seekIn is seek in a member, which should be an object.
func seekIn(member jsontext.Value, name string) jsontext.Value {
	var inner object
	if member.Kind() != '{' || json.Unmarshal(member, &inner) != nil {
		return jsontext.Value("null")
	}
	return inner.seek(name)
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
