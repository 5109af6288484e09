package auth

import (
	"errors"

	"github.com/golang-jwt/jwt/v5"
)

// question is for a token whose key isn't known: could it be good, if the key were? Only then the
// keys are fetched for it. Nobody has checked what the token claims, so what this server asks for
// isn't told.
//
// One that is good in all but its age gets ErrExpired: a fetch would not help it, a fresh token
// will.
func (a *jwtAuthenticator) question(t *jwt.Token, c *claims, u *unknownKid) (*query, error) {
	refused := func(why string) error {
		return unauthorized("the token's key (`kid` %.64q) is not in the JWKS, "+
			"and it is not fetched anew for this token: %s", u.kid, why)
	}
	if !plausible(t.Signature, u.alg) {
		return nil, refused("its signature has another length than those of " + u.alg)
	}
	id, err := c.identity()
	if err == nil {
		err = a.validator.Validate(c)
	}
	switch {
	case err == nil:
		return &query{unknownKid: *u, subject: string(id.Participant)}, nil
	case c.Expires != nil && onlyExpired(err):
		return nil, a.refuse(t, c, err)
	}
	return nil, refused(complaintOf(err))
}

// onlyExpired reports whether a token's age is all that is wrong with it.
func onlyExpired(err error) bool {
	return errors.Is(err, jwt.ErrTokenExpired) && complaintOf(err) == ""
}

// complaints are what may be wrong with claims besides their age, without what would be right.
var complaints = []struct {
	err error
	why string
}{
	{jwt.ErrTokenRequiredClaimMissing, "a claim that is required is missing (`exp`, `iss` or the audience)"},
	{jwt.ErrTokenInvalidIssuer, "its issuer is another"},
	{jwt.ErrTokenInvalidAudience, "it is for another audience"},
	{jwt.ErrTokenNotValidYet, "it is not valid yet (`nbf`)"},
	{jwt.ErrTokenUsedBeforeIssued, "it was issued in the future (`iat`)"},
	{ErrUnauthorized, "a claim has the wrong type, or is no participant id"},
}

func complaintOf(err error) string {
	for _, c := range complaints {
		if errors.Is(err, c.err) {
			return c.why
		}
	}
	return ""
}

// plausible reports whether a signature has a length that those of alg have.
func plausible(signature []byte, alg string) bool {
	n := len(signature)
	if alg == algRS256 {
		return n >= minRSABits/8 && n <= maxRSABits/8
	}
	return n == 64 // ES256 and EdDSA
}
