package gossip

import (
	"maps"
	"math"
	"net"
	"net/netip"
	"slices"
	"time"

	"github.com/hashicorp/memberlist"

	"github.com/scaiwave/presence/cluster/link"
)

// suspect notes that a member, by its gossip name, has answered a probe in no way.
func (g *Gossip) suspect(name string) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if _, is := g.members[name]; !is {
		return
	}
	if g.suspects.since == nil {
		g.suspects.since = make(map[string]time.Time)
	}
	if _, was := g.suspects.since[name]; !was {
		g.suspects.total++
	}
	g.suspects.since[name] = time.Now()
}

// unsuspect notes that a member has answered.
func (g *Gossip) unsuspect(name string) {
	g.mu.Lock()
	defer g.mu.Unlock()
	delete(g.suspects.since, name)
}

// Suspected are the ids of the members that this node suspects, in order.
func (g *Gossip) Suspected() (ids []string) {
	g.mu.Lock()
	defer g.mu.Unlock()
	limit := g.suspicionLimit(len(g.members))
	maps.DeleteFunc(g.suspects.since, func(_ string, since time.Time) bool { return time.Since(since) > limit })
	for name := range g.suspects.since {
		ids = append(ids, g.members[name].Name.ID)
	}
	slices.Sort(ids)
	return slices.Compact(ids)
}

// Suspicions is how many times this node has suspected another one.
func (g *Gossip) Suspicions() int64 {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.suspects.total
}

// suspicionLimit is how long memberlist waits at most before it takes a suspected member for dead,
// among so many members.
func (g *Gossip) suspicionLimit(members int) time.Duration {
	interval := g.pacing.ProbeInterval * time.Duration(g.pacing.SuspicionMaxTimeoutMult)
	return time.Duration(float64(suspicionMult(g.suspicion, members)) * scaleOf(members) * float64(interval))
}

// scaleOf is what memberlist multiplies the time of a suspicion by.
func scaleOf(members int) float64 { return max(1, math.Log10(float64(members))) }

// leastMult is the least that has memberlist want a second node that suspects a member, before it
// takes it for dead soon.
const leastMult = 3

// suspicionMult is memberlist's multiplier among so many members. memberlist waits longer in a
// large cluster, so that a refutation gets around. Here that takes a fraction of the time, as
// gossip is frequent. So the multiplier is less there, and a death is noticed as soon as among ten.
func suspicionMult(base, members int) int {
	return max(min(base, leastMult), int(math.Round(float64(base)/scaleOf(members))))
}

// pings is told of probes that were answered.
type pings struct{ *Gossip }

func (pings) AckPayload() []byte { return nil }

func (p pings) NotifyPingComplete(n *memberlist.Node, _ time.Duration, _ []byte) { p.unsuspect(n.Name) }

// Answers asks a member for a sign of life, and reports whether it came within the time of a probe.
func (g *Gossip) Answers(name link.Name) bool {
	g.mu.Lock()
	m, is := g.members[name.String()]
	g.mu.Unlock()
	if !is {
		return false
	}
	at, err := netip.ParseAddrPort(m.address)
	if err != nil {
		return false
	}
	_, err = g.list.Ping(name.String(), net.UDPAddrFromAddrPort(at))
	return err == nil
}
