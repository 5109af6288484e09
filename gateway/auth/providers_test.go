package auth

import (
	"strings"
	"testing"

	"github.com/scaiwave/presence/gateway/tenant"
)

// providers are tokens in the shape that each provider documents, with the settings of
// docs/identity.md: a person's, and a backend's.
var providers = map[string]struct {
	cfg             JWTConfig
	person, backend string // claims without times
	id, machine     string
	// an operator's id and claims, and those of a token for something else; empty: none
	operator, admin, stranger string
}{
	"Keycloak": {
		cfg: JWTConfig{
			Issuer: "https://kc/realms/r", Audiences: []string{"app", "backend"}, AudienceClaims: []string{"azp"},
			ScopeClaims: []string{"realm_access.roles"}, ServiceScope: "presence-service", AdminScope: "presence-admin",
		},
		person:   `"iss":"https://kc/realms/r","aud":"account","sub":"f81d4fae-7dec-11d0-a765-00a0c91e6bf6","typ":"Bearer","azp":"app","realm_access":{"roles":["offline_access","uma_authorization"]},"resource_access":{"account":{"roles":["view-profile"]}},"scope":"openid profile email presence-service"`,
		backend:  `"iss":"https://kc/realms/r","aud":"account","sub":"0b4bd6a3","typ":"Bearer","azp":"backend","realm_access":{"roles":["presence-service"]},"scope":"profile email"`,
		admin:    `"iss":"https://kc/realms/r","sub":"root","azp":"app","realm_access":{"roles":["presence-admin"]}`,
		operator: "root",
		stranger: `"iss":"https://kc/realms/r","sub":"x","azp":"other"`,
		id:       "f81d4fae-7dec-11d0-a765-00a0c91e6bf6", machine: "0b4bd6a3",
	},
	"Keycloak, roles of a client with dots": {
		cfg:     JWTConfig{ScopeClaims: []string{"resource_access.presence.example.com.roles"}},
		person:  `"sub":"a","resource_access":{"account":{"roles":["presence:service"]}}`,
		backend: `"sub":"b","resource_access":{"presence.example.com":{"roles":["presence:service"]}}`,
		id:      "a", machine: "b",
	},
	"Auth0": {
		cfg:      JWTConfig{Issuer: "https://t.auth0.com/", Audiences: []string{"https://presence"}},
		person:   `"iss":"https://t.auth0.com/","sub":"auth0|123456","aud":["https://presence","https://t.auth0.com/userinfo"],"azp":"spa","scope":"openid profile"`,
		backend:  `"iss":"https://t.auth0.com/","sub":"awZf@clients","aud":"https://presence","azp":"awZf","scope":"presence:service","gty":"client-credentials"`,
		stranger: `"iss":"https://t.auth0.com/","sub":"auth0|123456","aud":"https://other"`,
		id:       "auth0|123456", machine: "awZf@clients",
	},
	"Auth0 with RBAC, and a claim of its own": {
		cfg:      JWTConfig{ScopeClaims: []string{"permissions", "https://example.com/roles"}},
		person:   `"sub":"google-oauth2|1","permissions":[],"scope":"presence:service"`,
		backend:  `"sub":"b","permissions":["presence:service"]`,
		admin:    `"sub":"auth0|7","https://example.com/roles":["presence:admin"]`,
		operator: "auth0|7",
		id:       "google-oauth2|1", machine: "b",
	},
	"Okta": {
		cfg: JWTConfig{
			Issuer: "https://o.okta.com/oauth2/default", Audiences: []string{"api://default"},
			ScopeClaims:   []string{"scp"},
			SubjectClaims: []string{"uid", "sub"},
		},
		person:  `"ver":1,"iss":"https://o.okta.com/oauth2/default","aud":"api://default","cid":"0oa1","uid":"00u1","scp":["openid"],"sub":"ada@example.com"`,
		backend: `"ver":1,"iss":"https://o.okta.com/oauth2/default","aud":"api://default","cid":"0oa2","scp":["presence:service"],"sub":"0oa2"`,
		id:      "00u1", machine: "0oa2",
	},
	"Entra ID": {
		cfg: JWTConfig{
			Issuer: "https://login/t/v2.0", Audiences: []string{"11111111-2222"}, SubjectClaims: []string{"oid"},
			ScopeClaims: []string{"roles"}, ServiceScope: "Presence.Service", AdminScope: "Presence.Admin",
		},
		person:   `"aud":"11111111-2222","iss":"https://login/t/v2.0","nbf":1799999690,"azp":"c","scp":"access_as_user","sub":"pairwise","oid":"aaaa","tid":"t","ver":"2.0"`,
		backend:  `"aud":"11111111-2222","iss":"https://login/t/v2.0","azp":"d","roles":["Presence.Service"],"sub":"bbbb","oid":"bbbb","idtyp":"app","ver":"2.0"`,
		admin:    `"aud":"11111111-2222","iss":"https://login/t/v2.0","roles":["Presence.Admin"],"scp":"access_as_user","oid":"cccc"`,
		operator: "cccc",
		id:       "aaaa", machine: "bbbb",
	},
	"Cognito": {
		cfg: JWTConfig{
			Issuer: "https://cognito/p", Audiences: []string{"web", "job"},
			AudienceClaims: []string{"aud", "client_id"},
			SubjectClaims:  []string{"sub", "client_id"}, ServiceScope: "api/presence.service",
		},
		person:   `"sub":"aaaa","cognito:groups":["admins"],"iss":"https://cognito/p","client_id":"web","token_use":"access","scope":"aws.cognito.signin.user.admin","username":"ada"`,
		backend:  `"iss":"https://cognito/p","client_id":"job","token_use":"access","scope":"api/presence.service","version":2`,
		stranger: `"sub":"aaaa","iss":"https://cognito/p","aud":"other","client_id":"web"`,
		id:       "aaaa", machine: "job",
	},
	"Firebase": {
		cfg: JWTConfig{
			Issuer: "https://securetoken.google.com/p", Audiences: []string{"p"},
			ScopeClaims: []string{"presence"},
		},
		person:  `"name":"presence:service","iss":"https://securetoken.google.com/p","aud":"p","auth_time":1799999990,"user_id":"u1","sub":"u1","firebase":{"identities":{},"sign_in_provider":"password"}`,
		backend: `"presence":["presence:service"],"iss":"https://securetoken.google.com/p","aud":"p","sub":"backend"`,
		id:      "u1", machine: "backend",
	},
	"Supabase": {
		cfg: JWTConfig{
			Issuer: "https://r.supabase.co/auth/v1", Audiences: []string{"authenticated"},
			ScopeClaims: []string{"app_metadata.presence"},
		},
		person:  `"iss":"https://r.supabase.co/auth/v1","sub":"aaaa","aud":"authenticated","role":"authenticated","aal":"aal1","app_metadata":{"provider":"email"},"user_metadata":{"presence":["presence:service"]}`,
		backend: `"iss":"https://r.supabase.co/auth/v1","sub":"bbbb","aud":"authenticated","app_metadata":{"presence":["presence:service"]}`,
		id:      "aaaa", machine: "bbbb",
	},
	"Ory": {
		cfg: JWTConfig{
			Issuer: "https://h", Audiences: []string{"presence"}, NoAudience: true,
			ScopeClaims: []string{"scp", "scope"},
		},
		person:   `"iss":"https://h","sub":"aaaa","aud":[],"client_id":"web","ext":{},"jti":"j","nbf":1799999990,"scp":["openid"]`,
		backend:  `"iss":"https://h","sub":"job","aud":["presence"],"client_id":"job","scp":["presence:service"]`,
		stranger: `"iss":"https://h","sub":"job","aud":["other"],"scp":["presence:service"]`,
		id:       "aaaa", machine: "job",
	},
	"Dex": {
		cfg: JWTConfig{
			Issuer: "https://h/dex", Audiences: []string{"app"}, ScopeClaims: []string{"groups"},
			ServiceScope: "backends",
		},
		person:  `"iss":"https://h/dex","sub":"CgcyMzQyNzQ5EgZnaXRodWI","aud":"app","at_hash":"b","email":"jane@example.com","email_verified":true,"groups":["developers"],"name":"Jane"`,
		backend: `"iss":"https://h/dex","sub":"Cgdi","aud":"app","groups":["backends"]`,
		id:      "CgcyMzQyNzQ5EgZnaXRodWI", machine: "Cgdi",
	},
}

// providerTimes are the times of these tokens.
const providerTimes = `"iat":1799999990,"exp":1800003600,`

func TestProviders(t *testing.T) {
	for name, c := range providers {
		t.Run(name, func(t *testing.T) {
			cfg := c.cfg
			cfg.KeyFile, cfg.Now = keyFile(t, testSecret), atEpoch
			a, err := NewJWT(t.Context(), cfg)
			if err != nil {
				t.Fatal(err)
			}
			check := func(claims string, want Identity) {
				t.Helper()
				id, err := a.Authenticate(t.Context(), withClaims(t, "{"+providerTimes+claims+"}"))
				want.Expires = id.Expires
				if err != nil || id != want {
					t.Errorf("%s: %+v, %v; want %+v", claims, id, err, want)
				}
			}
			check(c.person, Identity{Participant: tenant.Participant(c.id)})
			check(c.backend, Identity{Participant: tenant.Participant(c.machine), Service: true})
			if c.admin != "" {
				check(c.admin, Identity{Participant: tenant.Participant(c.operator), Admin: true})
			}
			if c.stranger != "" {
				_, err := a.Authenticate(t.Context(), withClaims(t, "{"+providerTimes+c.stranger+"}"))
				wantRefused(t, err, ErrUnauthorized, "audience")
			}
		})
	}
}

// The first of these claims that the token has counts, and an id that is none is named with its
// claim.
func TestSubjectClaims(t *testing.T) {
	a, err := NewJWT(t.Context(), JWTConfig{
		KeyFile: keyFile(t, testSecret), Now: atEpoch,
		SubjectClaims: []string{"sub", "user.id", "client_id"},
	})
	if err != nil {
		t.Fatal(err)
	}
	for claims, c := range map[string]struct{ id, word string }{
		`"sub":"ada","client_id":"job"`:           {"ada", ""},
		`"client_id":"job"`:                       {"job", ""},
		`"sub":null,"user":{"id":"u"}`:            {"u", ""},
		`"user":"u","client_id":"job"`:            {"job", ""},
		`"sub":"","client_id":"job"`:              {"", "empty"},
		`"sub":7,"client_id":"job"`:               {"", `"sub" has the wrong type`},
		`"client_id":"CN=Ada Lovelace,OU=People"`: {"", `claim "client_id" must be a participant id`},
		`"azp":"job"`:                             {"", `no claim "sub" or "user.id" or "client_id"`},
	} {
		id, err := a.Authenticate(t.Context(), withClaims(t, `{"exp":1900000000,`+claims+`}`))
		if c.word != "" {
			wantRefused(t, err, ErrUnauthorized, c.word)
		} else if err != nil || id.Participant.ID() != c.id {
			t.Errorf("%s: %+v, %v; want %s", claims, id, err, c.id)
		}
	}
}

// How far an issuer's clock may be ahead is a setting; the age of a token isn't.
func TestAhead(t *testing.T) {
	a, err := NewJWT(t.Context(), JWTConfig{KeyFile: keyFile(t, testSecret), Now: atEpoch, Ahead: MostAhead})
	if err != nil {
		t.Fatal(err)
	}
	for claims, word := range map[string]string{
		`"exp":1900000000,"iat":1800000030,"nbf":1800000030`: "",
		`"exp":1900000000,"iat":1800000031`:                  "issued 31s in the future",
		`"exp":1900000000,"nbf":1800000031`:                  "not valid for another 31s",
	} {
		_, err := a.Authenticate(t.Context(), withClaims(t, `{"sub":"a",`+claims+`}`))
		if word == "" && err != nil {
			t.Errorf("%s: %v", claims, err)
		} else if word != "" {
			wantRefused(t, err, ErrUnauthorized, word)
		}
	}
	_, err = a.Authenticate(t.Context(), withClaims(t, `{"sub":"a","exp":1799999997}`))
	wantRefused(t, err, ErrExpired, "expired 3s ago")
}

// 150 groups are more than the usual size.
func TestMaxBytes(t *testing.T) {
	claims := `{"sub":"a","exp":1900000000,"groups":["` +
		strings.Repeat(`/staff/0f8fad5b-d9cb-469f-a165-70867728950e","`, 150) + `"]}`
	_, err := withKeyFile(t, testSecret).Authenticate(t.Context(), withClaims(t, claims))
	wantRefused(t, err, ErrUnauthorized, "the limit is 8192")
	a, err := NewJWT(t.Context(), JWTConfig{KeyFile: keyFile(t, testSecret), Now: atEpoch, MaxBytes: 16 << 10})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := a.Authenticate(t.Context(), withClaims(t, claims)); err != nil {
		t.Error(err)
	}
}

func TestBadClaimSettings(t *testing.T) {
	for word, cfg := range map[string]JWTConfig{
		"1s to 30s":                      {Ahead: 31 * MostAhead / 30},
		"1024 to 65536":                  {MaxBytes: 100},
		"anyway":                         {NoAudience: true},
		"subject claim":                  {SubjectClaims: []string{"sub", ""}},
		"scope claim":                    {ScopeClaims: []string{" scope"}},
		"audience claim":                 {AudienceClaims: []string{""}},
		"audience: a name":               {Audiences: []string{""}},
		"the limit is 16":                {Audiences: make([]string, 17)},
		`service scope "a b"`:            {ServiceScope: "a b"},
		`admin scope "presence:admin\t"`: {AdminScope: "presence:admin\t"},
	} {
		cfg.KeyFile = keyFile(t, testSecret)
		if _, err := NewJWT(t.Context(), cfg); err == nil || !strings.Contains(err.Error(), word) {
			t.Errorf("%v doesn't say %q", err, word)
		}
	}
}
