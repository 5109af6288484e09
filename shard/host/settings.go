package host

import (
	"fmt"
	"time"

	"github.com/scaiwave/presence/shard"
)

// Settings are the timings and limits of presence. All nodes of a cluster must have the same.
type Settings struct {
	HeartbeatInterval time.Duration  // told to clients; they beat this often
	MissedHeartbeats  int            // how many may be missed
	Grace             time.Duration  // covers a heartbeat that is on its way
	RecordTTL         time.Duration  // from the last sign of life until last_seen is forgotten; not before the deadline
	Linger            time.Duration  // a device outlives its socket by this, never past its deadline
	DMWindow          time.Duration  // a direct message lets the other side see through appear_offline this long
	Tick              time.Duration  // expiries come at most one tick late
	UnattendedAfter   time.Duration  // a socket that only answers pings for so long leaves its device idle; 0: never
	MaxDevices        int            // live devices a participant
	MaxExceptions     int            // windows, edges and blocks a participant; the oldest window goes
	AIPrefixes        []string       // ids that begin so are AI, unless registered otherwise
	Audience          shard.Audience // of those who have set none; unset: everyone
	ViewerKey         [16]byte       // of the hashes by which exceptions are found
}

// DefaultSettings are those of the wire contract.
func DefaultSettings() Settings {
	return Settings{
		HeartbeatInterval: 30 * time.Second,
		MissedHeartbeats:  2,
		Grace:             5 * time.Second,
		RecordTTL:         2 * time.Minute,
		Linger:            10 * time.Second,
		DMWindow:          24 * time.Hour,
		Tick:              100 * time.Millisecond,
		UnattendedAfter:   3 * time.Minute,
		MaxDevices:        64,
		MaxExceptions:     10_000,
		AIPrefixes:        []string{"model:", "helper:"},
	}
}

// longestHandOff is how long a partition may be on its way between two nodes; a sign-out is
// remembered longer than anything that could still be under way.
const longestHandOff = 30 * time.Second

// factTTL is how long `auto` and `human` are remembered after they were said.
const factTTL = 24 * time.Hour

// erasureTTL is how long an erasure is remembered, so that a node that comes back with what it knew
// doesn't bring the participant back.
const erasureTTL = 7 * 24 * time.Hour

// How many of them are remembered by all partitions together, and by one; 64 bytes each. A sweep
// looks for all of them at every node.
const (
	maxErasures          = 1 << 20
	leastErasures        = 100
	maxPartitionErasures = 10_000
)

// erasuresOf is how many each of some partitions remembers.
func erasuresOf(partitions int) int {
	return min(max(maxErasures/partitions, leastErasures), maxPartitionErasures)
}

// Deadline is how long a device may be silent.
func (s Settings) Deadline() time.Duration {
	return time.Duration(s.MissedHeartbeats)*s.HeartbeatInterval + s.Grace
}

// Validate names the first setting that is out of bounds, and the bounds.
func (s Settings) Validate() error {
	const year = 365 * 24 * time.Hour
	for _, b := range []struct {
		name           string
		value, min, to time.Duration
	}{
		{"tick", s.Tick, 10 * time.Millisecond, 10 * time.Second},
		{"heartbeat-interval", s.HeartbeatInterval, time.Millisecond, 24 * time.Hour},
		{"grace", s.Grace, 0, time.Hour},
		{"linger", s.Linger, 0, time.Hour},
		{"record-ttl", s.RecordTTL, time.Millisecond, year},
		{"dm-window", s.DMWindow, time.Millisecond, year},
		{"unattended-after", s.UnattendedAfter, 0, 24 * time.Hour},
	} {
		if b.value < b.min || b.value > b.to {
			return fmt.Errorf("%s is %v; must be %v to %v", b.name, b.value, b.min, b.to)
		}
	}
	for _, b := range []struct {
		name           string
		value, min, to int
	}{
		{"missed-heartbeats", s.MissedHeartbeats, 1, 100},
		{"max-devices", s.MaxDevices, 1, 1000},
		{"max-windows", s.MaxExceptions, 1, 1_000_000},
	} {
		if b.value < b.min || b.value > b.to {
			return fmt.Errorf("%s is %d; must be %d to %d", b.name, b.value, b.min, b.to)
		}
	}
	if s.Tick%time.Millisecond != 0 {
		return fmt.Errorf("tick is %v; must be whole milliseconds", s.Tick)
	}
	for _, p := range s.AIPrefixes {
		if err := shard.ValidateParticipant(p); err != nil {
			return fmt.Errorf("ai-prefix %q: %w", p, err)
		}
	}
	return nil
}

// MaxWeight is how many bytes all exceptions and statements of a partition may take in a snapshot:
// see shard.Settings. They are 160,000 blocks of the longest ids, a million edges, or 30,000 of the
// longest statuses. A tenant may have half of it.
const MaxWeight = 32 << 20

// inTicks are the settings of the core, for a host that starts now.
func (s Settings) inTicks(now time.Time) shard.Settings {
	ticks := func(d time.Duration) shard.Tick { return shard.Tick((d + s.Tick - 1) / s.Tick) }
	return shard.Settings{
		Deadline:      ticks(s.Deadline()),
		Linger:        ticks(s.Linger),
		Unattended:    ticks(s.UnattendedAfter),
		RecordTTL:     ticks(max(s.RecordTTL, s.Deadline())),
		Tombstone:     ticks(s.Deadline() + longestHandOff),
		FactTTL:       ticks(factTTL),
		ErasureTTL:    ticks(erasureTTL),
		WindowMillis:  s.DMWindow.Milliseconds(),
		TickMillis:    s.Tick.Milliseconds(),
		OriginMillis:  now.UnixMilli(),
		MaxDevices:    s.MaxDevices,
		MaxExceptions: s.MaxExceptions,
		MaxWeight:     MaxWeight,
		Audience:      s.Audience,
		AIPrefixes:    s.AIPrefixes,
		ViewerKey:     s.ViewerKey,
	}
}
