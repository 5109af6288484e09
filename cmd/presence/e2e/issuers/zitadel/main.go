// Command issuer is an identity provider made of github.com/zitadel/oidc and its own example, on
// loopback. It makes its key when it starts: a restart is a rotation that nobody announced.
//
//	issuer 127.0.0.1:9998
package main

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"os"

	"github.com/zitadel/oidc/v3/example/server/exampleop"
	"github.com/zitadel/oidc/v3/example/server/storage"
	"github.com/zitadel/oidc/v3/pkg/op"
)

// machines has backends get JWTs, where the example gives them opaque tokens.
type machines struct{ *storage.Storage }

type machine struct{ op.Client }

func (machine) AccessTokenType() op.AccessTokenType { return op.AccessTokenTypeJWT }

// ClientCredentials is op.ClientCredentialsStorage's.
func (m machines) ClientCredentials(ctx context.Context, id, secret string) (op.Client, error) {
	c, err := m.Storage.ClientCredentials(ctx, id, secret)
	if err != nil {
		return nil, err
	}
	return machine{c}, nil
}

// GetPrivateClaimsFromScopes is op.Storage's. The library tells the client which scopes it has, and
// writes none into the token: the storage has to.
func (machines) GetPrivateClaimsFromScopes(_ context.Context, _, _ string, scopes []string) (map[string]any, error) {
	return map[string]any{"roles": scopes}, nil
}

func main() {
	address := os.Args[1]
	issuer := "http://" + address + "/"
	storage.RegisterClients(storage.WebClient("web", "secret", issuer+"callback"))
	store := machines{storage.NewStorage(storage.NewUserStore(issuer))}
	router := exampleop.SetupServer(issuer, store, slog.Default(), false, op.WithAllowInsecure())
	if err := http.ListenAndServe(address, router); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
