package auth

import (
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"time"
)

// JWTConfig says which tokens to believe. Exactly one of KeyFile and JWKSURL is set. What is left
// empty takes its default.
type JWTConfig struct {
	KeyFile string // a PEM public key, or an HS256 secret of at least 32 bytes; read once
	JWKSURL string // https, or http to loopback; fetched at the start and every 5 minutes
	Issuer  string // what `iss` must be; empty: anything

	Audiences      []string // one of these the audience must be or contain; none: anything
	AudienceClaims []string // where it is, the first that the token has: aud
	NoAudience     bool     // a token without any of these claims will do

	SubjectClaims []string // where the participant id is, the first that the token has: sub
	ScopeClaims   []string // where scopes are, all that the token has: scope
	ServiceScope  string   // of backends
	AdminScope    string   // of operators
	TenantsScope  string   // of those who may act in another tenant
	TenantClaim   string   // where the tenant is: tenant

	Ahead    time.Duration // how far the issuer's clock may be ahead (iat, nbf)
	MaxBytes int           // of a token

	Now func() time.Time // for tests; nil: time.Now
	Log *slog.Logger     // what happens to the JWKS; nil: slog.Default()
}

// Defaults of the settings, and their bounds.
const (
	ServiceScope = "presence:service"
	AdminScope   = "presence:admin"
	TenantsScope = "presence:tenants"
	TenantClaim  = "tenant"

	DefaultAhead, LeastAhead, MostAhead = 5 * time.Second, time.Second, 30 * time.Second

	// MaxTokenBytes is also what common proxies let through as a header.
	MaxTokenBytes, LeastTokenBytes, MostTokenBytes = 8 << 10, 1 << 10, 64 << 10

	maxClaimNames = 16
)

func (c JWTConfig) withDefaults() JWTConfig {
	if len(c.AudienceClaims) == 0 {
		c.AudienceClaims = []string{"aud"}
	}
	if len(c.SubjectClaims) == 0 {
		c.SubjectClaims = []string{"sub"}
	}
	if len(c.ScopeClaims) == 0 {
		c.ScopeClaims = []string{"scope"}
	}
	setDefault(&c.ServiceScope, ServiceScope)
	setDefault(&c.AdminScope, AdminScope)
	setDefault(&c.TenantsScope, TenantsScope)
	setDefault(&c.TenantClaim, TenantClaim)
	setDefault(&c.Ahead, DefaultAhead)
	setDefault(&c.MaxBytes, MaxTokenBytes)
	if c.Now == nil {
		c.Now = time.Now
	}
	if c.Log == nil {
		c.Log = slog.Default()
	}
	return c
}

func setDefault[T comparable](v *T, d T) {
	var zero T
	if *v == zero {
		*v = d
	}
}

// Validate says what can't be right about the claims that c names, and which bound is passed.
func (c JWTConfig) Validate() error {
	c = c.withDefaults()
	if c.Ahead < LeastAhead || c.Ahead > MostAhead {
		return fmt.Errorf("the issuer's clock may be ahead by %v; it must be %v to %v", c.Ahead, LeastAhead, MostAhead)
	}
	if c.MaxBytes < LeastTokenBytes || c.MaxBytes > MostTokenBytes {
		return fmt.Errorf("tokens of %d bytes; the limit must be %d to %d", c.MaxBytes, LeastTokenBytes, MostTokenBytes)
	}
	if c.NoAudience && len(c.Audiences) == 0 {
		return errors.New("tokens without an audience are good anyway as long as no audience is asked for")
	}
	return errors.Join(
		checkNames("subject claim", c.SubjectClaims), checkNames("scope claim", c.ScopeClaims),
		checkNames("audience claim", c.AudienceClaims), checkNames("audience", c.Audiences),
		checkScope("service scope", c.ServiceScope), checkScope("admin scope", c.AdminScope),
		checkScope("tenants scope", c.TenantsScope), checkNames("tenant claim", []string{c.TenantClaim}),
	)
}

// checkNames refuses names that would be in no token, or in every one.
func checkNames(what string, names []string) error {
	if len(names) > maxClaimNames {
		return fmt.Errorf("%d times %s; the limit is %d", len(names), what, maxClaimNames)
	}
	if slices.ContainsFunc(names, func(n string) bool { return strings.TrimSpace(n) != n || n == "" }) {
		return fmt.Errorf("%s: a name that is empty, or has spaces around it", what)
	}
	return nil
}

// checkScope refuses what a string of scopes could not hold. An empty one would be in each that has
// two spaces in a row.
func checkScope(what, scope string) error {
	if strings.ContainsAny(scope, " \t\r\n") {
		return fmt.Errorf("%s %q: one scope has no spaces", what, scope)
	}
	return nil
}

// either names claims as a person would.
func either(names []string) string {
	quoted := make([]string, len(names))
	for i, n := range names {
		quoted[i] = fmt.Sprintf("%q", n)
	}
	return strings.Join(quoted, " or ")
}

// Leeway is how long a token is good beyond its `exp`.
const Leeway = 2 * time.Second
