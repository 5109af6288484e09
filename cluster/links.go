package cluster

import (
	"github.com/scaiwave/presence/cluster/link"
)

// countLinks adds what is known of other nodes. All labels are there from the start.
func (n *Node) countLinks(st *Stats) {
	v := n.view.Load()
	st.Members, st.Expected = len(v.Members), n.expect.nodes
	st.Lanes, st.LinksMissing = n.links.Lanes(), make(map[string]int)
	for _, c := range link.Classes {
		st.LinksMissing[c.String()] = 0
	}
	for _, missing := range n.caller.Missing(v) {
		for _, c := range missing {
			st.LinksMissing[c]++
		}
	}
	n.countPorts(st)
	if n.joined.Load() {
		st.Suspicions = n.gossip.Suspicions()
	}
}
