package gossip

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net"
	"net/netip"
	"slices"
	"time"
)

// seed is what one of the seeds stands for at the moment.
type seed struct {
	text string // host:port, as it was given
	port string
	ips  []string // none: the name does not resolve
	err  error    // why not
}

// lookUp asks for each seed's addresses. A name that does not resolve is a trouble, and is asked
// again next time.
func (g *Gossip) lookUp(ctx context.Context) []seed {
	seeds := g.resolveAll(ctx)
	for _, s := range seeds {
		if s.err != nil && ctx.Err() == nil {
			g.trouble(unresolved, s.text, reason(s.err))
		}
	}
	return seeds
}

func (g *Gossip) resolveAll(ctx context.Context) (seeds []seed) {
	for _, text := range g.config.Seeds {
		s := seed{text: text}
		var host string
		if host, s.port, s.err = net.SplitHostPort(text); s.err == nil {
			s.ips, s.err = g.lookup(ctx, host)
		}
		seeds = append(seeds, s)
	}
	return seeds
}

func (g *Gossip) lookup(ctx context.Context, host string) ([]string, error) {
	if g.config.Lookup != nil && net.ParseIP(host) == nil {
		return g.config.Lookup(ctx, host)
	}
	return resolve(ctx, host)
}

// resolve asks the resolver each time, as the addresses behind a name change.
func resolve(ctx context.Context, host string) ([]string, error) {
	if net.ParseIP(host) != nil {
		return []string{host}, nil
	}
	ctx, cancel := context.WithTimeout(ctx, 2*time.Second)
	defer cancel()
	ips, err := net.DefaultResolver.LookupHost(ctx, host)
	if err == nil && len(ips) == 0 {
		err = fmt.Errorf("no address for %q", host)
	}
	return ips, err
}

// bindAddress turns the host of a listener into an IP address: given a name, memberlist would
// listen on every address.
func bindAddress(host string) (string, error) {
	if host == "" || net.ParseIP(host) != nil {
		return host, nil
	}
	ips, err := resolve(context.Background(), host)
	if err != nil {
		return "", err
	}
	if ip := listened(ips); net.ParseIP(ip) != nil {
		return ip, nil
	}
	return "", fmt.Errorf("gossip can't listen on %q, an address with a zone", host)
}

// listened is the one of a name's addresses at which Go's other listeners listen: the first IPv4
// one, if there is any.
func listened(ips []string) string {
	for _, ip := range ips {
		if plain(ip).Is4() {
			return ip
		}
	}
	return ips[0]
}

// addresses are where to try, as host:port in random order.
func addresses(seeds []seed) (all []string) {
	for _, s := range seeds {
		for _, ip := range s.ips {
			all = append(all, net.JoinHostPort(ip, s.port))
		}
	}
	rand.Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
	return all
}

// ForeignSeeds reports whether the seeds name any node but this one. A name that does not resolve
// may be another node's.
func (g *Gossip) ForeignSeeds(ctx context.Context) bool { return g.foreign(g.resolveAll(ctx)) }

// foreign is ForeignSeeds of resolved seeds. A name of this machine may stand for addresses of both
// families, and this node listens at one. So beside an address of this node, others of this machine
// don't count.
func (g *Gossip) foreign(seeds []seed) bool {
	here := g.machine()
	for _, s := range seeds {
		if len(s.ips) == 0 {
			return true
		}
		own := slices.ContainsFunc(s.ips, func(ip string) bool { return g.own(ip, s.port, here) })
		if slices.ContainsFunc(s.ips, func(ip string) bool {
			return !g.own(ip, s.port, here) && !(own && here[plain(ip)])
		}) {
			return true
		}
	}
	return false
}

// own reports whether an address is this node's: it advertises it, listens there, or was answered
// there by itself.
func (g *Gossip) own(ip, port string, here map[netip.Addr]bool) bool {
	at := net.JoinHostPort(ip, port)
	g.mu.Lock()
	echo := g.echoes[at]
	g.mu.Unlock()
	host, mine, err := net.SplitHostPort(g.Address())
	switch {
	case err != nil || echo:
		return echo
	case plain(ip) == plain(host):
		return port == mine
	case port != mine || g.config.Transport != nil:
		return false
	}
	bind := plain(g.bind)
	return bind == plain(ip) || here[plain(ip)] && (!bind.IsValid() || bind.IsUnspecified())
}

// machine are the addresses of this machine; none if the network is not the machine's.
func (g *Gossip) machine() map[netip.Addr]bool {
	here := make(map[netip.Addr]bool)
	if g.config.Transport != nil {
		return here
	}
	all, err := net.InterfaceAddrs()
	if err != nil {
		g.config.Logger.Debug("local addresses unknown", "error", err)
	}
	for _, a := range all {
		if p, err := netip.ParsePrefix(a.String()); err == nil {
			here[p.Addr().Unmap()] = true
		}
	}
	return here
}

// plain is an address without a zone, and IPv4 where it is that. It is invalid for other text.
func plain(ip string) netip.Addr {
	a, err := netip.ParseAddr(ip)
	if err != nil {
		return netip.Addr{}
	}
	return a.Unmap().WithZone("")
}
