package cluster

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"sync"
	"sync/atomic"
	"time"

	"github.com/cespare/xxhash/v2"
	"github.com/hashicorp/memberlist"

	"github.com/scaiwave/presence/cluster/call"
	"github.com/scaiwave/presence/cluster/gossip"
	"github.com/scaiwave/presence/cluster/keep"
	"github.com/scaiwave/presence/cluster/link"
	"github.com/scaiwave/presence/cluster/message"
	"github.com/scaiwave/presence/cluster/replica"
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
	Version    string           // of the program, for others to see
	Peers      *Peers           // nil: the node is alone, and stays so
	Logger     *slog.Logger     // nil: none
	Clock      func() time.Time // nil: time.Now; what stamps are made of, and ticks are counted by
}

// Peers is what a node needs to be one of several.
type Peers struct {
	Role         string       // shard, gateway or all
	Listener     net.Listener // where other nodes come; the node closes it. nil: none can, and no port is opened for gossip either
	TLS          *link.TLS    // nil: plain
	GossipListen string       // host:port, TCP and UDP
	Advertise    string       // host that others dial; empty: that of GossipListen
	ClusterName  string
	KeyFile      string        // keys that encrypt gossip; see package gossip
	KeyFailures  *atomic.Int64 // looks at KeyFile that found no keys to use; nil: not counted
	Seeds        []string      // host:port of other nodes' gossip
	ExpectNodes  int           // not ready before so many were seen at once, this one included; MaxExpectNodes at most
	JoinWait     time.Duration
	DataDir      string // where to keep what must survive a stop of the whole cluster; empty: nowhere
	FastGossip   bool   // for tests; see package gossip

	// For tests in virtual time.
	Transport memberlist.Transport                                                 // nil: the network
	Dial      func(ctx context.Context, network, address string) (net.Conn, error) // likewise
	Sync      func()                                                               // called before each sync of a file in DataDir; nil: nothing is
	Lookup    gossip.Lookup                                                        // likewise, for the names of seeds
}

// Node is this process's place in the cluster: it finds the owner of a participant and asks it. All methods but SetSink
// are safe for concurrent use. Ids must be valid (shard.ValidateParticipant, shard.ValidateDevice).
type Node struct {
	// static
	name       link.Name
	role       gossip.Role
	version    string
	partitions int
	settings   Settings
	log        *slog.Logger
	clock      func() time.Time
	host       *host.Host
	replica    *replica.Mirror   // nil: the node is alone
	receiver   *replica.Receiver // likewise
	steward    *steward          // likewise
	store      *keep.Store       // nil: nothing is kept
	disks      disks
	sink       Sink            // nil: there is no gateway
	feed       *watch.Feed     // what the gateway here watches
	gateways   *watch.Gateways // what others watch here
	gateway    Gateway         // nil: there is none
	finisher   *finisher
	tokens     tokens
	swept      swept
	caller     *call.Caller
	local      link.Local
	links      link.Stats
	config     *Peers
	expect     expectation
	stop       context.CancelFunc
	loops      sync.WaitGroup // what acts by itself
	running    sync.WaitGroup // what it, or a peer, has caused

	gossip *gossip.Gossip // made by Join
	server *link.Server   // likewise
	view   atomic.Pointer[view.View]

	looking sync.Mutex  // serialises look
	reached atomic.Bool // by another node, over a link
	joined  atomic.Bool // others have been told that it serves
	ready   atomic.Bool // it has been, once
}

// New makes a node. One that is alone owns every partition; one with peers owns nothing before Join. Start starts it.
func New(c Config) (*Node, error) {
	if err := shard.ValidateParticipant(c.NodeID); err != nil {
		return nil, fmt.Errorf("node-id %q: %w", c.NodeID, err)
	}
	if c.Partitions == 0 {
		c.Partitions = DefaultPartitions
	}
	if c.Logger == nil {
		c.Logger = slog.New(slog.DiscardHandler)
	}
	n := &Node{
		name:    link.Name{ID: c.NodeID, Boot: fmt.Sprintf("%016x", time.Now().UnixNano())},
		version: c.Version, partitions: c.Partitions, settings: c.Settings, log: c.Logger, config: c.Peers, clock: c.Clock,
	}
	if n.clock == nil {
		n.clock = time.Now
	}
	hc := host.Config{Partitions: c.Partitions, Node: xxhash.Sum64String(c.NodeID), Settings: c.Settings, Clock: c.Clock}
	n.caller = call.New(n.name, &n.view, n.partitionOf)
	if c.Peers != nil {
		var err error
		if n.role, err = gossip.ParseRole(c.Peers.Role); err != nil {
			return nil, err
		}
		n.replica = replica.NewMirror(c.Partitions, peers{n})
		n.steward = newSteward(n)
		hc.Mirror, hc.Gap = n.replica, n.steward.doubt
		hc.Illegal = func(err error) { n.log.Error("a partition's move was refused", "error", err) }
	}
	var err error
	if n.host, err = host.New(hc); err != nil {
		return nil, err
	}
	if c.Peers != nil && c.Peers.DataDir != "" {
		if n.store, err = keep.Open(keep.Config{
			Dir: c.Peers.DataDir, Node: c.NodeID, Host: n.host, Partitions: c.Partitions,
			Log: c.Logger, Clock: n.clock, Syncing: c.Peers.Sync,
		}); err != nil {
			return nil, err
		}
	}
	if c.Peers != nil {
		n.replica.Bind(n.host, n.store)
		n.receiver = replica.NewReceiver(c.Partitions, n.steward, n.store)
		n.expect.nodes, n.expect.known = c.Peers.ExpectNodes, n.store.KnowsCluster(c.Peers.ClusterName)
	}
	n.view.Store(view.New([]gossip.Member{{Name: n.name, Role: n.role}}, c.Partitions, nil))
	n.finisher = newFinisher(n)
	n.gateways = watch.NewGateways(n.host, n.log)
	n.feed, err = newFeed(n)
	return n, err
}

// SetGateway says of what gateway others are told. Once, before Start.
func (n *Node) SetGateway(g Gateway) { n.gateway = g }

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

// Stats are the node's figures.
func (n *Node) Stats() Stats {
	st := Stats{Stats: n.host.Stats(), Attached: n.tokens.count()}
	n.countLinks(&st)
	if n.replica == nil {
		return st
	}
	for p := range n.partitions {
		if n.host.Role(p) == host.Copy {
			st.Copies++
		}
	}
	r := n.replica.Stats()
	st.Moving, st.ReplicaFails = n.steward.moving(), r.Failures
	c := &n.steward.counters
	st.DiskFailed, st.DiskRefused = int(message.Bool(n.store.Words() != "")), n.disks.refused.Load()
	st.HalfMessages = n.finisher.dropped.Load()
	st.Promoted, st.Lost, st.HandedOver, st.StateRefused = c.promoted.Load(), c.lost.Load(), c.handedOver.Load(), c.refused.Load()
	l := &n.links
	st.Relayed = n.caller.Relayed()
	st.FactsWaiting, st.FactsRefused = r.Waiting, r.Refused
	st.LinkFull, st.LinkRefused, st.LinkDialed, st.LinkLost = l.Full.Load(), l.Refused.Load(), l.Dialed.Load(), l.Lost.Load()
	return st
}

// Describe is the cluster as this node sees it.
func (n *Node) Describe() Description {
	v := n.view.Load()
	d := Description{Partitions: n.partitions}
	if v.Table != nil {
		d.Fingerprint = v.Table.Fingerprint()
		for p := range n.partitions {
			place, _ := v.OwnerPlace(p)
			d.Owners = append(d.Owners, place)
		}
	}
	for _, m := range v.Members {
		owned := 0
		if v.Table != nil {
			owned = v.Table.Owned(m.Name.ID)
		}
		state := m.State
		if n.replica == nil {
			state = gossip.Serving
		}
		d.Members = append(d.Members, Member{
			ID: m.Name.ID, Role: m.Role.String(), State: state.String(), Partitions: owned, Self: m.Name == n.name,
			Out: v.IsOut(m.Name), Apart: m.Report.Apart, Broken: v.Reported(m.Report),
		})
	}
	if n.steward != nil {
		d.Moving = n.steward.moving()
	}
	return d
}

// errorOf is the error that an outcome stands for.
func errorOf(o shard.Outcome) error {
	switch o {
	case shard.Done:
		return nil
	case shard.Replaced:
		return ErrReplaced
	case shard.Gone:
		return ErrGone
	case shard.TooMany:
		return ErrTooManyDevices
	case shard.Erased:
		return ErrErased
	case busy:
		return ErrCrowded
	default:
		return ErrUnavailable
	}
}

// partitionOf is the number of the partition that holds an id.
func (n *Node) partitionOf(id string) int { return n.host.PartitionOf(id) }
