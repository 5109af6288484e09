package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
)

// refuseAlone refuses what somebody relies on who asks for it, and what a single node can't give.
func (c *serveCommand) refuseAlone(given []string) error {
	switch {
	case slices.Contains(given, "join"):
		return errors.New("--join: this build runs a single node and joins nobody; leave it out")
	case slices.Contains(given, "data-dir"):
		return errors.New("--data-dir: this build runs a single node that keeps everything in memory and stores nothing; leave it out")
	case c.Role != "all":
		return fmt.Errorf("--role=%s: this build runs a single node, which must be all", c.Role)
	}
	return nil
}

// waitForPeers are the settings that a single node has nothing to do with.
var waitForPeers = []string{
	"join-wait", "peer-listen", "gossip-listen", "advertise-address", "cluster-name", "gossip-key-file",
	"peer-tls-cert", "peer-tls-key", "peer-tls-ca", "allow-insecure-peers",
}

// waiting are those of them that were given.
func (c *serveCommand) waiting(given []string) (names []string) {
	for _, name := range waitForPeers {
		if slices.Contains(given, name) {
			names = append(names, name)
		}
	}
	return names
}

// checkPeers holds the settings between nodes to what a cluster would: one that is safe alone only because it is alone is
// refused before somebody copies it.
func (c *serveCommand) checkPeers(ctx context.Context) error {
	peers, err := beyondLoopback(ctx, c.PeerListen)
	if err != nil {
		return fmt.Errorf("--peer-listen: %w", err)
	}
	gossip, err := beyondLoopback(ctx, c.GossipListen)
	if err != nil {
		return fmt.Errorf("--gossip-listen: %w", err)
	}
	tls := c.PeerTLSCert != "" && c.PeerTLSKey != "" && c.PeerTLSCA != ""
	switch {
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
