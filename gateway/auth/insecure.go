package auth

import (
	"context"
	"strings"

	"github.com/scaiwave/presence/shard"
)

// ServiceToken is the token that has both scopes under Insecure.
const ServiceToken = "service"

type insecure struct{}

// Insecure believes everyone: the token is the participant id, and ServiceToken has both scopes.
// For development; who may reach it is the server's business.
func Insecure() Authenticator { return insecure{} }

func (insecure) Authenticate(_ context.Context, token string) (Identity, error) {
	if err := checkSize(token, MaxTokenBytes); err != nil {
		return Identity{}, err
	}
	if err := shard.ValidateParticipant(token); err != nil {
		return Identity{}, unauthorized("the token must be a participant id (--auth=insecure): %s", complaint(err))
	}
	service := token == ServiceToken
	return Identity{Participant: token, Service: service, Admin: service}, nil
}

// complaint is an id's fault in words alone: were it wrapped, it would go out as `invalid_id` about
// the request.
func complaint(err error) string {
	return strings.TrimPrefix(err.Error(), shard.ErrInvalidID.Error()+": ")
}
