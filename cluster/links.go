package cluster

import (
	"github.com/scaiwave/presence/cluster/link"
	"github.com/scaiwave/presence/cluster/view"
)

// linksHere are the classes of which no connection to another member works, by id.
func (n *Node) linksHere(v *view.View) map[string][]string {
	links := make(map[string][]string, len(v.Members))
	for place, m := range v.Members {
		if m.Name == n.name {
			continue
		}
		var missing []string
		for _, c := range link.Classes {
			if n.directAt(v, place, c) == nil {
				missing = append(missing, c.String())
			}
		}
		links[m.Name.ID] = missing
	}
	return links
}

// countLinks adds what is known of other nodes. All labels are there from the start.
func (n *Node) countLinks(st *Stats) {
	v := n.view.Load()
	st.Members, st.Expected = len(v.Members), n.expect.nodes
	st.Lanes, st.LinksMissing = n.links.Lanes(), make(map[string]int)
	for _, c := range link.Classes {
		st.LinksMissing[c.String()] = 0
	}
	for _, missing := range n.linksHere(v) {
		for _, c := range missing {
			st.LinksMissing[c]++
		}
	}
	n.countPorts(st)
	if n.joined.Load() {
		st.Suspicions = n.gossip.Suspicions()
	}
}
