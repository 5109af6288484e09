package gossip

import (
	"cmp"
	"context"
	"log/slog"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/hashicorp/memberlist"

	"github.com/scaiwave/presence/cluster/link"
	"github.com/scaiwave/presence/cluster/protocol"
	"github.com/scaiwave/presence/shard/wake"
)

// Timings are how fast the dead are noticed, and what that costs; see the package's page.
type Timings uint8

// The timings.
const (
	Production Timings = iota
	Fast
)

// Config is what a node's gossip is made from.
type Config struct {
	Name        link.Name // of this node
	Role        Role
	PeerPort    int            // of the peer listener
	Bind        string         // host:port, TCP and UDP; port 0 is any
	Advertise   string         // host that others dial; empty: that of Bind
	ClusterName string         // clusters with different names don't hear each other
	Terms       protocol.Terms // nodes whose terms don't fit are refused; Later is not told
	KeyFile     string         // see keyFile; empty: not encrypted
	KeyFailures *atomic.Int64  // looks at KeyFile that found no keys to use; nil: not counted
	Seeds       []string
	Expect      int // fewer nodes are too few; see Seen
	Timings     Timings
	Transport   memberlist.Transport // nil: the network
	Lookup      Lookup               // nil: DNS
	Logger      *slog.Logger
}

// Lookup gives the IP addresses of a name.
type Lookup func(ctx context.Context, name string) ([]string, error)

// Gossip is this node's place among the members. All methods are safe for concurrent use.
type Gossip struct {
	// static
	config    Config
	bind      string // IP address, or empty for all
	list      *memberlist.Memberlist
	keys      *keyFile    // nil: not encrypted
	changed   wake.Signal // Members may answer something else
	grown     wake.Signal // Seen has risen
	stop      context.CancelFunc
	running   sync.WaitGroup
	announce  turn // one tell at a time
	counts    Counts
	suspicion int                // multiplier of memberlist's for ten members or fewer; see suspicionMult
	pacing    *memberlist.Config // memberlist's lock guards its SuspicionMult
	joining   turn               // one join at a time: what callbacks say meanwhile is of one address
	strange   chan link.Name     // members that don't know this node; see Introduce

	ledger    ledger
	searching atomic.Bool // Join is running

	mu      sync.Mutex
	self    Member
	meta    []byte
	members map[string]located   // by gossip name, this node among them
	lost    map[string]time.Time // addresses of members, and when they went
	refused error                // why the latest merge was refused
	echo    bool                 // the latest merge was with this node itself
	echoes  map[string]bool      // addresses at which this node has met itself
	seen    int                  // the most nodes that were there at once
	former  former
	arrival chan struct{} // closed, and made anew, when a member comes

	suspects suspicions
}

// turn is a lock for what takes as long as the network does. A goroutine that waits for a channel
// lets virtual time pass; one that waits for a mutex does not.
type turn chan struct{}

func newTurn() turn { return make(turn, 1) }

func (t turn) take() { t <- struct{}{} }
func (t turn) give() { <-t }

// located is a member and where it gossips.
type located struct {
	Member
	address string
}

// suspicions are the members that have not answered this node's latest probe, neither to itself nor
// through others. Gossip takes them for dead soon, unless they answer meanwhile.
//
// memberlist tells of a suspicion by a line of its log alone (see heard.go). Its list of members
// has no such state. A probe that is answered ends a suspicion here. memberlist does not tell of an
// answer that came through others, so a suspicion also ends after the time in which memberlist
// would have taken the node for dead.
type suspicions struct {
	since map[string]time.Time // by gossip name, of the latest probe that failed
	total int64
}

// Counts are the figures of the port.
func (g *Gossip) Counts() *Counts { return &g.counts }

// Address is where this node gossips.
func (g *Gossip) Address() string { return g.list.LocalNode().Address() }

// Members are all nodes that are there, this one among them, ordered by name.
func (g *Gossip) Members() []Member {
	g.mu.Lock()
	defer g.mu.Unlock()
	all := []Member{g.self}
	for _, m := range g.members {
		if m.Name != g.self.Name {
			all = append(all, m.Member)
		}
	}
	slices.SortFunc(all, func(a, b Member) int {
		return cmp.Or(cmp.Compare(a.Name.ID, b.Name.ID), cmp.Compare(a.Name.Boot, b.Name.Boot))
	})
	return all
}

// Changed has something when Members may have changed.
func (g *Gossip) Changed() <-chan struct{} { return g.changed }

// SetState tells all members this node's state.
func (g *Gossip) SetState(s State) error {
	return g.tell(func(self *Member) { self.State = s })
}

// SetReport tells all members what this node says of its links.
func (g *Gossip) SetReport(r Report) error {
	return g.tell(func(self *Member) { self.Report = r })
}

// tell changes what this node says of itself, and waits up to a second until it is on its way.
func (g *Gossip) tell(change func(self *Member)) error {
	g.announce.take()
	defer g.announce.give()
	g.mu.Lock()
	change(&g.self)
	meta, err := appendMeta(g.self, g.config.Terms.Text())
	if err == nil {
		g.meta = meta
	}
	g.mu.Unlock()
	if err != nil {
		return err
	}
	g.changed.Raise()
	return g.list.UpdateNode(time.Second)
}

// Leave tells all members that this node goes. It answers for a second more: a member that has not
// heard it yet must not take this node for dead.
func (g *Gossip) Leave() error {
	err := g.list.Leave(2 * time.Second)
	if g.list.NumMembers() > 0 {
		time.Sleep(time.Second)
	}
	return err
}

// Close ends everything, with or without Leave before.
func (g *Gossip) Close() error {
	g.stop()
	g.running.Wait()
	return g.list.Shutdown()
}
