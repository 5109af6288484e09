package auth

import (
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/golang-jwt/jwt/v5"
)

// refuse puts the token library's complaint into words of our own: what is wrong, and what would be
// right. Nothing of the key and of the signature is in them. A token that is expired and wrong in
// another way as well is wrong.
func (a *jwtAuthenticator) refuse(t *jwt.Token, c *claims, err error) error {
	if r, ok := errors.AsType[*refusal](err); ok {
		return r
	}
	if alg, ok := headerAlg(t); ok && !slices.Contains(a.algs, alg) {
		return wrongAlg(alg, strings.Join(a.algs, ", "))
	}
	now := a.cfg.Now()
	switch {
	case errors.Is(err, jwt.ErrTokenMalformed):
		return unauthorized("the token is not a JWT: three parts of unpadded base64url, the first two JSON objects " +
			"without repeated names")
	case errors.Is(err, jwt.ErrTokenUnverifiable):
		return unauthorized("the token's header doesn't name an algorithm; `alg` must be %s",
			strings.Join(a.algs, ", "))
	case errors.Is(err, jwt.ErrTokenSignatureInvalid):
		return unauthorized("the token's signature is not from the key of this server's configuration")
	case errors.Is(err, jwt.ErrTokenRequiredClaimMissing):
		return a.missing(c)
	case errors.Is(err, jwt.ErrTokenInvalidIssuer):
		return unauthorized("the token's issuer is another; `iss` must be %q", a.cfg.Issuer)
	case errors.Is(err, jwt.ErrTokenInvalidAudience):
		return unauthorized("the token is for another audience; %s must be or contain %s", a.audienceClaims(),
			either(a.cfg.Audiences))
	case errors.Is(err, jwt.ErrTokenNotValidYet):
		return unauthorized("the token is not valid for another %s (`nbf`); is the issuer's clock right?",
			off(c.NotBefore.Sub(now)))
	case errors.Is(err, jwt.ErrTokenUsedBeforeIssued):
		return unauthorized("the token was issued %s in the future (`iat`); is the issuer's clock right?",
			off(c.IssuedAt.Sub(now)))
	case errors.Is(err, jwt.ErrTokenExpired):
		return expired("the token expired %s ago (`exp`); get a fresh one", off(now.Sub(c.Expires.Time)))
	}
	return unauthorized("the token's claims are not acceptable")
}

func (a *jwtAuthenticator) missing(c *claims) error {
	switch {
	case c.Expires == nil:
		return unauthorized("the token never expires; `exp` is required")
	case a.cfg.Issuer != "" && c.Issuer == "":
		return unauthorized("the token has no issuer; `iss` must be %q", a.cfg.Issuer)
	default:
		return unauthorized("the token has no audience; %s must be or contain %s", a.audienceClaims(),
			either(a.cfg.Audiences))
	}
}

func (a *jwtAuthenticator) audienceClaims() string {
	return "`" + strings.Join(a.cfg.AudienceClaims, "` or `") + "`"
}

func headerAlg(t *jwt.Token) (string, bool) {
	if t == nil {
		return "", false
	}
	alg, ok := t.Header["alg"].(string)
	return alg, ok
}

func off(d time.Duration) time.Duration { return d.Round(time.Second) }
