package main

import (
	"strconv"
	"strings"
	"time"

	"github.com/alecthomas/kong"

	"github.com/scaiwave/presence/cluster"
	"github.com/scaiwave/presence/gateway"
	"github.com/scaiwave/presence/gateway/auth"
	"github.com/scaiwave/presence/gateway/socket"
)

// defaults are the numbers in the flags' tags. They come from the packages that use them, so that
// help and code can't differ.
func defaults() kong.Vars {
	s, l := cluster.DefaultSettings(), gateway.DefaultLimits()
	vars := kong.Vars{
		"ai_prefix": strings.Join(s.AIPrefixes, ","),

		"service_scope": auth.ServiceScope,
		"admin_scope":   auth.AdminScope,
		"tenants_scope": auth.TenantsScope,
		"tenant_claim":  auth.TenantClaim,
		"token_size":    size(auth.MaxTokenBytes).String(),
		"token_sizes":   size(auth.LeastTokenBytes).String() + " to " + size(auth.MostTokenBytes).String(),
		"leeway":        short(auth.DefaultAhead),
		"leeways":       short(auth.LeastAhead) + " to " + short(auth.MostAhead),

		"most_requests": size(mostRequests).String(),
		"longest_delay": short(longestDrainDelay),
	}
	for name, d := range map[string]time.Duration{
		"heartbeat_interval": s.HeartbeatInterval, "grace": s.Grace, "record_ttl": s.RecordTTL, "linger": s.Linger,
		"dm_window": s.DMWindow, "unattended_after": s.UnattendedAfter, "tick": s.Tick, "transfer_grace": l.Grace,
	} {
		vars[name] = short(d)
	}
	for name, n := range map[string]int{
		"missed_heartbeats": s.MissedHeartbeats, "max_devices": s.MaxDevices, "max_exceptions": s.MaxExceptions,
		"max_sockets": l.MaxSockets, "service_sockets": l.ServiceSockets, "min_transfer_rate": l.MinTransferRate,
		"header_memory": int(l.HeaderMemory), "anonymous_burst": gateway.AnonymousBurstSeconds,
		"message_burst": socket.MessageBurstSeconds, "participant_burst": gateway.ParticipantBurstSeconds,
		"ids_burst": gateway.IDsBurstSeconds, "stranger_limit": l.StrangerLimit,
	} {
		vars[name] = strconv.Itoa(n)
	}
	for name, rate := range map[string]float64{
		"anonymous_rate": l.AnonymousRate, "connection_rate": l.MessageRate,
		"participant_rate": l.ParticipantRate, "participant_ids_rate": l.ParticipantIDsRate,
	} {
		vars[name] = strconv.FormatFloat(rate, 'f', -1, 64)
	}
	return vars
}

// short is a duration without what is zero in it: 2m, not 2m0s.
func short(d time.Duration) string {
	text := d.String()
	if whole, ok := strings.CutSuffix(text, "m0s"); ok {
		text = whole + "m"
	}
	if whole, ok := strings.CutSuffix(text, "h0m"); ok {
		text = whole + "h"
	}
	return text
}
