package gossip

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log"
	"log/slog"
	"net"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/hashicorp/memberlist"

	"github.com/scaiwave/presence/cluster/keyfiles"
	"github.com/scaiwave/presence/cluster/link"
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
	Name        link.Name
	Role        Role
	PeerPort    int           // of the peer listener
	Bind        string        // host:port, TCP and UDP; port 0 is any
	Advertise   string        // host that others dial; empty: that of Bind
	ClusterName string        // clusters with other names don't hear each other
	Protocol    string        // nodes with another one are refused
	KeyFile     string        // see keyFile; empty: not encrypted
	KeyFailures *atomic.Int64 // looks at KeyFile that found no keys to use; nil: not counted
	Seeds       []string
	Expect      int // fewer nodes than that are too few; see Seen
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
	config   Config
	bind     string // IP address, or empty for all
	list     *memberlist.Memberlist
	keys     *keyFile // nil: not encrypted
	changed  chan struct{}
	grown    chan struct{}
	stop     context.CancelFunc
	running  sync.WaitGroup
	announce turn // serialises tell
	counts   Counts
	patience time.Duration  // for a suspected member of ten or fewer; see suspicionLimit
	joining  turn           // serialises join: what callbacks say meanwhile is of one address
	strange  chan link.Name // members that don't know this node; see Introduce

	ledger    ledger
	searching atomic.Bool // Join runs

	mu      sync.Mutex
	self    Member
	meta    []byte
	members map[string]located   // by gossip name, this node among them
	lost    map[string]time.Time // addresses of members that went, and when
	refused error                // why the latest merge was refused
	echo    bool                 // the latest merge was with this node itself
	echoes  map[string]bool      // addresses at which this node has met itself
	seen    int                  // how many nodes were there at once, at most
	former  former
	arrival chan struct{} // closed, and made anew, when a member comes

	suspects suspicions
}

// turn is a lock for what takes as long as the network does. Who waits for a channel lets virtual
// time pass, who waits for a mutex does not.
type turn chan struct{}

func newTurn() turn { return make(turn, 1) }

func (t turn) take() { t <- struct{}{} }
func (t turn) give() { <-t }

// located is a member and where it gossips.
type located struct {
	Member
	address string
}

// New begins to listen. Nobody is known before Join.
func New(c Config) (*Gossip, error) {
	g := &Gossip{
		config: c, announce: newTurn(), joining: newTurn(), changed: make(chan struct{}, 1),
		grown: make(chan struct{}, 1), seen: 1,
		strange: make(chan link.Name, maxStrange),
		members: make(map[string]located), lost: make(map[string]time.Time), echoes: make(map[string]bool),
		former: make(former), arrival: make(chan struct{}),
	}
	mc, err := g.memberlistConfig()
	if err != nil {
		return nil, err
	}
	host := c.Advertise
	if host == "" {
		host = mc.BindAddr
	}
	if ip := net.ParseIP(host); host == "" || ip != nil && ip.IsUnspecified() {
		return nil, fmt.Errorf("gossip on %s listens on every address; "+
			"say by --advertise-address which one others dial", c.Bind)
	}
	g.self = Member{Name: c.Name, Role: c.Role, State: Joining, Peer: net.JoinHostPort(host, strconv.Itoa(c.PeerPort))}
	if g.meta, err = appendMeta(g.self, c.Protocol); err != nil {
		return nil, err
	}
	if err := g.create(mc); err != nil {
		return nil, fmt.Errorf("gossip on %s: %w", c.Bind, err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	g.stop = cancel
	g.running.Go(func() { g.heal(ctx) })
	return g, nil
}

// create begins to listen, at the network unless there is another transport.
func (g *Gossip) create(mc *memberlist.Config) (err error) {
	if mc.Transport == nil {
		p, err := openPorts(mc.BindAddr, mc.BindPort, &g.counts, g.config.Logger)
		if err != nil {
			return err
		}
		mc.Transport = p
	}
	g.list, err = memberlist.Create(mc)
	if err != nil {
		err = errors.Join(err, mc.Transport.Shutdown())
	}
	return err
}

func (g *Gossip) memberlistConfig() (*memberlist.Config, error) {
	c := g.config
	host, port, err := net.SplitHostPort(c.Bind)
	if err == nil {
		g.bind, err = bindAddress(host)
	}
	if err != nil {
		return nil, err
	}
	mc := memberlist.DefaultLANConfig()
	mc.Name = c.Name.String()
	mc.BindAddr = g.bind
	if mc.BindPort, err = strconv.Atoi(port); err != nil {
		return nil, fmt.Errorf("port %q: %w", port, err)
	}
	mc.AdvertisePort = mc.BindPort
	if c.Advertise != "" {
		ip, err := resolve(context.Background(), c.Advertise)
		if err != nil {
			return nil, err
		}
		mc.AdvertiseAddr = ip[0]
	}
	mc.Transport = c.Transport
	mc.Label = c.ClusterName
	mc.TCPTimeout = 2 * time.Second
	mc.ProbeInterval, mc.ProbeTimeout = 500*time.Millisecond, 200*time.Millisecond
	mc.SuspicionMult, mc.SuspicionMaxTimeoutMult = 4, 3
	mc.GossipInterval = 100 * time.Millisecond
	mc.RetransmitMult = 8 // by the default of 4, one of five nodes misses one change in a thousand
	if c.Timings == Fast {
		mc.ProbeInterval, mc.ProbeTimeout = 250*time.Millisecond, 100*time.Millisecond
		mc.SuspicionMult, mc.SuspicionMaxTimeoutMult = 3, 2
		mc.GossipInterval = 50 * time.Millisecond
	}
	mc.Delegate, mc.Events, mc.Merge, mc.Alive, mc.Ping = delegate{g}, events{g}, merges{g}, alive{g}, pings{g}
	mc.Logger = log.New(levels{g}, "", 0)
	g.patience = time.Duration(mc.SuspicionMult*mc.SuspicionMaxTimeoutMult) * mc.ProbeInterval
	if c.KeyFile == "" {
		return mc, nil
	}
	if g.keys, err = loadKeys(c.KeyFile, keyfiles.Options{Logger: c.Logger, Failures: c.KeyFailures}); err != nil {
		return nil, err
	}
	mc.Keyring = g.keys.ring
	mc.GossipVerifyIncoming, mc.GossipVerifyOutgoing = true, true
	return mc, nil
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

// Changed is poked when Members may have changed.
func (g *Gossip) Changed() <-chan struct{} { return g.changed }

// SetState tells everybody of this node's state.
func (g *Gossip) SetState(s State) error {
	return g.tell(func(self *Member) { self.State = s })
}

// SetReport tells everybody of this node's links.
func (g *Gossip) SetReport(r Report) error {
	return g.tell(func(self *Member) { self.Report = r })
}

// tell changes what this node says of itself, and waits up to a second for it to be on its way.
func (g *Gossip) tell(change func(self *Member)) error {
	g.announce.take()
	defer g.announce.give()
	g.mu.Lock()
	change(&g.self)
	meta, err := appendMeta(g.self, g.config.Protocol)
	if err == nil {
		g.meta = meta
	}
	g.mu.Unlock()
	if err != nil {
		return err
	}
	g.poke()
	return g.list.UpdateNode(time.Second)
}

// Leave tells everybody that this node goes, and answers for a second more: who has not heard it
// yet must not take it for dead.
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

func (g *Gossip) poke() {
	select {
	case g.changed <- struct{}{}:
	default:
	}
}

// note takes what a callback says of a node. memberlist's lock is held: the node is copied, nothing
// is called.
func (g *Gossip) note(n *memberlist.Node, gone bool) {
	m, _, err := parseMeta(n.Name, n.Meta)
	g.mu.Lock()
	defer g.mu.Unlock()
	if gone || err != nil {
		if _, was := g.members[n.Name]; was && m.Name != g.self.Name {
			g.lost[n.Address()] = time.Now()
			g.former.add(m.Name, time.Now())
		}
		delete(g.members, n.Name)
		delete(g.suspects.since, n.Name)
	} else {
		g.members[n.Name] = located{m, n.Address()}
		delete(g.former, m.Name)
		close(g.arrival)
		g.arrival = make(chan struct{})
		g.count()
	}
	g.poke()
}

// fits says why a node can't be in one cluster with this one, or nil.
func (g *Gossip) fits(n *memberlist.Node) error {
	_, protocol, err := parseMeta(n.Name, n.Meta)
	if err != nil {
		return fmt.Errorf("node %.80q: %w", n.Name, err)
	}
	if protocol != g.config.Protocol {
		there, here := differing(protocol, g.config.Protocol)
		return fmt.Errorf("node %.80q has other constants: there %.200q, here %q; all nodes of a cluster need the same",
			n.Name, there, here)
	}
	return nil
}

// differing are the words of a that aren't in b, and the other way round.
func differing(a, b string) (inA, inB string) {
	without := func(words, others []string) string {
		return strings.Join(slices.DeleteFunc(slices.Clone(words),
			func(w string) bool { return slices.Contains(others, w) }), " ")
	}
	x, y := strings.Fields(a), strings.Fields(b)
	return without(x, y), without(y, x)
}

type delegate struct{ *Gossip }

func (d delegate) NodeMeta(int) []byte {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.meta
}
func (delegate) NotifyMsg([]byte)                {}
func (delegate) GetBroadcasts(int, int) [][]byte { return nil }
func (delegate) LocalState(bool) []byte          { return nil }
func (delegate) MergeRemoteState([]byte, bool)   {}

type events struct{ *Gossip }

func (e events) NotifyJoin(n *memberlist.Node)   { e.note(n, false) }
func (e events) NotifyUpdate(n *memberlist.Node) { e.note(n, false) }
func (e events) NotifyLeave(n *memberlist.Node)  { e.note(n, true) }

type merges struct{ *Gossip }

func (m merges) NotifyMerge(peers []*memberlist.Node) error {
	others := false
	for _, p := range peers {
		others = others || p.Name != m.config.Name.String()
		if p.State != memberlist.StateAlive {
			continue
		}
		if err := m.fits(p); err != nil {
			m.mu.Lock()
			m.refused = err
			m.mu.Unlock()
			m.trouble(otherConstants, p.Address(), err.Error())
			return err
		}
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.echo = !others
	return nil
}

type alive struct{ *Gossip }

func (a alive) NotifyAlive(n *memberlist.Node) error {
	err := a.fits(n)
	if err != nil {
		a.trouble(otherConstants, n.Address(), err.Error())
	}
	return err
}

// levels turns memberlist's lines into records with a level.
type levels struct{ *Gossip }

func (l levels) Write(b []byte) (int, error) {
	level, text := parseLine(string(b))
	level = l.hear(level, text)
	l.config.Logger.Log(context.Background(), level, text, "library", "memberlist")
	return len(b), nil
}
