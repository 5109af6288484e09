package host

import (
	"errors"

	"github.com/scaiwave/presence/shard"
)

// Update is a participant whose look has changed, or whose exceptions have.
type Update struct {
	ID    string
	View  shard.View // Unknown: only exceptions have changed
	Words []Word     // at most one for each viewer, older than the view or newer
	Ask   bool       // more exceptions changed than is told one by one: ask anew about all viewers
}

// Word is the latest about a pair.
type Word struct {
	Viewer shard.Viewer // by its hash
	Trust  shard.Trust
	Order  uint64 // one with the Orders of the participant's views
}

// EvictReason says why a device's socket has to go.
type EvictReason uint8

// The reasons.
const (
	EvictReplaced  EvictReason = iota // a newer session holds the device
	EvictSignedOut                    // the device was signed out
)

// Eviction names sockets that have lost their device: those of this device whose session is below
// Below.
type Eviction struct {
	Participant string
	Device      string
	Below       shard.Version
	Reason      EvictReason
}

// Sink takes what an owner has to tell a gateway. Its methods are called by one goroutine at a
// time, which holds no lock of the host that another call needs but Watch of the same sink. Views,
// and words on a pair, come in order, and of several that came while the sink was busy only the
// latest. Neither may block for long.
type Sink interface {
	Deliver(updates []Update)
	Evict(e Eviction)
	Moved(partitions []int) // watch what you watch there again, wherever it is served now
}

// MaxSinks is how many gateways an owner can tell of changes.
const MaxSinks = 128

// ErrTooManySinks is returned by AddSink at the limit.
var ErrTooManySinks = errors.New("host: too many gateways")

// SinkID is a gateway as an owner knows it.
type SinkID uint8
