package main

import (
	"math"

	"github.com/scaiwave/presence/gateway"
	"github.com/scaiwave/presence/gateway/admit"
)

// admissionSettings bound what is taken before anything is known of a client.
type admissionSettings struct {
	MaxOpenConnections    int     `placeholder:"N" help:"Connections of --listen, of whatever kind. By default what the limit of open files allows."`
	MaxAddressConnections int     `placeholder:"N" help:"Of these, from one client address (IPv6: /64). By default an eighth, and for private addresses no limit."`
	MaxGreetings          int     `placeholder:"N" help:"Sockets that have not said hello. By default from the limit of open files, at most 4,096."`
	MaxAddressGreetings   int     `placeholder:"N" help:"Of these, from one client address. By default an eighth, and for private addresses no limit."`
	AnonymousRate         float64 `default:"${anonymous_rate}" placeholder:"N" help:"Answers a second to a client address that shows no good token; bursts of ${anonymous_burst} times that."`
	MinTransferRate       int     `default:"${min_transfer_rate}" placeholder:"BYTES" help:"Bytes a second that a header or a body must come with, after ${transfer_grace}."`
	HeaderMemory          int64   `default:"${header_memory}" placeholder:"BYTES" help:"Memory for headers over 16 KiB, which only requests with ids in their line may have."`
	TrustedProxies        cidrs   `placeholder:"CIDR" help:"Proxies that are believed when they name their client in X-Forwarded-For or Forwarded, such as 10.0.0.0/8."`
	ProxyProtocol         bool    `help:"The trusted proxies begin each connection with a PROXY header, version 1 or 2."`
}

// cidrs are networks, or addresses that stand for themselves.
type cidrs []cidr

// cidr is checked where it is written, so that the complaint can name the place.
type cidr string

// UnmarshalText refuses what is no network.
func (c *cidr) UnmarshalText(text []byte) error {
	if _, err := admit.ParseTrusted([]string{string(text)}); err != nil {
		return &wrongValue{string(text), "a network, such as 10.0.0.0/8, 2001:db8::/32 or 192.0.2.7"}
	}
	*c = cidr(text)
	return nil
}

func (c cidrs) trusted() admit.Trusted {
	texts := make([]string, len(c))
	for i, text := range c {
		texts[i] = string(text)
	}
	t, _ := admit.ParseTrusted(texts) // each was read before
	return t
}

// fillIn sets what follows from the limit of open files.
func (a *admissionSettings) fillIn(r room) {
	if a.MaxOpenConnections == 0 {
		a.MaxOpenConnections = r.public
	}
	if a.MaxGreetings == 0 {
		a.MaxGreetings = r.greetings
	}
}

// apply is what the gateway takes from the command line.
func (a *admissionSettings) apply(l *gateway.Admission, r room) {
	l.TrustedProxies, l.ProxyProtocol = a.TrustedProxies.trusted(), a.ProxyProtocol
	l.MaxOpen, l.MaxOpenByAddress, l.MaxAdmin = a.MaxOpenConnections, a.MaxAddressConnections, r.admin
	l.MaxGreetings, l.MaxGreetingsByAddress = a.MaxGreetings, a.MaxAddressGreetings
	l.AnonymousRate, l.AnonymousBurst = a.AnonymousRate, burst(a.AnonymousRate, gateway.AnonymousBurstSeconds)
	l.MinTransferRate, l.HeaderMemory = a.MinTransferRate, a.HeaderMemory
}

// burst is at least one: a rate below one a second still lets a first message through.
func burst(rate, seconds float64) int { return int(max(1, math.Ceil(rate*seconds))) }
