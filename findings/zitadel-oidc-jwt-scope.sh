#!/usr/bin/env bash
# zitadel/oidc v3.52.0: a JWT access token has no scope, though the answer beside it says which were granted.
#
# AccessTokenClaims has a field for it (`scope`), and the token endpoint answers "scope":"api:write". CreateJWT
# never sets the field: what is in the token comes from the storage alone (GetPrivateClaimsFromScopes), and the
# library's own example writes nothing there. The client believes that it has the scope, and the API that gets the
# token sees none. Nothing is logged.
#
# Below, the example's own service user asks for a scope, by client credentials; the one change is that its client
# asks for JWTs (AccessTokenTypeJWT), where the example has opaque tokens.
#
# Seen on 2026-11-27 with Go 1.26.8, linux/amd64:
#
#	the answer says: scope=api:write
#	the token says: aud client_id exp iat iss jti nbf sub
#
# What follows for users: have the storage write them, under a name of your own, and give that name to
# --jwt-scope-claim (docs/identity.md; cmd/presence/e2e/issuers does so).
set -euo pipefail

dir=$(mktemp -d)
trap 'chmod -R u+w "$dir"; rm -rf "$dir"' EXIT
cd "$dir"
printf 'module finding\n\ngo 1.26\n\nrequire github.com/zitadel/oidc/v3 v3.52.0\n' >go.mod
cat >main.go <<'GO'
package main

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"

	"net/http"

	"github.com/zitadel/oidc/v3/example/server/exampleop"
	"github.com/zitadel/oidc/v3/example/server/storage"
	"github.com/zitadel/oidc/v3/pkg/op"
)

type jwts struct{ *storage.Storage }

type client struct{ op.Client }

func (client) AccessTokenType() op.AccessTokenType { return op.AccessTokenTypeJWT }

func (j jwts) ClientCredentials(ctx context.Context, id, secret string) (op.Client, error) {
	c, err := j.Storage.ClientCredentials(ctx, id, secret)
	return client{c}, err
}

func main() {
	issuer := "http://127.0.0.1:9998/"
	store := jwts{storage.NewStorage(storage.NewUserStore(issuer))}
	quiet := slog.New(slog.NewTextHandler(io.Discard, nil))
	server := exampleop.SetupServer(issuer, store, quiet, false, op.WithAllowInsecure())
	form := url.Values{"grant_type": {"client_credentials"}, "scope": {"api:write"}}
	r := httptest.NewRequest(http.MethodPost, issuer+"oauth/token", strings.NewReader(form.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.SetBasicAuth("sid1", "verysecret")
	w := httptest.NewRecorder()
	server.ServeHTTP(w, r)
	var answer struct {
		Token string `json:"access_token"`
		Scope string `json:"scope"`
	}
	if err := json.Unmarshal(w.Body.Bytes(), &answer); err != nil {
		panic(err)
	}
	fmt.Println("the answer says: scope=" + answer.Scope)
	text, err := base64.RawURLEncoding.DecodeString(strings.Split(answer.Token, ".")[1])
	if err != nil {
		panic(err)
	}
	var claims map[string]any
	if err := json.Unmarshal(text, &claims); err != nil {
		panic(err)
	}
	fmt.Println("the token says:", strings.Join(slices.Sorted(maps.Keys(claims)), " "))
}
GO
timeout 300 go mod tidy >/dev/null 2>&1
got=$(timeout 300 go run .)
echo "$got"
want='the answer says: scope=api:write
the token says: aud client_id exp iat iss jti nbf sub'
[ "$got" = "$want" ] || { echo 'this has changed' >&2; exit 1; }
