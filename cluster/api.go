package cluster

import (
	"time"

	"github.com/scaiwave/presence/cluster/ask"
	"github.com/scaiwave/presence/cluster/call"
	"github.com/scaiwave/presence/cluster/link"
	"github.com/scaiwave/presence/cluster/protocol"
	"github.com/scaiwave/presence/cluster/replica"
	"github.com/scaiwave/presence/cluster/watch"
	"github.com/scaiwave/presence/shard"
	"github.com/scaiwave/presence/shard/host"
)

// What a call can fail with. Test with errors.Is.
var (
	// The participant is at its limit.
	ErrTooManyDevices = ask.ErrTooManyDevices
	// A newer session holds the device: close this socket with 4006.
	ErrReplaced = ask.ErrReplaced
	// Close this socket with 1000, and never announce it again.
	ErrGone = ask.ErrGone
	// One of the two was erased: the message doesn't count, and never will.
	ErrErased = ask.ErrErased
	// A participant has so many windows, edges and blocks that nothing can make room for one more.
	ErrTooManyEdges = ask.ErrTooManyEdges
	// A participant has claims of so many sources that there is no room for one more.
	ErrTooManyClaims = ask.ErrTooManyClaims
	// Nothing was decided; the caller may try again.
	ErrUnavailable = call.ErrUnavailable
	// Likewise: the owner, its backup or a disk has too much to do.
	ErrCrowded = ask.ErrCrowded
	// Likewise, but nothing was stored, as there is no room in the participant's partition. That
	// stays so until something there is forgotten.
	ErrFull = ask.ErrFull
)

// DiskError is why a fact was refused: a data directory takes nothing. It is an ErrUnavailable.
type DiskError = ask.DiskError

// The words that gateways share with owners.
type (
	Settings    = host.Settings
	Heartbeat   = host.Heartbeat
	Record      = host.Record
	Account     = host.Account
	KeptDevice  = host.KeptDevice
	KeptWindow  = host.KeptWindow
	KeptStatus  = host.KeptStatus
	Said        = host.Said
	KeptBlock   = host.KeptBlock
	KeptEdge    = host.KeptEdge
	Device      = host.Device
	Question    = host.Question
	Judged      = host.Judged
	Picked      = host.Picked
	Sight       = host.Sight
	Update      = host.Update
	Word        = host.Word
	Eviction    = host.Eviction
	EvictReason = host.EvictReason
)

// Stats are the figures of a node: what its partitions hold, and what goes on between nodes.
type Stats struct {
	host.Stats
	Attached     int   // devices of this node's sockets
	Copies       int   // partitions of other nodes that are kept up here
	Moving       int   // partitions on their way to or from here
	Promoted     int64 // partitions taken over from a node that had gone
	Lost         int64 // partitions begun with nothing though participants may have been there
	HandedOver   int64 // partitions pushed to their owner
	ReplicaFails int64 // batches that a backup didn't take; they are sent again
	DiskFailed   int   // 1: the data directory takes nothing at the moment; see disk.Log.Trouble
	DiskRefused  int64 // facts refused before anything was stored, as a disk takes nothing
	HalfMessages int64 // direct messages of which one side was never stored
	StateRefused int64 // snapshots and records refused: damaged, or stamped over a minute ahead of the clock here
	LinkFull     int64 // messages or connections given up because an outbox was full
	LinkRefused  int64 // nodes refused at the handshake
	LinkDialed   int64 // connections made
	LinkLost     int64 // connections that broke

	Relayed      int64                       // calls that went through a third node
	FactsWaiting int                         // overrides, registrations and windows that wait for a backup now
	FactsRefused int64                       // of these: too many waited, or the backup or its disk was too slow
	Lanes        map[string]link.LaneFigures // what other nodes ask here, by what it waits for

	Expected     int            // nodes that this one waits for before it is ready; 0: it waits for none
	Members      int            // nodes in sight now, this one included
	LinksMissing map[string]int // by class, to how many of them no connection works
	Suspicions   int64          // times in which another node answered no probe of this one's gossip

	Ports        map[string]PortFigures // "peer" and "gossip"
	LargePackets int64                  // of gossip, dropped
}

// PortFigures are of the connections to a port for other nodes that have not shown who they are.
type PortFigures struct {
	Open   int64 // there now
	Limit  int   // how many may be; one more closes the oldest
	Closed int64 // closed at a limit: of their number, of time, or of bytes
}

// MaxFactsWaiting is how many of them may wait for one backup.
const MaxFactsWaiting = replica.MaxFacts

// Sink takes what owners have to tell this node's gateway, and what the node has. Its methods must
// not block for long.
type Sink interface {
	watch.Sink // what is watched
	// Picked is the override, with its version and its end, that the latest view of a watched id
	// had. The version is shard.NeverPicked if there was none, and 0 if that is not known. The end
	// is known of who is watched with shard.WithStatus.
	Picked(id string) Picked
	// Displaced says that other nodes serve this one's clients better: its links to them are
	// broken. It comes again each deadline for as long as that is so.
	Displaced()
}

// Gateway is what others are told of this node's gateway. Its methods must not block.
type Gateway interface {
	// Sockets is how many are open.
	Sockets() int
	// Ready returns what keeps clients from being served well here, Node.Ready included, or nil.
	Ready() error
	// Forget drops what a backend has said of whom viewers may see, and has it asked again about
	// what they watch.
	Forget(viewers []string)
}

// Why a device's socket has to go.
const (
	EvictReplaced  = host.EvictReplaced  // close with 4006
	EvictSignedOut = host.EvictSignedOut // close with 1000
)

// FeatureStatus is a feature that all nodes may not know yet: those of the version before don't.
const FeatureStatus = protocol.Status

// DirectMessage opens or renews the windows between two participants.
type DirectMessage struct {
	A, B string
	At   time.Time
}

// Edge is what a backend says about a pair. Until is its end; zero: it has none.
type Edge struct {
	Participant, Viewer string
	Allow               shard.Allowance
	Until               time.Time
}

// Description is the cluster as this node sees it.
type Description struct {
	Members     []Member
	Partitions  int
	Fingerprint string // of the partition table: equal on nodes that agree
	Moving      int    // partitions on their way to or from this node
	Owners      []int  // by partition, an index into Members; empty: nobody owns anything
}

// Member is one node of a Description.
type Member struct {
	ID         string
	Role       string // shard, gateway or all
	State      string // joining, serving or draining
	Partitions int    // owned
	Self       bool
	Out        bool // it serves and is left out of the ring: links between it and others are broken

	// What it says of its links by gossip, which is seconds behind them.
	Apart  bool     // it reaches under half of the nodes that own partitions
	Broken []string // ids of the members to which its links are broken; none if it is apart
}

// Figures are what a member says of itself.
type Figures struct {
	// What its partitions hold, and have done since it started.
	Participants int // remembered ones included
	Devices      int // live
	Heartbeats   int64
	Changes      int64 // looks that changed, watched or not

	Sockets  int
	Version  string              // of its program
	Remark   string              // what an operator should know of it, ready or not, in maxFigureText bytes
	NotReady string              // why clients are not served well there, in maxFigureText bytes; empty: it is ready
	Links    map[string][]string // by id of each other member, the classes of which no connection works
	Suspects []string            // ids of the members that answered no probe of its gossip
}
