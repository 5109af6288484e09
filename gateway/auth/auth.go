package auth

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/scaiwave/presence/gateway/tenant"
	"github.com/scaiwave/presence/gateway/wire"
)

// What Authenticate and Bearer fail with. Each comes wrapped with a detail that may be shown to the
// caller, and with the *wire.Error that says it on the wire. Test for ErrExpired first: it is an
// ErrUnauthorized too.
var (
	// the token is not to be believed; the same one never will be
	ErrUnauthorized = errors.New("unauthorized")
	// good in all but its age; a fresh one will do
	ErrExpired = fmt.Errorf("%w: the token has expired", ErrUnauthorized)
	// says nothing about the token; it may be sent again
	ErrUnavailable = errors.New("no keys to check tokens with yet")
)

// Identity is what a token says of its bearer.
type Identity struct {
	Participant tenant.Participant // of the token's tenant
	Service     bool               // presence:service: may act for any participant and ask as any viewer
	Admin       bool               // presence:admin: may read the cluster and inspect participants
	Tenants     bool               // presence:tenants: may act in another tenant

	Expires time.Time // from here on Authenticate answers ErrExpired, the leeway included; zero: never
}

// Authenticator tells who bears a token. It is safe for concurrent use and does no I/O. A token
// whose key isn't known may wait for up to 2 s until the keys have been fetched; where ctx has
// ended, nothing waits.
type Authenticator interface {
	Authenticate(ctx context.Context, token string) (Identity, error)
}

// Ready is nil once a can judge tokens, ErrUnavailable until then; for a readiness check.
func Ready(a Authenticator) error {
	if r, ok := a.(interface{ ready() error }); ok {
		return r.ready()
	}
	return nil
}

// refusal is an error that is known by its kind here and by its code on the wire.
type refusal struct {
	kind  error
	said  *wire.Error
	after time.Duration
}

// passing is a refusal that says when it may be over.
type passing interface {
	error
	After() time.Duration
}

// After is how long a client should wait before it sends a token again that err refuses for now; 0:
// nobody knows.
func After(err error) time.Duration {
	if p, ok := errors.AsType[passing](err); ok {
		return p.After()
	}
	return 0
}

func (r *refusal) Error() string        { return r.said.Error() }
func (r *refusal) Unwrap() []error      { return []error{r.kind, r.said} }
func (r *refusal) After() time.Duration { return r.after }

func unauthorized(format string, args ...any) error {
	return &refusal{kind: ErrUnauthorized, said: wire.Errorf(wire.Unauthorized, format, args...)}
}

func expired(format string, args ...any) error {
	return &refusal{kind: ErrExpired, said: wire.Errorf(wire.Unauthorized, format, args...)}
}

func unavailable(format string, args ...any) error {
	return &refusal{kind: ErrUnavailable, said: wire.Errorf(wire.Unavailable, format, args...)}
}

// checkSize comes before anything that costs more than a comparison.
func checkSize(token string, limit int) error {
	if token == "" {
		return unauthorized("the token is empty; send `Authorization: Bearer <token>`, or `token` in hello")
	}
	if len(token) > limit {
		return unauthorized("the token is %d bytes long; the limit is %d", len(token), limit)
	}
	return nil
}
