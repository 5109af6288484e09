package cluster

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/cespare/xxhash/v2"
	"github.com/hashicorp/memberlist"

	"github.com/scaiwave/presence/cluster/ask"
	"github.com/scaiwave/presence/cluster/call"
	"github.com/scaiwave/presence/cluster/gossip"
	"github.com/scaiwave/presence/cluster/handoff"
	"github.com/scaiwave/presence/cluster/keep"
	"github.com/scaiwave/presence/cluster/link"
	"github.com/scaiwave/presence/cluster/protocol"
	"github.com/scaiwave/presence/cluster/replica"
	"github.com/scaiwave/presence/cluster/sweep"
	"github.com/scaiwave/presence/cluster/view"
	"github.com/scaiwave/presence/cluster/watch"
	"github.com/scaiwave/presence/shard"
	"github.com/scaiwave/presence/shard/host"
)

// DefaultPartitions is how many partitions the participants are spread over.
const DefaultPartitions = 4096

// DefaultSettings are those of the wire contract.
func DefaultSettings() Settings { return host.DefaultSettings() }

// Config is what a node is made from.
type Config struct {
	NodeID     string // its name on the ring; stable over restarts
	Partitions int    // 0: DefaultPartitions
	Settings   Settings
	Version    string             // of the program, for others to see
	Features   []protocol.Feature // for tests; nil: those of this version
	Peers      *Peers             // nil: the node is alone, and stays so
	Logger     *slog.Logger       // nil: none
	Clock      func() time.Time   // nil: time.Now; what stamps are made of, and ticks are counted by
}

// Peers is what a node needs to be one of several.
type Peers struct {
	Role string // shard, gateway or all
	// Listener is where other nodes come; the node closes it. nil: none can, and no port is opened
	// for gossip either.
	Listener     net.Listener
	TLS          *link.TLS // nil: plain
	GossipListen string    // host:port, TCP and UDP
	Advertise    string    // host that others dial; empty: that of GossipListen
	ClusterName  string
	KeyFile      string        // keys that encrypt gossip; see package gossip
	KeyFailures  *atomic.Int64 // looks at KeyFile that found no keys to use; nil: not counted
	Seeds        []string      // host:port of other nodes' gossip
	ExpectNodes  int           // not ready before so many were seen at once, this one included; MaxExpectNodes at most
	JoinWait     time.Duration
	DataDir      string // where to keep what must survive a stop of the whole cluster; empty: nowhere
	FastGossip   bool   // for tests; see package gossip

	// For tests in virtual time.
	Transport memberlist.Transport // nil: the network
	Lookup    gossip.Lookup        // likewise, for the names of seeds
	Sync      func()               // called before each sync of a file in DataDir; nil: nothing is
	// Speaks are the protocols of this node; zero: those of this version.
	Speaks protocol.Range
	// Dial makes connections to other nodes; nil: by the network.
	Dial func(ctx context.Context, network, address string) (net.Conn, error)
}

// Node is this process's place in the cluster: it finds the owner of a participant and asks it. All
// methods but SetSink are safe for concurrent use. Ids must be valid (shard.ValidateInnerID,
// shard.ValidateDevice).
type Node struct {
	// static
	name       link.Name
	role       gossip.Role
	partitions int
	settings   Settings
	features   []protocol.Feature
	log        *slog.Logger
	clock      func() time.Time
	config     *Peers
	host       *host.Host
	replica    *replica.Mirror   // nil: the node is alone
	receiver   *replica.Receiver // likewise
	steward    *handoff.Steward  // likewise
	arrived    *arrivals         // likewise
	store      *keep.Store       // nil: nothing is kept
	disks      disks
	sink       Sink            // nil: there is no gateway
	feed       *watch.Feed     // what the gateway here watches
	gateways   *watch.Gateways // what others watch here
	caller     *call.Caller
	asker      *ask.Asker
	devices    devices
	finisher   *finisher
	sweeper    *sweep.Sweeper
	expect     expectation
	empties    bool // on the disks of its cluster are partitions with nobody in them, too
	health     health
	handler    *handler
	local      link.Local
	links      link.Stats
	known      known
	stop       context.CancelFunc
	loops      sync.WaitGroup // what acts by itself
	running    sync.WaitGroup // what it, or a peer, has caused

	gossip  *gossip.Gossip // made by Join, which then gives it to known, for links, and at last to joined
	members *members       // likewise
	server  *link.Server   // likewise
	view    atomic.Pointer[view.View]
	joined  atomic.Pointer[gossip.Gossip] // nil until others have been told that it serves
}

// speaks are the protocols of this node.
func (p *Peers) speaks() protocol.Range {
	if p == nil || p.Speaks == (protocol.Range{}) {
		return protocol.Spoken
	}
	return p.Speaks
}

func (c Config) withDefaults() Config {
	if c.Partitions == 0 {
		c.Partitions = DefaultPartitions
	}
	if c.Logger == nil {
		c.Logger = slog.New(slog.DiscardHandler)
	}
	if c.Clock == nil {
		c.Clock = time.Now
	}
	if c.Features == nil {
		c.Features = protocol.Features
	}
	return c
}

// openStore loads what is in the data directory into a host, if there is one.
func openStore(c Config, h *host.Host) (*keep.Store, error) {
	if c.Peers.DataDir == "" {
		return nil, nil
	}
	return keep.Open(keep.Config{
		Dir: c.Peers.DataDir, Node: c.NodeID, Host: h, Partitions: c.Partitions, Viewers: digestOfKey(c.Settings.ViewerKey),
		Log: c.Logger, Clock: c.Clock, Syncing: c.Peers.Sync,
	})
}

// New makes a node. One that is alone owns every partition; one with peers owns nothing before
// Join. Start starts it.
func New(c Config) (n *Node, err error) {
	if err := shard.ValidateParticipant(c.NodeID); err != nil {
		return nil, fmt.Errorf("node-id %q: %w", c.NodeID, err)
	}
	given := c.Clock // nil is cheaper for a host: it then reads the monotonic clock alone
	c = c.withDefaults()
	n = &Node{
		name:       link.Name{ID: c.NodeID, Boot: fmt.Sprintf("%016x", time.Now().UnixNano())},
		partitions: c.Partitions, settings: c.Settings, features: c.Features, log: c.Logger, config: c.Peers, clock: c.Clock,
	}
	hc := host.Config{
		Partitions: c.Partitions, Node: xxhash.Sum64String(c.NodeID), Settings: c.Settings, Clock: given,
	}
	n.caller = call.New(n.name, &n.view, n.partitionOf)
	if err = n.mirror(c, &hc); err != nil {
		return nil, err
	}
	if n.host, err = host.New(hc); err != nil {
		return nil, err
	}
	if err = n.bindStore(c); err != nil {
		return nil, err
	}
	n.view.Store(view.New([]gossip.Member{n.self()}, c.Partitions, nil))
	n.gateways = watch.NewGateways(n.host, n.log)
	if n.feed, err = newFeed(n); err != nil {
		return nil, err
	}
	n.assemble(c)
	return n, nil
}

// mirror has the host tell what happens in it, if there are other nodes.
func (n *Node) mirror(c Config, hc *host.Config) (err error) {
	if c.Peers == nil {
		return nil
	}
	if n.role, err = gossip.ParseRole(c.Peers.Role); err != nil {
		return err
	}
	n.replica = replica.NewMirror(c.Partitions, peers{n.caller, &n.known})
	hc.Mirror, hc.Gap = n.replica, func() { n.steward.StoodStill() }
	hc.Illegal = func(err error) { n.log.Error("a partition's move was refused", "error", err) }
	return nil
}

// bindStore makes what keeps the host's state from being lost, if there are other nodes.
func (n *Node) bindStore(c Config) (err error) {
	if c.Peers == nil {
		return nil
	}
	n.steward = newSteward(n) // before the directory is read: that may be a gap
	if n.store, err = openStore(c, n.host); err != nil {
		return err
	}
	n.steward.Store = n.store
	n.replica.Bind(n.host, n.store)
	n.arrived = newArrivals(n)
	n.receiver = replica.NewReceiver(c.Partitions, n.arrived, n.store)
	return nil
}

// self is this node as gossip has it before Join.
func (n *Node) self() gossip.Member {
	return gossip.Member{Name: n.name, Role: n.role, Speaks: n.config.speaks()}
}

// assemble makes what a node is made of, besides its host and what keeps its state from being lost:
//
//	Node ─▶ devices, finisher, sweeper ─▶ asker ─▶ caller ─▶ other nodes
//	                                        └────▶ owner ◀── handler ◀── other nodes
func (n *Node) assemble(c Config) {
	n.disks = disks{self: n.name, store: n.store, caller: n.caller, views: &n.view, running: &n.running, log: n.log}
	owner := &ask.Owner{Host: n.host, Partitions: n.partitions, Disk: n.store, Others: &n.disks.others}
	if n.replica != nil {
		owner.Backups = n.replica
	}
	n.asker = &ask.Asker{Self: n.name, Caller: n.caller, Owner: owner, Speaks: n.speaks, Log: n.log}
	n.sweeper = sweep.New(sweep.Config{Asker: n.asker, Views: &n.view, Shorten: n.store.Shorten, Log: n.log})
	owner.Struck = n.sweeper.Struck
	n.devices = devices{
		asker: n.asker, host: n.host, views: &n.view, running: &n.running, log: n.log,
	}
	n.finisher = newFinisher(n)
	n.expect = expectation{gossip: &n.known.gossip, log: n.log}
	n.health = health{
		self: n.name, version: c.Version, caller: n.caller, views: &n.view, host: n.host,
		expect: &n.expect, disks: &n.disks, joined: &n.joined,
	}
	if p := c.Peers; p != nil {
		n.health.moving = n.steward.Moving
		n.expect.nodes, n.expect.seeds, n.expect.wait = p.ExpectNodes, p.Seeds, p.JoinWait
		n.expect.known, n.empties = n.store.KnowsCluster(p.ClusterName)
	}
	n.handler = newHandler(n)
}

// Protocol is the highest that all members speak. It is read from the view: it rises and falls with
// a view, and Gone of the one before is closed then.
func (n *Node) Protocol() int { return n.view.Load().Protocol }

// Features are the words of what clients may ask for. All members know it.
func (n *Node) Features() []string { return protocol.Words(n.features, n.Protocol()) }

// Knows reports whether a feature, such as FeatureStatus, is one of them.
func (n *Node) Knows(feature string) bool { return slices.Contains(n.Features(), feature) }

// SetGateway says of what gateway others are told. Once, before Start.
func (n *Node) SetGateway(g Gateway) { n.health.gateway = g }

// Start makes time pass.
func (n *Node) Start() {
	ctx, cancel := context.WithCancel(context.Background())
	n.stop = cancel
	n.host.Start()
	n.loops.Go(func() { n.feed.Run(ctx) })
	n.loops.Go(func() { n.finisher.run(ctx) })
}

// Close ends the node's goroutines and waits for them, with or without Drain before.
func (n *Node) Close() error {
	var err error
	if n.stop != nil {
		n.stop()
	}
	n.loops.Wait()
	if n.gossip != nil {
		err = n.gossip.Close()
	}
	if n.replica != nil {
		n.replica.Close()
	}
	for _, p := range n.view.Load().Links() {
		p.Close()
	}
	if n.server != nil {
		n.server.Close()
	}
	n.running.Wait()
	n.host.Close()
	return errors.Join(err, n.store.Close())
}

// ID is the node's name.
func (n *Node) ID() string { return n.name.ID }

// Settings are the node's timings and limits.
func (n *Node) Settings() Settings { return n.settings }

// Ready returns what keeps clients from being served well here, or nil. A node that was ready once
// stays so while partitions move: what it doesn't hold it asks for. It is not ready while it is
// left out of the ring, or apart from the owners: others serve its clients better.
func (n *Node) Ready() error { return n.health.ready() }

// Remark is what an operator should know of a node that is ready: what is wrong with its data
// directory, and that it has met no other node, and why. Empty if there is nothing.
func (n *Node) Remark() string { return n.health.remark() }

// Figures are those of all members, by id. A member that doesn't answer in time is missing: no
// figure is better than a wrong one. One whose links to this node are broken is asked through
// another node.
func (n *Node) Figures(ctx context.Context) map[string]Figures { return n.health.all(ctx) }

// partitionOf is the number of the partition that holds an id.
func (n *Node) partitionOf(id string) int { return n.host.PartitionOf(id) }
