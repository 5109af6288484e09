package gateway

import (
	"cmp"
	"errors"
	"fmt"
	"time"

	"github.com/scaiwave/presence/gateway/admit"
)

// Validate names the first limit that is out of bounds, and the bounds.
func (l *Limits) Validate() error {
	return errors.Join(l.checkCounts(), l.checkRates(), l.checkTimes(), l.checkTogether())
}

// bounded is a limit and its bounds. A limit with a flag has the name of the flag.
type bounded[T cmp.Ordered] struct {
	name        string
	value       T
	least, most T
}

// first returns an error that names the first limit out of bounds.
func first[T cmp.Ordered](limits []bounded[T]) error {
	for _, l := range limits {
		if l.value < l.least || l.value > l.most {
			return fmt.Errorf("gateway: %s is %v; it must be %v to %v", l.name, l.value, l.least, l.most)
		}
	}
	return nil
}

func (l *Limits) checkCounts() error {
	return first([]bounded[int]{
		{"max-connections", l.MaxConnections, 1, 10_000_000},
		{"max-sockets", l.MaxSockets, 1, 100_000},
		{"service-sockets", l.ServiceSockets, 1, 1_000_000},
		{"max watched ids", l.MaxWatched, 1, 1_000_000},
		{"message burst", l.MessageBurst, 1, 1_000_000},
		{"max ids", l.MaxIDs, 1, 100_000},
		{"max query ids", l.MaxQueryIDs, 1, 1_000_000},
		{"max items", l.MaxItems, 1, 1_000_000},
		{"max body bytes", l.MaxBodyBytes, 1 << 10, 1 << 30},
		{"max greeting bytes", l.MaxGreetingBytes, 1 << 10, 1 << 20},
		{"max message bytes", l.MaxMessageBytes, 1 << 10, 1 << 30},
		{"max request line bytes", l.MaxRequestLineBytes, 1 << 10, 16 << 20},
		{"participant burst", l.ParticipantBurst, 1, 1_000_000},
		{"participant ids burst", l.ParticipantIDsBurst, l.LeastIDsBurst(), 1_000_000_000},
		{"stranger-limit", l.StrangerLimit, 0, mostStrangers},
		{"max-open-connections", l.MaxOpen, 1, 10_000_000},
		{"max-address-connections", l.MaxOpenByAddress, 0, 10_000_000},
		{"max admin connections", l.MaxAdmin, 1, 100_000},
		{"max-greetings", l.MaxGreetings, 1, 10_000_000},
		{"max-address-greetings", l.MaxGreetingsByAddress, 0, 10_000_000},
		{"max header bytes", l.MaxHeaderBytes, 1 << 10, 1 << 20},
		{"header-memory", int(l.HeaderMemory), 1 << 20, 1 << 40},
		{"min-transfer-rate", l.MinTransferRate, 1, 1 << 30},
		{"anonymous burst", l.AnonymousBurst, 1, 1_000_000_000},
	})
}

// LeastIDsBurst lets a participant make any one call.
func (l *Limits) LeastIDsBurst() int { return max(l.MaxQueryIDs, l.MaxBodyBytes/admit.BytesPerID) }

const mostRate = 1e6 // a second

func (l *Limits) checkRates() error {
	for _, r := range []struct {
		name  string
		value float64
	}{
		{"participant-rate", l.ParticipantRate},
		{"participant-ids-rate", l.ParticipantIDsRate},
		{"connection-rate", l.MessageRate},
		{"anonymous-rate", l.AnonymousRate},
	} {
		if !(r.value > 0 && r.value <= mostRate) { // nor is it no number
			return fmt.Errorf("gateway: %s is %v a second; it must be more than 0 and at most a million", r.name,
				r.value)
		}
	}
	return nil
}

func (l *Limits) checkTimes() error {
	var times []bounded[time.Duration]
	for _, t := range []struct {
		name  string
		value time.Duration
	}{
		{"room wait", l.RoomWait},
		{"flood time", l.FloodTime},
		{"read wait", l.ReadWait},
		{"write wait", l.WriteWait},
		{"answer timeout", l.AnswerTimeout},
		{"hello timeout", l.HelloTimeout},
		{"close timeout", l.CloseTimeout},
		{"slow after", l.SlowAfter},
		{"grace", l.Grace},
		{"stranger idle", l.StrangerIdle},
		{"events keep-alive", l.EventsKeepAlive},
	} {
		times = append(times, bounded[time.Duration]{t.name, t.value, time.Millisecond, time.Hour})
	}
	return first(times)
}

// checkTogether refuses limits that are good alone, and not beside each other.
func (l *Limits) checkTogether() error {
	if least := l.LeastRequestMemory(); l.RequestMemory < least {
		return fmt.Errorf("gateway: request-memory is %d bytes; it must be at least %d, "+
			"which two of the largest queries take", l.RequestMemory, least)
	}
	if l.ProxyProtocol && len(l.TrustedProxies) == 0 {
		return errors.New("gateway: the PROXY protocol is taken from trusted proxies alone; name them")
	}
	return nil
}
