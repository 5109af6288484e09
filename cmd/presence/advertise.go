package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"slices"
	"strings"
)

// advertise gives the host that other nodes dial, for peers and gossip alike; empty: the host that
// gossip listens on. found says that it is neither written in a setting nor its name's address, but
// was found among those of this machine.
func (c *serveCommand) advertise(
	ctx context.Context, machine func() ([]net.Addr, error),
) (host string, found bool, err error) {
	if c.AdvertiseAddress != "" {
		return c.AdvertiseAddress, false, nil
	}
	peer, gossip := hostOf(c.PeerListen), hostOf(c.GossipListen)
	switch everyPeer, everyGossip := isEvery(peer), isEvery(gossip); {
	case everyPeer && everyGossip:
		all, err := machine()
		if err != nil {
			return "", false, fmt.Errorf("--advertise-address: this machine's addresses are not known: %w", err)
		}
		ip, err := privateAddress(all, peer == "0.0.0.0" || gossip == "0.0.0.0")
		if err != nil {
			return "", false, fmt.Errorf("--peer-listen=%s and --gossip-listen=%s are on every address: %w",
				c.PeerListen, c.GossipListen, err)
		}
		return ip.String(), true, nil
	case everyPeer:
		return gossip, false, c.agree(ctx)
	case everyGossip:
		return peer, false, c.agree(ctx)
	case peer == gossip:
		return "", false, nil
	}
	return "", false, c.agree(ctx)
}

// agree is an error unless other nodes can dial both listeners at one host.
func (c *serveCommand) agree(ctx context.Context) error {
	var hosts [2][]netip.Addr
	every, loopback := false, false
	for i, a := range []address{c.PeerListen, c.GossipListen} {
		if isEvery(hostOf(a)) {
			every = true
			continue
		}
		var err error
		if hosts[i], err = net.DefaultResolver.LookupNetIP(ctx, "ip", hostOf(a)); err != nil {
			return fmt.Errorf("%s: %w", a, err)
		}
		loopback = loopback || slices.ContainsFunc(hosts[i],
			func(ip netip.Addr) bool { return ip.Unmap().IsLoopback() })
	}
	both := slices.ContainsFunc(hosts[0], func(ip netip.Addr) bool { return slices.Contains(hosts[1], ip) })
	if both || every && !loopback {
		return nil
	}
	return fmt.Errorf("--peer-listen=%s and --gossip-listen=%s: other nodes dial one host for both; give both the "+
		"same, "+
		"or say which it is by --advertise-address", c.PeerListen, c.GossipListen)
}

func hostOf(a address) string {
	host, _, err := net.SplitHostPort(string(a))
	if err != nil { // UnmarshalText has seen to it
		return ""
	}
	return host
}

// isEvery reports whether a host to listen on means every address.
func isEvery(host string) bool {
	ip, err := netip.ParseAddr(host)
	return host == "" || err == nil && ip.Unmap().IsUnspecified()
}

// shared is RFC 6598, for networks behind a carrier's or a cloud's translation; netip counts it as
// public.
var shared = netip.MustParsePrefix("100.64.0.0/10")

// privateAddress is the one address of a machine that is in a private network: RFC 1918, RFC 6598,
// or unique local IPv6. With none, or several, only its owner knows which one other nodes reach.
func privateAddress(all []net.Addr, only4 bool) (netip.Addr, error) {
	var private []netip.Addr
	for _, a := range all {
		p, err := netip.ParsePrefix(a.String())
		if err != nil {
			continue
		}
		ip := p.Addr().Unmap()
		if (ip.IsPrivate() || shared.Contains(ip)) && !(only4 && ip.Is6()) && !slices.Contains(private, ip) {
			private = append(private, ip)
		}
	}
	switch len(private) {
	case 0:
		return netip.Addr{}, errors.New("this machine has no private address; say by --advertise-address what other " +
			"nodes dial")
	case 1:
		return private[0], nil
	}
	slices.SortFunc(private, netip.Addr.Compare)
	var texts []string
	for _, ip := range private {
		texts = append(texts, ip.String())
	}
	return netip.Addr{}, fmt.Errorf("this machine has several private addresses, %s; "+
		"say by --advertise-address which one other nodes dial", strings.Join(texts, ", "))
}
