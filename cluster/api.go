package cluster

import (
	"errors"
	"time"

	"github.com/scaiwave/presence/shard"
	"github.com/scaiwave/presence/shard/host"
)

// What a call can fail with. Test with errors.Is.
var (
	ErrTooManyDevices = errors.New("too many live devices")      // the participant is at its limit
	ErrReplaced       = errors.New("device connected elsewhere") // a newer session holds the device: close this socket with 4006
	ErrGone           = errors.New("device was signed out")      // close this socket with 1000, never announce it again
	ErrUnavailable    = errors.New("owner not reachable")        // nothing was decided; the caller may try again
)

// The words that gateways share with owners.
type (
	Settings    = host.Settings
	Heartbeat   = host.Heartbeat
	Record      = host.Record
	Device      = host.Device
	Update      = host.Update
	Eviction    = host.Eviction
	EvictReason = host.EvictReason
	Stats       = host.Stats
)

// Sink takes what owners have to tell this node's gateway. Both methods are called from one goroutine, which holds no
// lock; views of one id come in order, and of several that came while the sink was busy only the latest. Neither may
// block for long.
type Sink interface {
	Deliver(updates []Update)
	Evict(e Eviction)
}

// Why a device's socket has to go.
const (
	EvictReplaced  = host.EvictReplaced  // close with 4006
	EvictSignedOut = host.EvictSignedOut // close with 1000
)

// Attachment is one socket's device at its owner: made by Attach, used by one goroutine at a time.
type Attachment struct {
	Participant string
	Device      string
	Activity    shard.Activity // last reported
	Session     shard.Version  // stamp of this hello; the higher session owns the device
	handle      host.Handle
}

// DirectMessage opens or renews the windows between two participants.
type DirectMessage struct {
	A, B string
	At   time.Time
}

// Description is the cluster as this node sees it.
type Description struct {
	Members     []Member
	Partitions  int
	Fingerprint string // of the partition table: equal on nodes that agree
}

// Member is one node of a Description.
type Member struct {
	ID         string
	Role       string // shard, gateway or all
	State      string // joining, serving or draining
	Partitions int    // owned
	Self       bool
}
