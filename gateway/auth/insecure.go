package auth

import (
	"context"
	"strings"

	"github.com/scaiwave/presence/gateway/tenant"
	"github.com/scaiwave/presence/shard"
)

// ServiceToken is the token that has all scopes under Insecure.
const ServiceToken = "service"

type insecure struct{}

// Insecure believes everyone: the token is the participant id, after its tenant and a space if it
// has one. ServiceToken has both scopes in its tenant; that of no tenant may act in all. For
// development; who may reach it is the server's business.
func Insecure() Authenticator { return insecure{} }

func (insecure) Authenticate(_ context.Context, token string) (Identity, error) {
	if err := checkSize(token, MaxTokenBytes); err != nil {
		return Identity{}, err
	}
	of, id, found := strings.Cut(token, " ")
	if !found {
		of, id = "", token
	} else if err := shard.ValidateTenant(of); err != nil {
		return Identity{}, unauthorized("the token's first word must be a tenant (--auth=insecure): %s", complaint(err))
	}
	if err := shard.ValidateParticipant(id); err != nil {
		return Identity{}, unauthorized("the token must be a participant id (--auth=insecure): %s", complaint(err))
	}
	service := id == ServiceToken
	return Identity{
		Participant: tenant.Name(of).Participant(id), Service: service, Admin: service, Tenants: service && !found,
	}, nil
}

// complaint is an id's fault in words alone: were it wrapped, it would go out as `invalid_id` about
// the request.
func complaint(err error) string {
	return strings.TrimPrefix(err.Error(), shard.ErrInvalidID.Error()+": ")
}
