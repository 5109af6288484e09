package admit

import (
	"net/netip"
	"sync"
)

// Places count something by client address: connections, requests, sockets. Memory follows those
// who have one.
type Places struct {
	limit    int
	near     bool // addresses of private networks are limited, too
	excepted Trusted

	mu sync.Mutex
	of map[netip.Prefix]int
}

// NewPlaces allows limit to each address but the excepted ones. With 0 it is an eighth of all, for
// addresses of the internet alone: what comes from a private network may be a proxy that nobody has
// named.
func NewPlaces(limit, all int, excepted Trusted) *Places {
	p := &Places{limit: limit, near: limit > 0, excepted: excepted, of: make(map[netip.Prefix]int)}
	if limit == 0 {
		p.limit = max(all/8, 1)
	}
	return p
}

// Limit is how many places an address has.
func (p *Places) Limit() int { return p.limit }

func (p *Places) counts(a netip.Addr) bool {
	return a.IsValid() && (p.near || !Near(a)) && !p.excepted.Contains(a)
}

// Name is what an address that is limited is called where it has a share of something; empty for
// one that isn't.
func (p *Places) Name(a netip.Addr) string {
	if p == nil || !p.counts(a) {
		return ""
	}
	return Key(a).String()
}

// Take takes one of a's places; false: it has all of them. If true, Give must follow.
func (p *Places) Take(a netip.Addr) bool {
	if !p.counts(a) {
		return true
	}
	key := Key(a)
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.of[key] >= p.limit {
		return false
	}
	p.of[key]++
	return true
}

// Give gives a place back that Take took.
func (p *Places) Give(a netip.Addr) {
	if !p.counts(a) {
		return
	}
	key := Key(a)
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.of[key]--; p.of[key] == 0 {
		delete(p.of, key)
	}
}

// Addresses is how many addresses have a place.
func (p *Places) Addresses() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return len(p.of)
}
