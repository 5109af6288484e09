package shard

// Tick counts time: the host says how long one is and when it has passed. Deadlines, ages and
// remaining times are all in ticks; 32 bits hold 13 years of ticks of 100 ms.
type Tick uint32

// Origin is the first tick a host should use. The room below it keeps what happened before the
// start representable.
const Origin Tick = 1 << 24

// never is the due tick of what has nothing to wait for.
const never Tick = 1<<32 - 1

// Settings are the timings and limits of a partition. All partitions of a host share one.
type Settings struct {
	Deadline  Tick // a device with no sign of life for this long is gone
	Linger    Tick // a socket that closed without a goodbye keeps its device this long
	RecordTTL Tick // last_seen is forgotten this long after the last sign of life
	Tombstone Tick // a sign-out is remembered at least this long: Deadline plus the longest hand-off
	FactTTL   Tick // `auto` and `human` are remembered this long, so that an older value cannot come back

	Unattended Tick // a socket that only answers pings for so long leaves its device idle; 0: never
	ErasureTTL Tick // an erasure is remembered this long, likewise

	WindowMillis int64 // how long a direct message opens a window
	TickMillis   int64 // length of a tick
	OriginMillis int64 // Unix time of tick Origin

	MaxDevices    int // live devices a participant
	MaxExceptions int // windows, edges and blocks a participant; the oldest window goes

	MaxWeight   int // bytes of all exceptions and statements of a partition in a snapshot; 0: any; see weight.go
	MaxErasures int // remembered ones a partition; the oldest goes

	Audience  Audience // of those who have set none; unset: everyone
	ViewerKey [16]byte // of the hashes by which exceptions are found; all nodes have the same

	AIPrefixes []string // ids that begin so are AI unless registered otherwise

	Generation uint32 // of the first handles; another one at each start, so that no handle outlives its process
}

// Time is the Unix time, in milliseconds, at which a tick began.
func (s *Settings) Time(t Tick) int64 {
	return s.OriginMillis + (int64(t)-int64(Origin))*s.TickMillis
}

// tickAfter is the first tick that begins at or after a Unix time in milliseconds.
func (s *Settings) tickAfter(unixMillis int64) Tick {
	since := unixMillis - s.OriginMillis
	ticks := since/s.TickMillis + int64(Origin) // rounded towards the origin, which is up for what was before it
	if since%s.TickMillis > 0 {
		ticks++
	}
	return Tick(min(max(ticks, 0), int64(never)-1))
}

// neverSeen is how an id looks that was never seen, with an AI prefix or without.
func neverSeen(prefixAI bool) State {
	if prefixAI {
		return Online
	}
	return Offline
}

// hasAIPrefix reports whether a participant is an AI by its id; the tenant doesn't matter.
func (s *Settings) hasAIPrefix(inner string) bool {
	_, id := SplitInnerID(inner)
	for _, p := range s.AIPrefixes {
		if len(id) >= len(p) && id[:len(p)] == p {
			return true
		}
	}
	return false
}

// after is the tick from which a span that began during tick t is surely over: the begun tick
// counts as whole.
func (t Tick) after(span Tick) Tick {
	if uint64(t)+uint64(span)+1 >= uint64(never) {
		return never - 1
	}
	return t + span + 1
}
