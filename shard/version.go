package shard

import (
	"errors"
	"fmt"
)

// Version is a stamp of a hybrid logical clock: of two values the higher version is the newer one,
// on whichever node each was made. From the top: 42 bits of milliseconds since 2000, 10 bits of
// counter, 12 bits of node.
type Version uint64

const (
	versionEpochMillis = 946_684_800_000 // 2000-01-01T00:00:00Z
	versionNodeBits    = 12
	versionCounterBits = 10
	versionLowBits     = versionNodeBits + versionCounterBits
)

// MaxAheadMillis is how far ahead of the wall clock a stamp from elsewhere may be.
const MaxAheadMillis = 60_000

// ErrVersionAhead is returned for a stamp that is more than MaxAheadMillis ahead: its maker's clock
// is wrong.
var ErrVersionAhead = errors.New("shard: version is ahead of the clock")

// Millis is the Unix time in milliseconds at which the version was made, as its maker's clock had
// it.
func (v Version) Millis() int64 { return int64(v>>versionLowBits) + versionEpochMillis }

// Clock makes versions. It reads no time itself and isn't safe for concurrent use.
type Clock struct {
	node Version
	last Version // node bits cleared
}

// NewClock returns a clock whose stamps carry the low 12 bits of node.
func NewClock(node uint64) *Clock {
	return &Clock{node: Version(node) & (1<<versionNodeBits - 1)}
}

// Next returns a version above every one made or observed. If the wall clock stands still or goes
// back, the counter goes on, and past its end into the next millisecond.
func (c *Clock) Next(wallMillis int64) Version {
	wall := Version(max(wallMillis-versionEpochMillis, 0)) << versionLowBits
	c.last = max(c.last+1<<versionNodeBits, wall)
	return c.last | c.node
}

// Observe makes later stamps higher than v, or refuses v.
func (c *Clock) Observe(v Version, wallMillis int64) error {
	if ahead := v.Millis() - wallMillis; ahead > MaxAheadMillis {
		return fmt.Errorf("%w: by %d ms; at most %d are accepted", ErrVersionAhead, ahead, MaxAheadMillis)
	}
	c.last = max(c.last, v&^(1<<versionNodeBits-1))
	return nil
}

// Ceiling is the highest version that may come from elsewhere at a wall clock time.
func Ceiling(wallMillis int64) Version { return lastOf(wallMillis + MaxAheadMillis) }

// lastOf is the highest version of a Unix millisecond.
func lastOf(millis int64) Version {
	return Version(max(millis-versionEpochMillis+1, 1))<<versionLowBits - 1
}

// NeverPicked is the version of an override that a participant is known not to have picked. It is
// below that of any that was picked.
const NeverPicked Version = 1
