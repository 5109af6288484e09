package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"slices"

	"github.com/scaiwave/presence/cluster"
	"github.com/scaiwave/presence/cluster/link"
)

// peerFlags are the settings that do nothing for a node that opens no port for others. --data-dir
// is not among them, nor is --cluster-name: the viewer key is made of it.
var peerFlags = []string{
	"join-wait", "advertise-address", "gossip-key-file",
	"peer-tls-cert", "peer-tls-key", "peer-tls-ca", "allow-insecure-peers",
}

// opening are the settings that open the ports for other nodes.
const opening = "--join, --expect-nodes, --gossip-listen or --peer-listen"

// opensPeers reports whether other nodes can find this one.
func (c *serveCommand) opensPeers(given []string) bool {
	listens := slices.Contains(given, "peer-listen") || slices.Contains(given, "gossip-listen")
	return listens || len(c.Join) > 0 || c.ExpectNodes > 0
}

// idleFlags are those of given that do nothing, because there are no other nodes.
func (c *serveCommand) idleFlags(given []string) (idle []string) {
	for _, name := range given {
		if !c.wantsPeers && slices.Contains(peerFlags, name) {
			idle = append(idle, "--"+name)
		}
	}
	return idle
}

// peers binds what other nodes come to. A node that no other can find opens no port; what it must
// keep it keeps all the same. nil: nothing.
func (c *serveCommand) peers(ctx context.Context, log *slog.Logger) (*cluster.Peers, error) {
	if len(c.idle) > 0 {
		log.Warn("settings that do nothing: this node opens no port for others without "+opening, "settings", c.idle)
	}
	switch {
	case !c.wantsPeers && c.DataDir == "":
		return nil, nil
	case !c.wantsPeers:
		return &cluster.Peers{Role: c.Role, ClusterName: c.ClusterName, DataDir: c.DataDir}, nil
	}
	host, found, err := c.advertise(ctx, net.InterfaceAddrs)
	if err != nil {
		return nil, err
	}
	if found {
		log.Info("other nodes dial the private address of this machine", "address", host)
	}
	p := &cluster.Peers{
		Role: c.Role, GossipListen: string(c.GossipListen), Advertise: host, ClusterName: c.ClusterName,
		KeyFile: c.GossipKeyFile, KeyFailures: &c.keys.gossipFailures,
		Seeds: texts(c.Join), ExpectNodes: c.ExpectNodes, JoinWait: c.JoinWait, DataDir: c.DataDir,
	}
	if c.PeerTLSCert != "" {
		if p.TLS, err = link.LoadTLS(c.NodeID, c.PeerTLSCert, c.PeerTLSKey, c.PeerTLSCA,
			c.keys.options(&c.keys.peerFailures)); err != nil {
			return nil, err
		}
		c.keys.peers = p.TLS
	}
	if err := free(ctx, c.GossipListen); err != nil {
		return nil, err
	}
	p.Listener, err = bind(ctx, "--peer-listen", c.PeerListen)
	return p, err
}

func texts(all []address) (out []string) {
	for _, a := range all {
		out = append(out, string(a))
	}
	return out
}

// checkPeers holds the settings between nodes to what a cluster would: one that is safe alone only
// because it is alone is refused before it is copied.
func (c *serveCommand) checkPeers(ctx context.Context) error {
	peers, err := beyondLoopback(ctx, c.PeerListen)
	if err != nil {
		return fmt.Errorf("--peer-listen: %w", err)
	}
	gossip, err := beyondLoopback(ctx, c.GossipListen)
	if err != nil {
		return fmt.Errorf("--gossip-listen: %w", err)
	}
	if err := c.checkRole(); err != nil {
		return err
	}
	tls := c.PeerTLSCert != "" && c.PeerTLSKey != "" && c.PeerTLSCA != ""
	switch {
	case !tls && (c.PeerTLSCert != "" || c.PeerTLSKey != "" || c.PeerTLSCA != ""):
		return errors.New("--peer-tls-cert, --peer-tls-key and --peer-tls-ca go together; give all three")
	case c.AllowInsecurePeers:
		return nil
	case peers && !tls:
		return fmt.Errorf("--peer-listen=%s is beyond loopback and anyone could pose as a node; "+
			"give --peer-tls-cert, --peer-tls-key and --peer-tls-ca, or --allow-insecure-peers", c.PeerListen)
	case gossip && c.GossipKeyFile == "":
		return fmt.Errorf("--gossip-listen=%s is beyond loopback and anyone could pose as a node; "+
			"give --gossip-key-file, or --allow-insecure-peers", c.GossipListen)
	}
	return nil
}

// checkRole refuses a node that could do nothing, because it needs others and none finds it.
func (c *serveCommand) checkRole() error {
	switch {
	case c.ExpectNodes < 0 || c.ExpectNodes > cluster.MaxExpectNodes:
		return fmt.Errorf("--expect-nodes=%d: must be from 0, which expects none, to %d", c.ExpectNodes,
			cluster.MaxExpectNodes)
	case c.Role != "all" && !c.wantsPeers:
		return fmt.Errorf("--role=%s needs other nodes, and neither looks for any nor is found; give %s", c.Role,
			opening)
	}
	return nil
}
