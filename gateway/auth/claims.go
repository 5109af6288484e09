package auth

import (
	"errors"
	"slices"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
	"github.com/golang-jwt/jwt/v5"

	"github.com/scaiwave/presence/gateway/tenant"
	"github.com/scaiwave/presence/shard"
)

// claims is the part of a token that matters. It decodes itself, because the token library would
// use encoding/json, which takes `EXP` for `exp` and the last of two `sub`.
type claims struct {
	cfg *JWTConfig
	all object

	Issuer    string
	Expires   *date
	NotBefore *date
	IssuedAt  *date
}

func (c *claims) UnmarshalJSON(text []byte) error {
	err := json.Unmarshal(text, &c.all)
	if _, ok := errors.AsType[*json.SemanticError](err); ok {
		return unauthorized("the token's claims have the wrong type; they must be one JSON object")
	}
	if err != nil {
		return err
	}
	return errors.Join(
		c.take("iss", &c.Issuer), c.take("exp", &c.Expires), c.take("nbf", &c.NotBefore), c.take("iat", &c.IssuedAt),
	)
}

// take decodes a claim of a fixed name, if the token has it.
func (c *claims) take(name string, to any) error {
	if raw, ok := c.all[name]; ok && json.Unmarshal(raw, to) != nil {
		return wrongType(name)
	}
	return nil
}

func wrongType(name string) error {
	return unauthorized("the token's claim %q has the wrong type or is out of range; times are seconds since 1970",
		name)
}

// identity is what the claims say once they are known to be true.
func (c *claims) identity() (Identity, error) {
	subject, err := c.subject()
	if err != nil {
		return Identity{}, err
	}
	of, err := c.tenant()
	if err != nil {
		return Identity{}, err
	}
	id := Identity{Participant: of.Participant(subject)}
	if c.Expires != nil {
		id.Expires = c.Expires.Add(Leeway)
	}
	for scope := range c.scopes {
		id.Service = id.Service || scope == c.cfg.ServiceScope
		id.Admin = id.Admin || scope == c.cfg.AdminScope
		id.Tenants = id.Tenants || scope == c.cfg.TenantsScope
	}
	return id, nil
}

// subject is the participant id: the first of its claims that the token has.
func (c *claims) subject() (id string, err error) {
	name, raw := c.first(c.cfg.SubjectClaims)
	switch {
	case raw == nil:
		return "", unauthorized("the token has no claim %s, which would be its participant id",
			either(c.cfg.SubjectClaims))
	case json.Unmarshal(raw, &id) != nil:
		return "", unauthorized("the token's claim %q has the wrong type; as participant id it must be a string", name)
	}
	if err := shard.ValidateParticipant(id); err != nil {
		return "", unauthorized("the token's claim %q must be a participant id: %s", name, complaint(err))
	}
	return id, nil
}

// tenant is the one that the token puts its bearer into. A claim that is no tenant is refused, null
// too: read as none, it would let its bearer in among participants of no tenant.
func (c *claims) tenant() (tenant.Name, error) {
	raw := c.all.seek(c.cfg.TenantClaim)
	if raw == nil {
		return "", nil
	}
	var name string
	if raw.Kind() != '"' || json.Unmarshal(raw, &name) != nil {
		return "", unauthorized("the token's claim %q has the wrong type; as tenant it must be a string",
			c.cfg.TenantClaim)
	}
	if err := shard.ValidateTenant(name); err != nil {
		return "", unauthorized("the token's claim %q must be a tenant: %s", c.cfg.TenantClaim, complaint(err))
	}
	return tenant.Name(name), nil
}

// first returns the first of these claims that the token has; null is none.
func (c *claims) first(names []string) (string, jsontext.Value) {
	for _, name := range names {
		if raw := c.all.find(name); raw != nil {
			return name, raw
		}
	}
	return "", nil
}

// Validate is called by the token library, beside its own checks.
func (c *claims) Validate() error {
	now := c.cfg.Now()
	var err error
	if c.NotBefore != nil && c.NotBefore.After(now.Add(c.cfg.Ahead)) {
		err = jwt.ErrTokenNotValidYet
	}
	if c.IssuedAt != nil && c.IssuedAt.After(now.Add(c.cfg.Ahead)) {
		err = errors.Join(err, jwt.ErrTokenUsedBeforeIssued)
	}
	return errors.Join(err, c.checkAudience())
}

func (c *claims) checkAudience() error {
	if len(c.cfg.Audiences) == 0 {
		return nil
	}
	name, raw := c.first(c.cfg.AudienceClaims)
	var audience jwt.ClaimStrings
	switch {
	case raw != nil && json.Unmarshal(raw, &audience) != nil:
		return wrongType(name)
	case len(audience) == 0 && c.cfg.NoAudience:
		return nil
	case len(audience) == 0:
		return jwt.ErrTokenRequiredClaimMissing
	case !slices.ContainsFunc(audience, func(a string) bool { return slices.Contains(c.cfg.Audiences, a) }):
		return jwt.ErrTokenInvalidAudience
	}
	return nil
}

// What the token library's checks read. It looks at no times but `exp`, and at no audience:
// Validate does.
func (c *claims) GetExpirationTime() (*jwt.NumericDate, error) { return c.Expires.numeric(), nil }
func (c *claims) GetNotBefore() (*jwt.NumericDate, error)      { return nil, nil }
func (c *claims) GetIssuedAt() (*jwt.NumericDate, error)       { return nil, nil }
func (c *claims) GetAudience() (jwt.ClaimStrings, error)       { return nil, nil }
func (c *claims) GetIssuer() (string, error)                   { return c.Issuer, nil }
func (c *claims) GetSubject() (string, error)                  { return "", nil }
