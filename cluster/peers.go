package cluster

import (
	"github.com/scaiwave/presence/cluster/call"
	"github.com/scaiwave/presence/cluster/link"
)

// peers are the other nodes, for those who replicate to them.
type peers struct {
	*call.Caller
	known *known
}

// IsCutOff is part of replica.Peers: a node lives, as it answers gossip, though a call to it has
// just failed and it is silent on its links. It takes as long as a probe may.
func (p peers) IsCutOff(name link.Name) bool {
	return !p.Hears(name) && p.known.answers(name)
}
