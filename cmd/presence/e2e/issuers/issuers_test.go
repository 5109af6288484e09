package issuers

import (
	"net/http"
	"strconv"
	"testing"
	"time"
)

func issuers() []*issuer {
	return []*issuer{
		{
			name: "oidc-provider",
			command: func(address string) []string {
				return []string{"node", "oidc-provider/issuer.mjs", address, resource}
			},
			machine: "backend", secret: "secret", person: "access_token", service: "presence:service",
			flags: []string{"--jwt-audience=" + resource},
		},
		{
			name:    "zitadel",
			command: func(address string) []string { return []string{"bin/issuer", address} },
			machine: "sid1", secret: "verysecret", person: "id_token", service: "presence:service",
			flags: []string{"--jwt-audience=web", "--jwt-audience=sid1", "--jwt-scope-claim=roles"},
		},
	}
}

const heartbeats = `{"heartbeats":[]}`

// A person signs in by the issuer's form, a backend by its secret. Then the key is replaced, and
// the key server is down for a while: nobody is told that a token is bad that isn't.
func TestIssuers(t *testing.T) {
	t.Parallel()
	for _, i := range issuers() {
		t.Run(i.name, func(t *testing.T) {
			t.Parallel()
			i.start(t)
			keys := i.keyServer(t)
			n := newNode(t, append(i.flags, "--jwt-jwks-url="+keys.URL, "--jwt-issuer="+i.about.Issuer)...)
			i.people(t, n)
			i.rotation(t, n)
			i.outage(t, n, keys)
		})
	}
}

func (i *issuer) people(t *testing.T, n node) {
	t.Helper()
	person, backend := i.signIn(t, "test-user2", "verysecure"), i.backend(t)
	n.want(t, http.StatusOK, person, "GET", "/v1/presence?ids=a", "")
	n.want(t, http.StatusForbidden, person, "POST", "/v1/heartbeats", heartbeats)
	if m := hello(t, n.socket(t), person); m.Type != "welcome" || m.Participant == "" {
		t.Fatalf("a person's hello: %+v", m)
	}
	n.want(t, http.StatusOK, backend, "POST", "/v1/heartbeats", heartbeats)
	n.want(t, http.StatusForbidden, backend, "GET", "/v1/cluster", "")
	n.want(t, http.StatusUnauthorized, backend[:len(backend)-8]+"AAAAAAAA", "GET", "/v1/presence?ids=a", "")
}

// rotation: the first request, and the first hello, with the new key are good.
func (i *issuer) rotation(t *testing.T, n node) {
	t.Helper()
	i.rotate(t)
	if m := hello(t, n.socket(t), i.backend(t)); m.Type != "welcome" {
		t.Fatalf("a hello after the rotation: %+v", m)
	}
	n.want(t, http.StatusOK, i.signIn(t, "test-user2", "verysecure"), "GET", "/v1/presence?ids=a", "")
}

// outage: a key that can't be had now is no bad token. The same socket says hello again.
func (i *issuer) outage(t *testing.T, n node, keys *keyServer) {
	t.Helper()
	keys.down.Store(true)
	i.rotate(t)
	token := i.backend(t)
	res := n.want(t, http.StatusServiceUnavailable, token, "GET", "/v1/presence?ids=a", "")
	if after, err := strconv.Atoi(res.Header.Get("Retry-After")); err != nil || after < 1 {
		t.Errorf("Retry-After: %q", res.Header.Get("Retry-After"))
	}
	ws := n.socket(t)
	if m := hello(t, ws, token); m.Type != "error" || m.Code != "unavailable" {
		t.Fatalf("a hello while the key server is down: %+v", m)
	}
	keys.down.Store(false)
	for begun := time.Now(); ; {
		m := hello(t, ws, token)
		if m.Type == "welcome" {
			break
		}
		if m.Code != "unavailable" || time.Since(begun) > patience {
			t.Fatalf("a hello after the outage: %+v", m)
		}
	}
	n.want(t, http.StatusOK, token, "GET", "/v1/presence?ids=a", "")
}
