package cluster

import (
	"errors"
	"time"

	"github.com/scaiwave/presence/shard"
)

// What a call can fail with, besides shard.ErrInvalidID. Test with errors.Is.
var (
	ErrTooManyDevices = errors.New("too many live devices")      // the participant is at its limit
	ErrReplaced       = errors.New("device connected elsewhere") // a newer session holds the device: close this socket with 4006
	ErrGone           = errors.New("device was signed out")      // close this socket with 1000, never announce it again
	ErrUnavailable    = errors.New("owner not reachable")        // nothing was decided; the caller may try again
)

// Attachment is one socket's device at its owner: made by Attach, used by one goroutine at a time.
type Attachment struct {
	Participant string
	Device      string
	Activity    shard.Activity // last reported
	Session     shard.Version  // stamp of this hello; the higher session owns the device
	handle      shard.Handle
}

// Heartbeat is one device's sign of life by name, as HTTP sends it.
type Heartbeat struct {
	Participant string
	Device      string
	Activity    shard.Activity
}

// DirectMessage opens or renews the window between two participants.
type DirectMessage struct {
	A, B string
	At   time.Time
}

// Record is one participant as one viewer sees it. Override and Devices are for the participant itself and for
// administrators; whoever serves others leaves them out.
type Record struct {
	State    shard.State // what the viewer sees
	Self     shard.State // what the participant itself sees
	LastSeen time.Time   // what the viewer sees; zero: not known
	TrueSeen time.Time   // what the participant itself sees; zero: not known
	Override shard.Override
	Devices  []Device // live ones, in the order they came
}

// Device is one live device of a Record.
type Device struct {
	ID       string
	Activity shard.Activity
	LastSeen time.Time
}

// Update is a participant whose look has changed.
type Update struct {
	ID   string
	View shard.View
}

// EvictReason says why a device's socket has to go.
type EvictReason uint8

// The reasons.
const (
	EvictReplaced  EvictReason = iota // a newer session: close with 4006
	EvictSignedOut                    // DELETE or goodbye elsewhere: close with 1000
)

// Eviction names sockets that have lost their device: those of this device whose session is below Below.
type Eviction struct {
	Participant string
	Device      string
	Below       shard.Version
	Reason      EvictReason
}

// Sink takes what an owner has to tell a gateway. Deliver is called from one goroutine at a time, holding no lock; views
// of one id come in order, the latest alone counts. Neither method may block for long.
type Sink interface {
	Deliver(updates []Update)
	Evict(e Eviction)
}
