package auth

import (
	"errors"
	"strconv"
	"strings"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
	"github.com/golang-jwt/jwt/v5"

	"github.com/scaiwave/presence/shard"
)

// The scopes that mean something here; others are left to whoever they are for.
const (
	scopeService = "presence:service"
	scopeAdmin   = "presence:admin"
)

// claims is the part of a token that matters. It decodes itself, because the token library would use encoding/json, which
// takes `EXP` for `exp` and the last of two `sub`.
type claims struct {
	Issuer    string           `json:"iss"`
	Subject   string           `json:"sub"`
	Audience  jwt.ClaimStrings `json:"aud"`
	Expires   *date            `json:"exp"`
	NotBefore *date            `json:"nbf"`
	IssuedAt  *date            `json:"iat"`
	Scope     jsontext.Value   `json:"scope"`
}

func (c *claims) UnmarshalJSON(text []byte) error {
	type plain claims // without this method
	err := json.Unmarshal(text, (*plain)(c))
	if wrong, ok := errors.AsType[*json.SemanticError](err); ok {
		return unauthorized("the token's claim %q has the wrong type or is out of range; times are seconds since 1970", wrong.JSONPointer.LastToken())
	}
	if err != nil {
		return err
	}
	if k := c.Scope.Kind(); k != '"' && k != jsontext.KindInvalid {
		return unauthorized("the token's claim \"scope\" must be one string, its scopes separated by spaces")
	}
	return nil
}

// identity is what the claims say once they are known to be true.
func (c *claims) identity() (Identity, error) {
	if err := shard.ValidateParticipant(c.Subject); err != nil {
		return Identity{}, unauthorized("the token's claim \"sub\" must be a participant id: %s", complaint(err))
	}
	id := Identity{Participant: c.Subject, Expires: c.Expires.Add(Leeway)}
	for scope := range strings.SplitSeq(c.scopes(), " ") {
		id.Service = id.Service || scope == scopeService
		id.Admin = id.Admin || scope == scopeAdmin
	}
	return id, nil
}

func (c *claims) scopes() string {
	if len(c.Scope) == 0 {
		return ""
	}
	text, err := jsontext.AppendUnquote(nil, c.Scope)
	if err != nil {
		return ""
	}
	return string(text)
}

// What the token library's checks read.
func (c *claims) GetExpirationTime() (*jwt.NumericDate, error) { return c.Expires.numeric(), nil }
func (c *claims) GetNotBefore() (*jwt.NumericDate, error)      { return c.NotBefore.numeric(), nil }
func (c *claims) GetIssuedAt() (*jwt.NumericDate, error)       { return c.IssuedAt.numeric(), nil }
func (c *claims) GetAudience() (jwt.ClaimStrings, error)       { return c.Audience, nil }
func (c *claims) GetIssuer() (string, error)                   { return c.Issuer, nil }
func (c *claims) GetSubject() (string, error)                  { return c.Subject, nil }

// lastSecond ends the year 9999. A later time is one in milliseconds, which would make a token that lives for 50,000 years.
const lastSecond = 253402300799

// date is a time in seconds since 1970, a fraction allowed (RFC 7519 "NumericDate").
type date struct{ time.Time }

func (d *date) UnmarshalJSON(text []byte) error {
	seconds, err := strconv.ParseFloat(string(text), 64)
	if err != nil {
		return err
	}
	if seconds < 0 || seconds > lastSecond {
		return strconv.ErrRange
	}
	whole := int64(seconds)
	d.Time = time.Unix(whole, int64((seconds-float64(whole))*1e9))
	return nil
}

func (d *date) numeric() *jwt.NumericDate {
	if d == nil {
		return nil
	}
	return &jwt.NumericDate{Time: d.Time}
}
