package gossip

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log"
	"net"
	"strconv"
	"time"

	"github.com/hashicorp/memberlist"

	"github.com/scaiwave/presence/cluster/keyfiles"
	"github.com/scaiwave/presence/cluster/link"
	"github.com/scaiwave/presence/shard/wake"
)

// New begins to listen. No other node is known before Join.
func New(c Config) (*Gossip, error) {
	g := &Gossip{
		config: c, announce: newTurn(), joining: newTurn(), changed: wake.New(), grown: wake.New(), seen: 1,
		strange: make(chan link.Name, maxStrange),
		members: make(map[string]located), lost: make(map[string]time.Time), echoes: make(map[string]bool),
		former: make(former), arrival: make(chan struct{}),
	}
	mc, err := g.memberlistConfig()
	if err != nil {
		return nil, err
	}
	host := cmp.Or(c.Advertise, mc.BindAddr)
	if ip := net.ParseIP(host); host == "" || ip != nil && ip.IsUnspecified() {
		return nil, fmt.Errorf("gossip on %s listens on every address; "+
			"say by --advertise-address which one others dial", c.Bind)
	}
	g.self = Member{
		Name: c.Name, Role: c.Role, State: Joining, Peer: net.JoinHostPort(host, strconv.Itoa(c.PeerPort)),
		Speaks: c.Terms.Range,
	}
	if g.meta, err = appendMeta(g.self, c.Terms.Text()); err != nil {
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

// create begins to listen, on the network unless Config has another transport.
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

// memberlistConfig is all that memberlist is told. The rest of its settings are its own for a LAN.
func (g *Gossip) memberlistConfig() (*memberlist.Config, error) {
	mc := memberlist.DefaultLANConfig()
	mc.Name, mc.Label, mc.Transport = g.config.Name.String(), g.config.ClusterName, g.config.Transport
	if err := g.locate(mc); err != nil {
		return nil, err
	}
	g.pace(mc)
	mc.DelegateProtocolMax = g.config.Terms.Beyond() // above the lowest; memberlist itself compares 0 with 0
	mc.Delegate, mc.Events, mc.Merge, mc.Alive, mc.Ping = delegate{g}, events{g}, merges{g}, alive{g}, pings{g}
	mc.Logger = log.New(levels{g}, "", 0)
	if g.config.KeyFile == "" {
		return mc, nil
	}
	var err error
	o := keyfiles.Options{Logger: g.config.Logger, Failures: g.config.KeyFailures}
	if g.keys, err = loadKeys(g.config.KeyFile, o); err != nil {
		return nil, err
	}
	mc.Keyring = g.keys.ring
	mc.GossipVerifyIncoming, mc.GossipVerifyOutgoing = true, true
	return mc, nil
}

// locate sets where to listen, and what others dial.
func (g *Gossip) locate(mc *memberlist.Config) error {
	host, port, err := net.SplitHostPort(g.config.Bind)
	if err == nil {
		g.bind, err = bindAddress(host)
	}
	if err != nil {
		return err
	}
	mc.BindAddr = g.bind
	if mc.BindPort, err = strconv.Atoi(port); err != nil {
		return fmt.Errorf("port %q: %w", port, err)
	}
	mc.AdvertisePort = mc.BindPort
	if g.config.Advertise == "" {
		return nil
	}
	ips, err := resolve(context.Background(), g.config.Advertise)
	if err != nil {
		return err
	}
	mc.AdvertiseAddr = ips[0]
	return nil
}

// pace sets how often to probe and to tell, and when a silent member is taken for dead.
func (g *Gossip) pace(mc *memberlist.Config) {
	mc.TCPTimeout = 2 * time.Second
	mc.ProbeInterval, mc.ProbeTimeout = 500*time.Millisecond, 200*time.Millisecond
	mc.SuspicionMult, mc.SuspicionMaxTimeoutMult = 4, 3
	mc.GossipInterval = 100 * time.Millisecond
	mc.RetransmitMult = 8 // with the default of 4, one of five nodes misses one change in a thousand
	if g.config.Timings == Fast {
		mc.ProbeInterval, mc.ProbeTimeout = 250*time.Millisecond, 100*time.Millisecond
		mc.SuspicionMult, mc.SuspicionMaxTimeoutMult = 3, 2
		mc.GossipInterval = 50 * time.Millisecond
	}
	g.suspicion = mc.SuspicionMult
	g.pacing = mc
}
