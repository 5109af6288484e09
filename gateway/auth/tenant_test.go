package auth

import (
	"net/http"
	"strings"
	"testing"

	"github.com/scaiwave/presence/gateway/tenant"
	"github.com/scaiwave/presence/gateway/wire"
)

func TestTenantClaim(t *testing.T) {
	a := withKeyFile(t, testSecret)
	for claim, want := range map[string]tenant.Name{
		``:                               "",
		`,"Tenant":"acme"`:               "",
		`,"tenant":"acme"`:               "acme",
		`,"tenant":"me"`:                 "me",
		`,"tenant":"zo\u00eb"`:           "zoë",
		`,"tenant":"acme","org":"other"`: "acme",
	} {
		id, err := a.Authenticate(t.Context(), withClaims(t, `{"sub":"alice","exp":1900000000`+claim+`}`))
		if err != nil || id.Participant != want.Participant("alice") || id.Tenants {
			t.Errorf("%s: %+v, %v; want alice of %q", claim, id, err, want)
		}
	}
}

// A claim that is no tenant must not let its bearer in among participants of no tenant.
func TestBadTenantClaim(t *testing.T) {
	a := withKeyFile(t, testSecret)
	for claim, word := range map[string]string{
		`""`:                                "tenant is empty",
		`"a b"`:                             "U+0020",
		`"a,b"`:                             "U+002C",
		`"a\u001fb"`:                        "U+001F",
		`null`:                              `"tenant" has the wrong type`,
		`false`:                             `"tenant" has the wrong type`,
		`1`:                                 `"tenant" has the wrong type`,
		`["acme"]`:                          `"tenant" has the wrong type`,
		`{"a":"b"}`:                         `"tenant" has the wrong type`,
		`"a","tenant":"b"`:                  "repeated names",
		`"` + strings.Repeat("a", 65) + `"`: "65 bytes",
	} {
		id, err := a.Authenticate(t.Context(), withClaims(t, `{"sub":"alice","exp":1900000000,"tenant":`+claim+`}`))
		wantRefused(t, err, ErrUnauthorized, word)
		if id != (Identity{}) {
			t.Errorf("%s: %+v and an error", claim, id)
		}
	}
}

func TestTenantClaimByAnotherName(t *testing.T) {
	cfg := JWTConfig{KeyFile: keyFile(t, testSecret), Now: atEpoch, TenantClaim: "app.org", TenantsScope: "all-orgs"}
	a, err := NewJWT(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	id, err := a.Authenticate(t.Context(), withClaims(t,
		`{"sub":"alice","exp":1900000000,"tenant":"other","app":{"org":"acme"},"scope":"all-orgs"}`))
	if err != nil || id.Participant != tenant.Name("acme").Participant("alice") || !id.Tenants {
		t.Errorf("%+v, %v; want alice of acme, who may act in others", id, err)
	}
	if _, err := NewJWT(t.Context(), JWTConfig{KeyFile: cfg.KeyFile, TenantClaim: " org"}); err == nil {
		t.Error("a claim with a space before it is taken")
	}
}

// A name with dots is as strict: what is there and leads nowhere is no missing claim.
func TestNestedTenantClaim(t *testing.T) {
	a, err := NewJWT(t.Context(), JWTConfig{KeyFile: keyFile(t, testSecret), Now: atEpoch, TenantClaim: "app.org.id"})
	if err != nil {
		t.Fatal(err)
	}
	const refused = tenant.Name("refused")
	for claims, want := range map[string]tenant.Name{
		``:                                  "",
		`,"app":{}`:                         "",
		`,"app":{"org":{}}`:                 "",
		`,"app":{"org":{"id":"acme"}}`:      "acme",
		`,"app":{"org.id":"acme"}`:          "acme",
		`,"app.org":{"id":"acme"}`:          "acme",
		`,"app.org.id":"acme","app":1`:      "acme",
		`,"app.org":1,"app":{"org.id":"a"}`: "a",
		`,"app":null`:                       refused,
		`,"app":"acme"`:                     refused,
		`,"app":["acme"]`:                   refused,
		`,"app":{"org":null}`:               refused,
		`,"app":{"org":"acme"}`:             refused,
		`,"app":{"org":{"id":null}}`:        refused,
		`,"app":{"org":{"id":7}}`:           refused,
		`,"app":{"org.id":null}`:            refused,
		`,"app.org":7,"app":{}`:             refused,
		`,"app.org.id":null,"app":{}`:       refused,
	} {
		id, err := a.Authenticate(t.Context(), withClaims(t, `{"sub":"alice","exp":1900000000`+claims+`}`))
		if want == refused {
			wantRefused(t, err, ErrUnauthorized, `"app.org.id" has the wrong type`)
		} else if err != nil || id.Participant != want.Participant("alice") {
			t.Errorf("%s: %+v, %v; want alice of %q", claims, id, err, want)
		}
	}
}

func TestErrand(t *testing.T) {
	const acme, none = tenant.Name("acme"), tenant.Name("")
	may := Identity{Participant: acme.Participant("ada"), Tenants: true}
	mayNot := Identity{Participant: "ada", Service: true}
	for _, c := range []struct {
		id    Identity
		lines []string
		want  tenant.Name
		code  wire.Code
	}{
		{id: may, want: acme},
		{id: mayNot, want: none},
		{id: may, lines: []string{"other"}, want: "other"},
		{id: may, lines: []string{"acme"}, want: acme},
		{id: may, lines: []string{""}, want: none},
		{id: may, lines: []string{"a b"}, code: wire.BadRequest},
		{id: may, lines: []string{"a\x1fb"}, code: wire.BadRequest},
		{id: may, lines: []string{strings.Repeat("a", 65)}, code: wire.BadRequest},
		{id: may, lines: []string{"acme", "acme"}, code: wire.BadRequest},
		{id: mayNot, lines: []string{"acme"}, code: wire.Forbidden},
		{id: mayNot, lines: []string{""}, code: wire.Forbidden},
		{id: mayNot, lines: []string{"a b"}, code: wire.Forbidden},
		{id: mayNot, lines: []string{"a", "b"}, code: wire.Forbidden},
	} {
		h := http.Header{}
		if c.lines != nil {
			h[TenantHeader] = c.lines
		}
		id, err := c.id.On(ErrandOf(h))
		switch {
		case c.code != "":
			if e := wire.FromError(err); e.Code != c.code || id != (Identity{}) {
				t.Errorf("%q: %+v, %v; want %s", c.lines, id, err, c.code)
			}
		case err != nil || id.Participant != c.want.Participant("ada") || id.Service != c.id.Service:
			t.Errorf("%q: %+v, %v; want ada of %q", c.lines, id, err, c.want)
		}
	}
}
