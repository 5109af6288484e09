package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"

	"github.com/scaiwave/presence/cluster"
	"github.com/scaiwave/presence/cluster/link"
)

// peerFlags are the settings that only matter to a node that others can find.
var peerFlags = []string{
	"join", "join-wait", "peer-listen", "gossip-listen", "advertise-address", "role", "data-dir", "cluster-name", "gossip-key-file",
	"peer-tls-cert", "peer-tls-key", "peer-tls-ca", "allow-insecure-peers",
}

// peers binds what other nodes come to. Somebody who tries out a second node on one machine without a word about peers finds the
// default ports taken: that node stays alone.
func (c *serveCommand) peers(ctx context.Context, log *slog.Logger) (*cluster.Peers, error) {
	listener, err := bind(ctx, "--peer-listen", c.PeerListen)
	if err == nil {
		err = free(ctx, c.GossipListen)
	}
	if err != nil {
		if listener != nil {
			_ = listener.Close()
		}
		if c.wantsPeers {
			return nil, err
		}
		log.Warn("this node stays alone; for several on one machine give --peer-listen, --gossip-listen and --join", "because", err)
		return nil, nil
	}
	p := &cluster.Peers{
		Role: c.Role, Listener: listener, GossipListen: string(c.GossipListen), Advertise: c.AdvertiseAddress,
		ClusterName: c.ClusterName, KeyFile: c.GossipKeyFile, KeyFailures: &c.keys.gossipFailures, Seeds: texts(c.Join), JoinWait: c.JoinWait,
		DataDir: c.DataDir,
	}
	if c.PeerTLSCert != "" {
		if p.TLS, err = link.LoadTLS(c.NodeID, c.PeerTLSCert, c.PeerTLSKey, c.PeerTLSCA, c.keys.options(&c.keys.peerFailures)); err != nil {
			_ = listener.Close()
			return nil, err
		}
		c.keys.peers = p.TLS
	}
	return p, nil
}

func texts(all []address) (out []string) {
	for _, a := range all {
		out = append(out, string(a))
	}
	return out
}

// free says whether an address can be listened at, before there is something to undo.
func free(ctx context.Context, at address) error {
	l, err := bind(ctx, "--gossip-listen", at)
	if err != nil {
		return err
	}
	return l.Close()
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
