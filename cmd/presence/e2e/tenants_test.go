package e2e

import (
	"strings"
	"testing"

	"github.com/golang-jwt/jwt/v5"
)

// One name in two tenants is two participants, over HTTP and by the commands.
func TestTenants(t *testing.T) {
	t.Parallel()
	s := calm.get(t)
	ann := who("ann")
	s.as("acme "+ann).beat(t, "phone", "online")
	for token, state := range map[string]string{"acme bob": "online", "bob": "offline", "other bob": "offline"} {
		s.as(token).wantState(t, ann, state)
	}
	get := func(token string, args ...string) string {
		t.Helper()
		env := []string{"PRESENCE_SERVER=" + s.url, "PRESENCE_TOKEN=" + token}
		out, _ := runOnce(t, env, append([]string{"get", ann, who("nobody")}, args...)...)
		return out
	}
	if out := get(service, "--tenant=acme"); !line(ann, "online").MatchString(out) {
		t.Errorf("get --tenant=acme: %s", out)
	}
	if out := get(service); !line(ann, "offline").MatchString(out) {
		t.Errorf("get without --tenant: %s", out)
	}
	if out := get("bob", "--tenant=acme"); !strings.Contains(out, "presence:tenants") {
		t.Errorf("get --tenant=acme by somebody who may not: %s", out)
	}
	watch := s.as(service).typed(t, "watch", ann, "--tenant=acme")
	eventually(t, "watch shows online", func() bool { return line(ann, "online").MatchString(watch.out.String()) })
}

func TestTenantClaim(t *testing.T) {
	t.Parallel()
	s := start(t, "--auth=jwt", "--jwt-key-file="+writeFile(t, "key", secret), "--jwt-tenant-claim=org")
	as := func(sub string, org ...any) caller {
		claims := jwt.MapClaims{"sub": sub, "tenant": "nobody's"}
		if len(org) > 0 {
			claims["org"] = org[0]
		}
		return s.as(hs256.token(t, claims))
	}
	as("ann", "acme").beat(t, "phone", "online")
	as("bob", "acme").wantState(t, "ann", "online")
	as("bob", "other").wantState(t, "ann", "offline")
	as("bob").wantState(t, "ann", "offline")
	for _, bad := range []any{nil, "", "a b", 1, []string{"acme"}, strings.Repeat("x", 65)} {
		as("bob", bad).get(t, "/v1/presence?ids=a").problem(t, 401, "unauthorized")
	}
}
