package main

import (
	"context"
	"log/slog"

	"github.com/scaiwave/presence/cluster"
	"github.com/scaiwave/presence/gateway"
	"github.com/scaiwave/presence/gateway/auth"
	"github.com/scaiwave/presence/gateway/socket"
	"github.com/scaiwave/presence/shard"
)

// settings is what the cluster layer takes from the command line.
func (c *serveCommand) settings() cluster.Settings {
	return cluster.Settings{
		HeartbeatInterval: c.HeartbeatInterval,
		MissedHeartbeats:  c.MissedHeartbeats,
		Grace:             c.Grace,
		RecordTTL:         c.RecordTTL,
		Linger:            c.Linger,
		DMWindow:          c.DMWindow,
		Tick:              c.Tick,
		UnattendedAfter:   c.UnattendedAfter,
		MaxDevices:        c.MaxDevices,
		MaxExceptions:     c.MaxExceptions,
		AIPrefixes:        c.AIPrefix,
		Audience:          c.audience(),
	}
}

// audience is that of participants who have set none. Unset is everyone.
func (c *serveCommand) audience() shard.Audience {
	if c.VisibilityDefault == shard.AudienceAllowed.String() {
		return shard.AudienceAllowed
	}
	return shard.AudienceUnset
}

// limits is what the gateway takes from the command line.
func (c *serveCommand) limits() gateway.Limits {
	l := gateway.DefaultLimits()
	c.apply(&l.Admission, roomFor(openFiles()))
	l.RoomForTokens(int(c.JWTMaxSize))
	l.MaxConnections = c.MaxConnections
	l.MaxSockets, l.ServiceSockets = c.MaxSockets, c.ServiceSockets
	l.RequestMemory = int64(c.RequestMemory)
	l.MessageRate, l.MessageBurst = c.ConnectionRate, burst(c.ConnectionRate, socket.MessageBurstSeconds)
	l.ParticipantRate, l.ParticipantBurst = c.ParticipantRate, burst(c.ParticipantRate, gateway.ParticipantBurstSeconds)
	l.StrangerLimit = c.StrangerLimit
	l.ParticipantIDsRate = c.ParticipantIDsRate
	l.ParticipantIDsBurst = max(burst(c.ParticipantIDsRate, gateway.IDsBurstSeconds), l.LeastIDsBurst())
	return l
}

// authenticator is how tokens are judged. What it needs to do in the background ends with ctx.
func (c *serveCommand) authenticator(ctx context.Context, log *slog.Logger) (auth.Authenticator, error) {
	if c.insecure() {
		return auth.Insecure(), nil
	}
	return auth.NewJWT(ctx, c.jwt(log))
}
