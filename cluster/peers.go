package cluster

import (
	"github.com/scaiwave/presence/cluster/call"
	"github.com/scaiwave/presence/cluster/link"
	"github.com/scaiwave/presence/cluster/view"
)

// peers are the other nodes, for what is replicated and handed over to them.
type peers struct {
	*call.Caller
	known *known
}

// speaks is the highest protocol that a node speaks. Of one that is no member any more, or not yet,
// it is what all members speak.
func (n *Node) speaks(name link.Name) int {
	v := n.view.Load()
	if place, found := v.Places[name.ID]; found && v.Members[place].Name == name {
		return v.Members[place].Speaks.Highest
	}
	return v.Protocol
}

// IsCutOff is part of replica.Peers: a node lives, as it answers gossip, though a call to it has
// just failed and it is silent on its links. It takes as long as a probe may.
func (p peers) IsCutOff(name link.Name) bool {
	return !p.Hears(name) && p.known.answers(name)
}

// Reachable is part of handoff.Peers.
func (p peers) Reachable(v *view.View, name link.Name) bool {
	return p.Caller.Reachable(v, v.Places[name.ID])
}

// Introduce is part of handoff.Peers.
func (p peers) Introduce(to link.Name) { p.known.Introduce(to) }
