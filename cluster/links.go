package cluster

import (
	"github.com/scaiwave/presence/cluster/gossip"
	"github.com/scaiwave/presence/cluster/link"
)

// reported are the ids of the members to which a report says that links are broken.
func (v *view) reported(r gossip.Report) (ids []string) {
	if len(r.Broken) == 0 {
		return nil
	}
	for _, m := range v.members {
		if r.Names(m.Name) {
			ids = append(ids, m.Name.ID)
		}
	}
	return ids
}

// linksHere are the classes of which no connection to another member works, by id.
func (n *Node) linksHere(v *view) map[string][]string {
	links := make(map[string][]string, len(v.members))
	for place, m := range v.members {
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
	st.Members, st.Expected = len(v.members), n.expect.nodes
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
