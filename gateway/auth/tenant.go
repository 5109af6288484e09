package auth

import (
	"net/http"
	"strings"

	"github.com/scaiwave/presence/gateway/tenant"
	"github.com/scaiwave/presence/gateway/wire"
	"github.com/scaiwave/presence/shard"
)

// TenantHeader names the tenant that a bearer of presence:tenants acts in. Empty, it names none.
const TenantHeader = "Presence-Tenant"

// Errand is the tenant that a request's header names, as it was sent: Identity.On judges it. The
// zero Errand is a request without the header.
type Errand struct{ lines []string }

// ErrandOf reads a request's header. It keeps nothing of the request.
func ErrandOf(h http.Header) (e Errand) {
	for _, line := range h[TenantHeader] {
		e.lines = append(e.lines, strings.Clone(line))
	}
	return e
}

// Given reports whether the header was there.
func (e Errand) Given() bool { return e.lines != nil }

// ErrandIn is that of a header which names a tenant.
func ErrandIn(n tenant.Name) Errand { return Errand{[]string{string(n)}} }

// On is the identity in the tenant that a header names: `forbidden` without the scope, whatever it
// names, and `bad_request` if that is no tenant.
func (id Identity) On(e Errand) (Identity, error) {
	switch {
	case !e.Given():
		return id, nil
	case !id.Tenants:
		return Identity{}, wire.Errorf(wire.Forbidden,
			"the header %s needs the scope presence:tenants; without it the tenant is the token's", TenantHeader)
	case len(e.lines) > 1:
		return Identity{}, wire.Errorf(wire.BadRequest, "there are %d headers %s; send one", len(e.lines), TenantHeader)
	}
	name := e.lines[0]
	if name != "" {
		if err := shard.ValidateTenant(name); err != nil {
			return Identity{}, wire.Errorf(wire.BadRequest, "the header %s must be a tenant: %s", TenantHeader,
				complaint(err))
		}
	}
	id.Participant = id.Participant.In(tenant.Name(name))
	return id, nil
}
