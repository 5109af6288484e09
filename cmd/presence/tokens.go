package main

import (
	"fmt"
	"log/slog"
	"strings"
	"time"

	"github.com/scaiwave/presence/gateway/auth"
)

// tokenSettings say where identity providers put things. The defaults are those of RFC 7519 and RFC
// 9068.
type tokenSettings struct {
	JWTAudience      []string      `name:"jwt-audience" placeholder:"TEXT" help:"What aud must be or contain. May be repeated: one of them is enough. Anything if not given."`
	JWTAudienceClaim []string      `name:"jwt-audience-claim" default:"aud" placeholder:"CLAIM" help:"Where the audience is, such as client_id or azp. May be repeated: the first that the token has counts."`
	JWTNoAudience    bool          `name:"jwt-no-audience" help:"Also take tokens without any --jwt-audience-claim. Those that have one must still fit."`
	JWTSubjectClaim  []string      `name:"jwt-subject-claim" default:"sub" placeholder:"CLAIM" help:"Where the participant id is. May be repeated, such as sub and client_id, as tokens of backends may have no sub: the first that the token has counts."`
	JWTScopeClaim    []string      `name:"jwt-scope-claim" default:"scope" placeholder:"CLAIM" help:"Where scopes are: a string with spaces, or a list of strings. May be repeated: all count. Dots lead into objects: realm_access.roles."`
	JWTServiceScope  string        `name:"jwt-service-scope" default:"${service_scope}" placeholder:"SCOPE" help:"The scope, or role, of backends, such as api/presence.service."`
	JWTAdminScope    string        `name:"jwt-admin-scope" default:"${admin_scope}" placeholder:"SCOPE" help:"The scope, or role, of operators."`
	JWTTenantsScope  string        `name:"jwt-tenants-scope" default:"${tenants_scope}" placeholder:"SCOPE" help:"The scope, or role, of those who may act in another tenant by the header Presence-Tenant."`
	JWTTenantClaim   string        `name:"jwt-tenant-claim" default:"${tenant_claim}" placeholder:"CLAIM" help:"Where the tenant is. A token without it belongs to none."`
	JWTLeeway        time.Duration `name:"jwt-leeway" default:"${leeway}" placeholder:"TIME" help:"How far the issuer's clock may be ahead (iat, nbf), ${leeways}. exp has 2 s, always."`
	JWTMaxSize       size          `name:"jwt-max-size" default:"${token_size}" placeholder:"SIZE" help:"The largest token, ${token_sizes}. Headers and the first message on a socket may then be 8 KiB larger, and 16 KiB at least."`
}

// jwtFlag begins the names of what is about signed tokens.
const jwtFlag = "jwt-"

// jwtFlags are those that were given.
func jwtFlags(given []string) (flags []string) {
	for _, name := range given {
		if strings.HasPrefix(name, jwtFlag) {
			flags = append(flags, "--"+name)
		}
	}
	return flags
}

// jwt is how signed tokens are judged.
func (c *serveCommand) jwt(log *slog.Logger) auth.JWTConfig {
	return auth.JWTConfig{
		KeyFile: c.JWTKeyFile, JWKSURL: c.JWTJWKSURL, Issuer: c.JWTIssuer,
		Audiences: c.JWTAudience, AudienceClaims: c.JWTAudienceClaim, NoAudience: c.JWTNoAudience,
		SubjectClaims: c.JWTSubjectClaim, ScopeClaims: c.JWTScopeClaim,
		ServiceScope: c.JWTServiceScope, AdminScope: c.JWTAdminScope,
		TenantsScope: c.JWTTenantsScope, TenantClaim: c.JWTTenantClaim,
		Ahead: c.JWTLeeway, MaxBytes: int(c.JWTMaxSize), Log: log,
	}
}

// checkClaims asks the package that knows the bounds.
func (c *serveCommand) checkClaims() error {
	if c.insecure() {
		return nil
	}
	if err := c.jwt(nil).Validate(); err != nil {
		return fmt.Errorf("--jwt-… settings: %w", err)
	}
	return nil
}
