package admit

import (
	"fmt"
	"net"
	"net/netip"
	"strings"
)

// Trusted are the proxies that are believed when they say who their client is.
type Trusted []netip.Prefix

// ParseTrusted reads CIDRs, or addresses that stand for themselves.
func ParseTrusted(texts []string) (Trusted, error) {
	var t Trusted
	for _, text := range texts {
		p, err := netip.ParsePrefix(text)
		if a, e := netip.ParseAddr(text); e == nil {
			p, err = netip.PrefixFrom(a, a.BitLen()), nil
		}
		if err != nil {
			return nil, fmt.Errorf("admit: %q is no network; it must be like 10.0.0.0/8, 2001:db8::/32 or 192.0.2.7",
				text)
		}
		t = append(t, unmapPrefix(p).Masked())
	}
	return t, nil
}

// unmapPrefix makes an IPv4 prefix of one that is written as IPv6: addresses are compared unmapped.
func unmapPrefix(p netip.Prefix) netip.Prefix {
	if p.Addr().Is4In6() && p.Bits() >= 96 {
		return netip.PrefixFrom(p.Addr().Unmap(), p.Bits()-96)
	}
	return p
}

// Contains reports whether a is one of the proxies.
func (t Trusted) Contains(a netip.Addr) bool {
	for _, p := range t {
		if p.Contains(a) {
			return true
		}
	}
	return false
}

// AddrOf returns the IP address of a socket's end; the zero Addr if it has none, as a pipe.
func AddrOf(a net.Addr) netip.Addr {
	if tcp, ok := a.(*net.TCPAddr); ok {
		return plain(tcp.AddrPort().Addr())
	}
	if a == nil {
		return netip.Addr{}
	}
	ap, err := netip.ParseAddrPort(a.String())
	if err != nil {
		return netip.Addr{}
	}
	return plain(ap.Addr())
}

func plain(a netip.Addr) netip.Addr { return a.Unmap().WithZone("") }

// Key is what limits by address count: an IPv4 address, or the /64 of an IPv6 one.
func Key(a netip.Addr) netip.Prefix {
	bits := a.BitLen()
	if a.Is6() {
		bits = 64
	}
	p, _ := a.Prefix(bits)
	return p
}

// carrier is the address space between a provider and its customers (RFC 6598), which clusters use
// as a private one, too.
var carrier = netip.MustParsePrefix("100.64.0.0/10")

// Near reports whether a is of this machine or of a private network.
func Near(a netip.Addr) bool {
	return !a.IsValid() || a.IsLoopback() || a.IsPrivate() || a.IsLinkLocalUnicast() || carrier.Contains(a)
}

// parseHop reads an address as proxies write it: with or without a port, IPv6 with or without
// brackets.
func parseHop(text string) (netip.Addr, bool) {
	text = strings.TrimSpace(text)
	if ap, err := netip.ParseAddrPort(text); err == nil {
		return plain(ap.Addr()), true
	}
	a, err := netip.ParseAddr(strings.TrimSuffix(strings.TrimPrefix(text, "["), "]"))
	return plain(a), err == nil
}
