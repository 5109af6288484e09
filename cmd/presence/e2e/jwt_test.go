package e2e

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"
)

func TestJWTClaims(t *testing.T) {
	t.Parallel()
	s := start(t, "--auth=jwt", "--jwt-key-file="+writeFile(t, "key", secret+"\n"), "--jwt-issuer=https://id.example",
		"--jwt-audience=presence")
	claims := func(change jwt.MapClaims) jwt.MapClaims {
		c := jwt.MapClaims{"sub": "ann", "iss": "https://id.example", "aud": "presence"}
		for k, v := range change {
			if d, ok := v.(time.Duration); ok {
				v = float64(time.Now().Add(d).UnixMilli()) / 1000
			}
			c[k] = v
		}
		return c
	}
	for name, tc := range map[string]struct {
		change jwt.MapClaims
		ok     bool
	}{
		"good":                       {nil, true},
		"audience list":              {jwt.MapClaims{"aud": []string{"other", "presence"}}, true},
		"expired five seconds ago":   {jwt.MapClaims{"exp": -5 * time.Second}, false},
		"no exp":                     {jwt.MapClaims{"exp": nil}, false},
		"exp is a string":            {jwt.MapClaims{"exp": "tomorrow"}, false},
		"not before in a second":     {jwt.MapClaims{"nbf": time.Second}, true},
		"issued in 3 s":              {jwt.MapClaims{"iat": 3 * time.Second, "nbf": 3 * time.Second}, true},
		"not before in an hour":      {jwt.MapClaims{"nbf": time.Hour}, false},
		"other issuer":               {jwt.MapClaims{"iss": "https://evil.example"}, false},
		"no issuer":                  {jwt.MapClaims{"iss": ""}, false},
		"other audience":             {jwt.MapClaims{"aud": "other"}, false},
		"no audience":                {jwt.MapClaims{"aud": []string{}}, false},
		"no sub":                     {jwt.MapClaims{"sub": ""}, false},
		"sub is no id":               {jwt.MapClaims{"sub": "a b"}, false},
		"sub is me":                  {jwt.MapClaims{"sub": "me"}, false},
		"sub is too long":            {jwt.MapClaims{"sub": strings.Repeat("x", 129)}, false},
		"sub is as long as may be":   {jwt.MapClaims{"sub": strings.Repeat("x", 128)}, true},
		"a scope that is none of us": {jwt.MapClaims{"scope": "email profile"}, true},
	} {
		t.Run(name, func(t *testing.T) {
			c := s.as(hs256.token(t, claims(tc.change)))
			r := c.get(t, "/v1/presence?ids=a")
			if tc.ok {
				r.want(t, 200)
			} else {
				r.problem(t, 401, "unauthorized")
			}
			w := c.mute(t)
			w.send(t, c.helloMessage(nil))
			switch {
			case tc.ok:
				w.awaitType(t, "welcome")
			case strings.HasPrefix(name, "expired"):
				w.wantClose(t, 4002)
			default:
				w.wantClose(t, 4001)
			}
		})
	}
	s.as("service").get(t, "/v1/presence?ids=a").problem(t, 401, "unauthorized")
	s.as("").get(t, "/v1/presence?ids=a").problem(t, 401, "unauthorized")
}

func TestJWTScopes(t *testing.T) {
	t.Parallel()
	s := start(t, "--auth=jwt", "--jwt-key-file="+writeFile(t, "key", secret))
	as := func(sub, scope string) caller {
		return s.as(hs256.token(t, jwt.MapClaims{"sub": sub, "scope": scope}))
	}
	ann, backend, admin := as("ann", ""), as("backend", "email presence:service"), as("root", "presence:admin")
	both, close := as("both", "presence:admin presence:service"),
		as("close", "presence:services xpresence:service presence:service,presence:admin")
	ann.beat(t, "phone", "online")
	ann.override(t, "appear_offline")
	beat := obj{"activity": "online"}
	for _, tc := range []struct {
		name, method, path string
		body               any
		allowed            []caller
	}{
		{"heartbeat", "PUT", "/v1/presence/ann/devices/d", beat, []caller{ann, backend, both}},
		{
			"override", "PUT", "/v1/presence/ann/override",
			obj{"override": "appear_offline"},
			[]caller{ann, backend, both},
		},
		{"sign out", "DELETE", "/v1/presence/ann/devices/d", nil, []caller{ann, backend, both}},
		{"heartbeats", "POST", "/v1/heartbeats", obj{"heartbeats": []any{}}, []caller{backend, both}},
		{"kind", "PUT", "/v1/participants/bot", obj{"kind": "model"}, []caller{backend, both}},
		{"viewer", "GET", "/v1/presence?ids=ann&viewer=ann", nil, []caller{backend, both}},
		{"cluster", "GET", "/v1/cluster", nil, []caller{admin, both}},
	} {
		for name, c := range map[string]caller{
			"ann": ann, "backend": backend, "admin": admin, "both": both,
			"close": close,
		} {
			may := false
			for _, a := range tc.allowed {
				may = may || a == c
			}
			r := c.do(t, tc.method, tc.path, tc.body)
			if (r.status == 403) == may {
				t.Errorf("%s by %s: %d %.200s", tc.name, name, r.status, r.body)
			}
			if !may {
				r.problem(t, 403, "forbidden")
			}
		}
	}
	for name, c := range map[string]caller{"admin": admin, "both": both, "ann": ann} {
		if v := c.view(t, "ann"); v.State != "appear_offline" || v.Override != "appear_offline" || len(v.Devices) != 1 {
			t.Errorf("%s inspects %+v", name, v)
		}
	}
	for name, c := range map[string]caller{"backend": backend, "close": close} {
		if v := c.view(t, "ann"); v.State != "offline" || v.Override != "" || v.Devices != nil {
			t.Errorf("%s sees %+v", name, v)
		}
	}
	admin.wantState(t, "ann", "offline")
}

// TestJWTSettings: where other identity providers put things, and tokens that are larger than
// usual.
func TestJWTSettings(t *testing.T) {
	t.Parallel()
	s := start(t, "--auth=jwt", "--jwt-key-file="+writeFile(t, "key", secret), "--jwt-audience=web",
		"--jwt-audience=job",
		"--jwt-audience-claim=aud", "--jwt-audience-claim=client_id", "--jwt-subject-claim=sub",
		"--jwt-subject-claim=client_id",
		"--jwt-scope-claim=scope", "--jwt-scope-claim=realm_access.roles", "--jwt-service-scope=api/presence.service",
		"--jwt-admin-scope=ops", "--jwt-leeway=30s", "--jwt-max-size=24KiB")
	ahead := time.Now().Add(20 * time.Second).Unix()
	ann := s.as(hs256.token(t, jwt.MapClaims{
		"sub": "ann", "client_id": "web", "iat": ahead, "scope": 7,
		"groups": strings.Repeat("g", 15<<10),
	}))
	job := s.as(hs256.token(t, jwt.MapClaims{"client_id": "job", "scope": []string{"api/presence.service"}}))
	ops := s.as(hs256.token(t, jwt.MapClaims{
		"sub": "root", "aud": []string{"web"},
		"realm_access": obj{"roles": []string{"ops"}},
	}))
	if f := ann.mute(t).want(t, "welcome", ann.helloMessage(nil)); f.ParticipantID != "ann" {
		t.Errorf("%s", f.raw)
	}
	ann.get(t, "/v1/presence?ids=a").want(t, 200)
	for name, c := range map[string]caller{"ann": ann, "job": job, "ops": ops} {
		status := map[bool]int{true: 200, false: 403}
		c.do(t, "POST", "/v1/heartbeats", obj{"heartbeats": []any{}}).want(t, status[name == "job"])
		c.get(t, "/v1/cluster").want(t, status[name == "ops"])
	}
	for says, claims := range map[string]jwt.MapClaims{
		"another audience":      {"sub": "ann", "aud": "other", "client_id": "web"},
		"has no audience":       {"sub": "ann"},
		"no claim":              {"aud": "web"},
		"the limit is 24576":    {"sub": "ann", "client_id": "web", "groups": strings.Repeat("g", 19<<10)},
		"must be a participant": {"sub": "CN=Ada Lovelace,OU=x", "client_id": "web"},
	} {
		r := s.as(hs256.token(t, claims)).get(t, "/v1/presence?ids=a")
		r.problem(t, 401, "unauthorized")
		if !strings.Contains(r.body, says) {
			t.Errorf("%s doesn't say %q", r.body, says)
		}
	}
}

// TestTokenExpires: the socket of a token that has expired is closed with 4002
// and its device keeps its deadline; a fresh token in time goes on.
func TestTokenExpires(t *testing.T) {
	t.Parallel()
	s := start(t, "--auth=jwt", "--jwt-key-file="+writeFile(t, "key", secret), "--linger=1ms")
	brief := func(sub string) caller {
		return s.as(hs256.token(t, jwt.MapClaims{"sub": sub, "exp": time.Now().Add(2 * time.Second).Unix()}))
	}
	long := func(sub string) caller { return s.as(hs256.token(t, jwt.MapClaims{"sub": sub})) }
	viewer := long("viewer").connect(t, "")
	viewer.watch(t, "ann", "bob")
	ann, bob := brief("ann").connect(t, "d"), brief("bob").connect(t, "d")
	bob.want(t, "ok", obj{"type": "auth", "token": long("bob").token})
	ann.wantClose(t, 4002)
	long("viewer").wantState(t, "ann", "online")
	bob.want(t, "ok", obj{"type": "heartbeat", "activity": "idle"})
	viewer.awaitState(t, "bob", "idle")
	viewer.wantHistory(t, "ann", "offline", "online")

	bob.send(t, obj{"type": "auth", "token": long("ann").token})
	bob.wantClose(t, 4001)
	eve := long("eve").connect(t, "d")
	eve.send(t, obj{"type": "auth", "token": "garbage"})
	eve.wantClose(t, 4001)
}

// TestJWTInUpgradeHeader: a browser sends it in hello, others may send it with
// the upgrade.
func TestJWTInUpgradeHeader(t *testing.T) {
	t.Parallel()
	s := start(t, "--auth=jwt", "--jwt-key-file="+writeFile(t, "key", secret))
	c := s.as(hs256.token(t, jwt.MapClaims{"sub": "ann"}))
	conn, _, err := c.dial(t, http.Header{"Authorization": {"Bearer " + c.token}})
	if err != nil {
		t.Fatal(err)
	}
	if f := listen(t, "header", conn).want(t, "welcome", obj{"type": "hello"}); f.ParticipantID != "ann" {
		t.Errorf("%s", f.raw)
	}
	conn, _, err = c.dial(t, http.Header{"Authorization": {"Bearer garbage"}})
	if err != nil {
		return // refused before the upgrade
	}
	w := listen(t, "garbage", conn)
	w.send(t, obj{"type": "hello"})
	w.wantClose(t, 4001)
}
