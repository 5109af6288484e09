package cluster

import (
	"github.com/scaiwave/presence/cluster/gossip"
	"github.com/scaiwave/presence/cluster/link"
	"github.com/scaiwave/presence/cluster/message"
	"github.com/scaiwave/presence/cluster/unproven"
	"github.com/scaiwave/presence/shard/host"
)

// Stats are the node's figures.
func (n *Node) Stats() Stats {
	st := Stats{Stats: n.host.Stats(), Attached: n.devices.count()}
	st.Members, st.Expected = len(n.view.Load().Members), n.expect.nodes
	st.Lanes, st.LinksMissing = n.links.Lanes(), missingByClass(n.caller.Missing(n.view.Load()))
	st.Ports, st.LargePackets = portsOf(&n.links, n.known.gossip.Load())
	if g := n.joined.Load(); g != nil {
		st.Suspicions = g.Suspicions()
	}
	if n.replica == nil {
		return st
	}
	for p := range n.partitions {
		if n.host.Role(p) == host.Copy {
			st.Copies++
		}
	}
	r := n.replica.Stats()
	st.Moving, st.ReplicaFails = n.steward.Moving(), r.Failures
	c := &n.steward.Counters
	st.DiskFailed, st.DiskRefused = int(message.Bool(n.store.Words() != "")), n.asker.Owner.Refused()
	st.HalfMessages = n.finisher.dropped.Load()
	st.Promoted, st.Lost = c.Promoted.Load(), c.Lost.Load()
	st.HandedOver, st.StateRefused = c.HandedOver.Load(), c.Refused.Load()
	l := &n.links
	st.Relayed = n.caller.Relayed()
	st.FactsWaiting, st.FactsRefused = r.Waiting, r.Refused
	st.LinkFull, st.LinkRefused = l.Full.Load(), l.Refused.Load()
	st.LinkDialed, st.LinkLost = l.Dialed.Load(), l.Lost.Load()
	return st
}

// missingByClass counts the nodes to which no connection of a class works. All classes are in it.
func missingByClass(missing map[string][]string) map[string]int {
	counts := make(map[string]int)
	for _, c := range link.Classes {
		counts[c.String()] = 0
	}
	for _, classes := range missing {
		for _, c := range classes {
			counts[c]++
		}
	}
	return counts
}

// portsOf is what comes to the ports for other nodes. g is nil before gossip has begun, and of a
// node without ports.
func portsOf(l *link.Stats, g *gossip.Gossip) (ports map[string]PortFigures, large int64) {
	counts := &gossip.Counts{}
	if g != nil {
		counts = g.Counts()
	}
	return map[string]PortFigures{
		"peer":   portFigures(&l.Unproven, link.Strangers),
		"gossip": portFigures(&counts.Streams, gossip.Streams),
	}, counts.Large.Load()
}

func portFigures(c *unproven.Counts, limits unproven.Limits) PortFigures {
	return PortFigures{c.Open.Load(), limits.Conns, c.Closed.Load()}
}

// Describe is the cluster as this node sees it.
func (n *Node) Describe() Description {
	v := n.view.Load()
	d := Description{Partitions: n.partitions}
	if v.Table != nil {
		d.Fingerprint = v.Table.Fingerprint()
		for p := range n.partitions {
			place, _ := v.OwnerPlace(p)
			d.Owners = append(d.Owners, place)
		}
	}
	for _, m := range v.Members {
		owned := 0
		if v.Table != nil {
			owned = v.Table.Owned(m.Name.ID)
		}
		state := m.State
		if n.replica == nil {
			state = gossip.Serving
		}
		d.Members = append(d.Members, Member{
			ID: m.Name.ID, Role: m.Role.String(), State: state.String(), Partitions: owned, Self: m.Name == n.name,
			Out: v.IsOut(m.Name), Apart: m.Report.Apart, Broken: v.Reported(m.Report),
		})
	}
	if n.steward != nil {
		d.Moving = n.steward.Moving()
	}
	return d
}
